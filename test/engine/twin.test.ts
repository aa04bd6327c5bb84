import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputBinding, RegressionModel } from '../../models/engine/library.ts';
import { scoreRegression } from '../../models/engine/risk/regression.ts';
import { twinFeatures, twinOf } from '../../models/engine/risk/twin.ts';
import { checkTwin } from '../../models/engine/risk/twin-check.ts';
import type { Runtime } from '../../models/engine/runtime.ts';
import { loadLibrary } from '../../server/library.ts';
import { createNodeRuntime, sha256 } from '../../server/ort.ts';
import { creatinineEquation, everyOperation, splineEquation } from './sample-regressions.ts';

type Values = Readonly<Record<string, number>>;

/** The model with its twin, and a runtime that has the twin's bytes. */
async function withTwin(model: RegressionModel, bytes = twinOf(model)): Promise<[RegressionModel, Runtime]> {
  const twin = { sha256: await sha256(bytes), url: `/${model.id}`, features: twinFeatures(model) };
  return [{ ...model, twin }, await createNodeRuntime({ load: async () => bytes })];
}

const sexCode = fc.constantFrom(0, 1);
const age = fc.integer({ min: 18, max: 110 });
const positive = fc.double({ min: 0.05, max: 8, noNaN: true });
const around = (knot: number) =>
  fc.oneof(fc.constantFrom(knot, knot - 1e-12, knot + 1e-12), fc.double({ min: 1, max: 220, noNaN: true }));
const cases: readonly { model: RegressionModel; inputs: fc.Arbitrary<Values> }[] = [
  {
    model: creatinineEquation,
    inputs: fc.record({ age, sex: sexCode, creatinine: fc.oneof(fc.constantFrom(0.7, 0.9), positive) }),
  },
  { model: splineEquation, inputs: fc.record({ age, sex: sexCode, systolic: around(110), egfr: around(60) }) },
  {
    model: everyOperation,
    inputs: fc.record({
      a: fc.oneof(fc.constantFrom(0, 1, 2, -1), fc.double({ min: -4, max: 4, noNaN: true })),
      b: fc.oneof(fc.constantFrom(1, 2), positive),
    }),
  },
];

/** Whole numbers too, because the knots are whole. */
function plausible(input: InputBinding): [string, fc.Arbitrary<number | undefined>] {
  const [name, given] = present(input);
  return [name, input.missing ? fc.option(given, { nil: undefined }) : given];
}

function present({ name, codes, range = [0.3, 6] }: InputBinding): [string, fc.Arbitrary<number>] {
  if (codes) return [name, fc.constantFrom(...Object.values(codes))];
  const [low, high] = range;
  const whole = fc.integer({ min: Math.ceil(low), max: Math.floor(high) });
  return [name, fc.oneof(whole, fc.double({ min: low * 0.9, max: high * 1.1, noNaN: true }))];
}

function hasValue(entry: [string, number | undefined]): entry is [string, number] {
  return entry[1] !== undefined;
}

