import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { exposureGraph, graphRow, PATHWAYS } from '../../../models/engine/exposure/graph.ts';
import { runGraph } from '../../../models/engine/exposure/graph-check.ts';
import { exposureOf, type Factor } from '../../../models/engine/exposure/model.ts';
import type { Graph, Runtime } from '../../../models/engine/runtime.ts';
import { createNodeRuntime, sha256 } from '../../../server/ort.ts';

let graph: Graph;
let runtime: Runtime;
beforeAll(async () => {
  const bytes = exposureGraph();
  graph = { id: 'exposure', url: '/exposure', sha256: await sha256(bytes) };
  runtime = await createNodeRuntime({ load: async () => bytes });
});

/** Parts of one elimination: their CR add up to less than one. */
const factors = fc
  .record({
    pathways: fc.subarray([...PATHWAYS], { minLength: 1, maxLength: 6 }),
    cr: fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
    fa: fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 }),
    ir: fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 6, maxLength: 6 }),
    ic: fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 6, maxLength: 6 }),
  })
  .map(({ pathways, cr, fa, ir, ic }): Factor[] =>
    pathways.map((pathway, index) => ({
      pathway,
      cr: ((cr[index] ?? 0) * 0.98) / pathways.length,
      fa: fa[index] ?? 1,
      ir: ir[index] ?? 0,
      ic: ic[index] ?? 0,
    })),
  );

describe('the exposure sum as an ONNX graph', () => {
  it('gives the number of the TypeScript to 1e-9 in ONNX Runtime', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(factors, { minLength: 1, maxLength: 8 }), async (rows) => {
        const ratios = await runGraph(rows, graph, runtime);
        for (const [index, row] of rows.entries()) {
          const expected = exposureOf(row);
          expect(Math.abs((ratios[index] ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, expected));
        }
      }),
      { numRuns: 60 },
    );
  });
  it('is the same file every time', () => {
    expect(exposureGraph()).toEqual(exposureGraph());
  });
  it('refuses a pathway that it does not have', () => {
    expect(() => graphRow([{ pathway: 'CYP9Z9', cr: 0.5, fa: 1, ir: 0, ic: 0 }])).toThrow(RangeError);
  });
});
