import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { describe, expect, it } from 'vitest';
import { createOnnxRuntime, ortWasm, prepareOrt } from '../../models/engine/onnx-runtime.ts';
import { twinOf } from '../../models/engine/risk/twin.ts';
import { createNodeRuntime, sha256 } from '../../server/ort.ts';
import { creatinineEquation } from './sample-regressions.ts';

const bytes = twinOf(creatinineEquation);
const graph = { id: 'sample', url: '/sample.onnx', sha256: await sha256(bytes) };
const x = { dtype: 'float64', dims: [1, 3], data: Float64Array.of(60, 1, 0.9) } as const;

describe('ONNX Runtime behind the engine', () => {
  it('runs the plain wasm build that needs no eval, at the pinned version', async () => {
    const root = fileURLToPath(new URL('../../node_modules/onnxruntime-web/', import.meta.url));
    expect(JSON.parse(await readFile(`${root}package.json`, 'utf8')).version).toBe(ortWasm.version);
    expect(await sha256(await readFile(`${root}dist/${ortWasm.file}`))).toBe(ortWasm.sha256);
    expect(await readFile(`${root}dist/ort.wasm.bundle.min.mjs`, 'utf8')).not.toMatch(/new Function|\beval\(/);
  });

  it('refuses a binary with one flipped byte before it is instantiated', async () => {
    const wasm = new Uint8Array(
      await readFile(new URL(`../../node_modules/onnxruntime-web/dist/${ortWasm.file}`, import.meta.url)),
    );
    wasm[1000] = (wasm[1000] ?? 0) ^ 1;
    await expect(prepareOrt({ ort, wasm, sha256 })).rejects.toMatchObject({ code: 'model-digest-mismatch' });
  });

  it('refuses a model with one flipped byte, and never opens it', async () => {
    const flipped = bytes.slice();
    flipped[bytes.length - 1] = (flipped[bytes.length - 1] ?? 0) ^ 1;
    const opened: unknown[] = [];
    const InferenceSession = {
      create: async (given: unknown) => opened.push(given),
    } as unknown as typeof ort.InferenceSession;
    const runtime = createOnnxRuntime({ ort: { ...ort, InferenceSession }, load: async () => flipped, sha256 });
    await expect(runtime.predict(graph, { x })).rejects.toMatchObject({ code: 'model-digest-mismatch' });
    expect(opened).toEqual([]);
  });

  it('says a model is unavailable when it cannot be fetched, opened or run, without a word about the patient', async () => {
    const unreachable = await createNodeRuntime({ load: async () => Promise.reject(new Error('down')) });
    await expect(unreachable.predict(graph, { x })).rejects.toMatchObject({ code: 'model-unavailable' });

    const nonsense = new TextEncoder().encode('no model');
    const broken = await createNodeRuntime({ load: async () => nonsense });
    const asNonsense = { ...graph, sha256: await sha256(nonsense) };
    await expect(broken.predict(asNonsense, { x })).rejects.toMatchObject({ code: 'model-unavailable' });

    const runtime = await createNodeRuntime({ load: async () => bytes });
    const wrongShape = { dtype: 'float64', dims: [1, 2], data: Float64Array.of(61.25, 1) } as const;
    await expect(runtime.predict(graph, { x: wrongShape })).rejects.toMatchObject({
      code: 'model-unavailable',
      message: expect.not.stringContaining('61.25'),
    });
  });

  it('fetches and checks a model once, however often and however concurrently it is asked', async () => {
    let fetched = 0;
    const runtime = await createNodeRuntime({
      load: async () => {
        fetched += 1;
        return bytes;
      },
    });
    const answers = await Promise.all(Array.from({ length: 8 }, () => runtime.predict(graph, { x })));
    expect(fetched).toBe(1);
    expect(new Set(answers.map(({ y }) => y?.data[0])).size).toBe(1);
  });

  it('may be asked again after a failed fetch', async () => {
    let attempts = 0;
    const runtime = await createNodeRuntime({
      load: async () => {
        attempts += 1;
        return attempts === 1 ? Promise.reject(new Error('down')) : bytes;
      },
    });
    await expect(runtime.predict(graph, { x })).rejects.toMatchObject({ code: 'model-unavailable' });
    expect((await runtime.predict(graph, { x })).y?.dims).toEqual([1, 1]);
  });
});