describe('the ONNX twin of a published equation', () => {
  it.each(cases)(
    'gives the same number as the equation to 1e-9, spline knots included ($model.id)',
    async ({ model, inputs }) => {
      const [twinned, runtime] = await withTwin(model);
      let largest = 0;
      await fc.assert(
        fc.asyncProperty(inputs, async (values) => {
          const verdict = await checkTwin({
            model: twinned,
            values,
            outcomes: scoreRegression(model, values),
            runtime,
          });
          expect(verdict).toMatchObject({ agrees: true });
          largest = Math.max(largest, verdict.maxDifference ?? Number.POSITIVE_INFINITY);
        }),
        { numRuns: 500 },
      );
      expect(largest).toBeLessThanOrEqual(1e-9);
    },
  );

  it('agrees for every published equation of the library, all over its inputs’ ranges and a little beyond', async () => {
    const { library, files } = await loadLibrary({ dir: fileURLToPath(new URL('../../models', import.meta.url)) });
    const runtime = await createNodeRuntime({
      load: async (url) => files.get(url)?.bytes ?? Promise.reject(new Error(url)),
    });
    const equations = library.risk.filter((model) => model.kind === 'regression');
    expect(equations.map(({ id }) => id)).toContain('prevent-base-10yr');
    for (const model of equations) {
      await fc.assert(
        fc.asyncProperty(fc.record(Object.fromEntries(model.inputs.map(plausible))), async (made) => {
          const values = Object.fromEntries(Object.entries(made).filter(hasValue));
          const verdict = await checkTwin({ model, values, outcomes: scoreRegression(model, values), runtime });
          expect({ id: model.id, ...verdict }).toMatchObject({ id: model.id, agrees: true });
        }),
        { numRuns: 300 },
      );
    }
  });

  it('has the same bytes every time, so that its digest can be published', () => {
    for (const { model } of cases) expect(twinOf(model)).toEqual(twinOf(structuredClone(model)));
  });

  it('scores many patients in one call', async () => {
    const [{ twin }, runtime] = await withTwin(creatinineEquation);
    const x = { dtype: 'float64', dims: [2, 3], data: Float64Array.of(50, 1, 0.8, 70, 0, 2) } as const;
    const { y } = await runtime.predict({ id: 'x', url: twin?.url ?? '', sha256: twin?.sha256 ?? '' }, { x });
    const expected = [
      { age: 50, sex: 1, creatinine: 0.8 },
      { age: 70, sex: 0, creatinine: 2 },
    ];
    expect(y?.dims).toEqual([2, 1]);
    for (const [row, values] of expected.entries()) {
      expect(y?.data[row]).toBeCloseTo(scoreRegression(creatinineEquation, values)[0]?.value ?? Number.NaN, 9);
    }
  });

  it('gives no number for a sex it has no coefficients for', async () => {
    const [{ twin }, runtime] = await withTwin(splineEquation);
    const x = { dtype: 'float64', dims: [1, 4], data: Float64Array.of(60, 2, 130, 80) } as const;
    const { y } = await runtime.predict({ id: 'x', url: twin?.url ?? '', sha256: twin?.sha256 ?? '' }, { x });
    expect([...(y?.data ?? [])]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('the check of a number against its twin', () => {
  const values = { age: 63, sex: 0, systolic: 141, egfr: 48 };

  it('withdraws the number when one coefficient of the twin was altered by a ten-millionth', async () => {
    const altered = structuredClone(splineEquation) as {
      coefficients: Record<string, Record<string, Record<string, number>>>;
    };
    const weights = altered.coefficients.male?.first;
    if (!weights) throw new Error('the sample has changed');
    weights.kidney = (weights.kidney ?? 0) + 1e-7;
    const [model, runtime] = await withTwin(splineEquation, twinOf(altered as unknown as RegressionModel));
    const verdict = await checkTwin({ model, values, outcomes: scoreRegression(splineEquation, values), runtime });
    expect(verdict).toMatchObject({ agrees: false, code: 'twin-differs' });
  });

  it('withdraws the number when the twin is missing, lacks an input, or is not the validated file', async () => {
    const [model, runtime] = await withTwin(splineEquation);
    const outcomes = scoreRegression(splineEquation, values);
    const { twin, ...bare } = model;
    const { egfr, ...short } = values;
    expect(await checkTwin({ model: bare, values, outcomes, runtime })).toMatchObject({ code: 'twin-absent' });
    expect(await checkTwin({ model, values: short, outcomes, runtime })).toMatchObject({ code: 'twin-input-missing' });
    const other = { ...model, twin: { sha256: '0'.repeat(64), url: '/other', features: twin?.features ?? [] } };
    expect(await checkTwin({ model: other, values, outcomes, runtime })).toMatchObject({
      agrees: false,
      code: 'model-digest-mismatch',
    });
    expect(egfr).toBe(48);
  });

  it('withdraws a number that is not a number', async () => {
    const [model, runtime] = await withTwin(splineEquation);
    const outcomes = [{ id: 'first', value: Number.NaN }];
    expect(await checkTwin({ model, values, outcomes, runtime })).toMatchObject({
      agrees: false,
      code: 'twin-differs',
    });
  });
});
