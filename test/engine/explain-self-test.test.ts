/** A model that does not give its own example's answer here does not speak here. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requireSelfTest } from '../../models/engine/explain/self-test.ts';
import type { Library, RegressionModel } from '../../models/engine/library.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { evaluateOnnx } from '../../models/engine/risk/onnx.ts';
import type { Runtime } from '../../models/engine/runtime.ts';
import { equation, library } from './explain-patients.ts';
import { type MadeFacts, madeFacts, NOW } from './made-facts.ts';

const chart = {
  'patient.age': 50,
  'patient.sex': 'male',
  'observation.systolic-blood-pressure': { value: 160, unit: 'mm[Hg]', daysAgo: 10 },
  'observation.total-cholesterol': { value: 200, unit: 'mg/dL', daysAgo: 10 },
  'observation.hdl-cholesterol': { value: 45, unit: 'mg/dL', daysAgo: 10 },
  'observation.creatinine': { value: 1, unit: 'mg/dL', daysAgo: 10 },
  'observation.body-mass-index': { value: 35, unit: 'kg/m2', daysAgo: 10 },
  'observation.smoking-status': { value: 'never', daysAgo: 30 },
  'condition.diabetes': true,
  'medication.antihypertensive': true,
} as const;

/** The library with one equation changed. */
function withChanged(id: string, change: (model: RegressionModel) => RegressionModel): Library {
  return { ...library, risk: library.risk.map((model) => (model.id === id ? change(equation(id)) : model)) };
}

function statusesOf(changed: Library) {
  const evaluations = evaluateRisk(madeFacts(chart, changed), changed, NOW);
  return (id: string) => evaluations.find((evaluation) => evaluation.id === id);
}

/** One coefficient of one outcome is another number. */
function spoiled(model: RegressionModel): RegressionModel {
  const { all, female, male } = model.coefficients ?? {};
  const nudged = (rows: typeof all) =>
    rows &&
    Object.fromEntries(Object.entries(rows).map(([id, row]) => [id, { ...row, constant: (row.constant ?? 0) + 1e-6 }]));
  return {
    ...model,
    coefficients: Object.fromEntries(
      Object.entries({ all, female, male }).flatMap(([key, rows]) => (rows ? [[key, nudged(rows) ?? {}]] : [])),
    ),
  };
}

describe('The self-test at the start', () => {
  it('every model of ours brings an example with a known answer', () => {
    expect(library.risk.filter(({ example }) => !example).map(({ id }) => id)).toEqual([]);
  });

  it('every equation and score gives it', () => {
    for (const model of library.risk) if (model.kind !== 'onnx') expect(() => requireSelfTest(model)).not.toThrow();
  });

  it('one coefficient that is not the published one keeps the model quiet, and no other', () => {
    const of = statusesOf(withChanged('prevent-base-10yr', spoiled));
    expect(of('prevent-base-10yr')).toMatchObject({ status: 'failure', error: { code: 'model-unavailable' } });
    expect(of('prevent-base-30yr')).toMatchObject({ status: 'finding' });
  });

  it('what builds on an unavailable model says what it lacks', () => {
    const of = statusesOf(
      withChanged('ckd-epi-2021-creatinine', (model) => ({
        ...model,
        ...(model.example ? { example: { ...model.example, outputs: { egfr: 1 } } } : {}),
      })),
    );
    expect(of('ckd-epi-2021-creatinine')).toMatchObject({ status: 'failure' });
    expect(of('prevent-base-10yr')).toMatchObject({
      status: 'data-required',
      missing: [{ path: 'derived.egfr', absence: 'failed' }],
    });
  });

  it('a trained model whose graph answers something else here does not speak', async () => {
    const trained = library.risk.find((model) => model.kind === 'onnx');
    if (trained?.kind !== 'onnx') throw new Error('the library has a trained model');
    const runtime: Runtime = {
      predict: async () => ({
        [trained.tensor.output]: { dtype: 'float64', dims: [1, 2], data: Float64Array.of(0.5, 0.5) },
      }),
    };
    const cases = JSON.parse(readFileSync('models/risk/hidden-albuminuria/cases.json', 'utf8')) as readonly {
      facts: MadeFacts;
      expect: { status: string };
    }[];
    const speaking = cases.find(({ expect: { status } }) => status === 'finding');
    const facts = madeFacts(speaking?.facts ?? {}, library);
    const resolver = createResolver({ facts, library, now: NOW });
    expect(await evaluateOnnx(trained, { facts, resolver, runtime })).toMatchObject({
      status: 'failure',
      error: { code: 'model-unavailable' },
    });
  });

  it('an example that gives no number at all does not pass', () => {
    const model = equation('prevent-base-10yr');
    const broken = { ...model, ...(model.example ? { example: { ...model.example, outputs: { nothing: 0.1 } } } : {}) };
    expect(() => requireSelfTest(broken)).toThrow();
  });
});
