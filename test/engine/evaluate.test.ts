import { describe, expect, test } from 'vitest';
import { evaluate } from '../../models/engine/evaluate.ts';
import { extremeValues } from '../../models/engine/extreme-values.ts';
import type { RegressionModel } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { scoreRegression } from '../../models/engine/risk/regression.ts';
import type { Runtime } from '../../models/engine/runtime.ts';
import { loadLibrary } from '../../server/library.ts';
import { madeFacts, NOW } from './made-facts.ts';

const { library } = await loadLibrary({ dir: 'models' });
const runtime: Runtime = {
  predict: () => Promise.reject(Object.assign(new Error('down'), { code: 'model-unavailable' })),
};
const man = { 'patient.age': 60, 'patient.sex': 'male' };
const creatinine = { 'observation.creatinine': { value: 1, unit: 'mg/dL' } };

describe('evaluating the whole library', () => {
  test('says one thing of every piece of knowledge, and nothing twice', async () => {
    const evaluations = await evaluate(madeFacts({ ...man, ...creatinine }, library), library, runtime, NOW);
    const ids = evaluations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        ...library.risk.map(({ id }) => id),
        'interactions',
        ...library.rules.map(({ id }) => id),
      ]),
    );
  });
  test('a model that breaks is a failure with a code and stops no other', async () => {
    const first = library.risk.find(
      (model): model is RegressionModel => model.kind === 'regression' && model.id === 'ckd-epi-2021-creatinine',
    );
    if (!first) throw new Error('the library has no equation');
    const broken = { ...first, id: 'broken', equation: { egfr: { op: 'name', name: 'nowhere' } as const } };
    const facts = madeFacts({ ...man, ...creatinine }, library);
    const evaluations = await evaluate(facts, { ...library, risk: [broken, ...library.risk] }, runtime, NOW);
    expect(evaluations.find(({ id }) => id === 'broken')).toMatchObject({
      status: 'failure',
      error: { code: 'unknown-name' },
    });
    expect(evaluations.find(({ id }) => id === first.id)).toMatchObject({ status: 'finding' });
  });
  test('a patient who has died gets no advice, and every model says why', () => {
    const evaluations = evaluateRisk(
      madeFacts({ ...man, ...creatinine, 'patient.deceased': true }, library),
      library,
      NOW,
    );
    for (const evaluation of evaluations)
      expect(evaluation).toMatchObject({ status: 'not-applicable', because: { code: 'deceased' } });
  });
  test('a record that was replaced gets no advice', () => {
    const evaluations = evaluateRisk(madeFacts({ ...man, 'patient.replaced': true }, library), library, NOW);
    for (const evaluation of evaluations) expect(evaluation).toMatchObject({ because: { code: 'record-replaced' } });
  });
  test('an unchecked exclusion is named beside the number', () => {
    const evaluations = evaluateRisk(
      madeFacts({ ...man, ...creatinine, sources: { conditions: 'refused' } }, library),
      library,
      NOW,
    );
    const egfr = evaluations.find(({ id }) => id === 'ckd-epi-2021-creatinine');
    expect(egfr).toMatchObject({ status: 'finding' });
    const missing = egfr?.status === 'finding' ? egfr.finding.basis.missing : [];
    expect(missing.map(({ path, absence }) => `${path} ${absence}`)).toContain('condition.dialysis refused');
  });
  test('a censored creatinine makes no eGFR', () => {
    const facts = madeFacts(
      { ...man, 'observation.creatinine': { value: 0.5, unit: 'mg/dL', comparator: '<' } },
      library,
    );
    expect(evaluateRisk(facts, library, NOW).find(({ id }) => id === 'ckd-epi-2021-creatinine')).toMatchObject({
      status: 'data-required',
      missing: [{ path: 'observation.creatinine', text: expect.stringContaining('known only as < 0.5') }],
    });
  });
});

describe('what-if', () => {
  test('starts from the very number on the screen', () => {
    const model = library.risk.find(
      (candidate): candidate is RegressionModel =>
        candidate.id === 'prevent-base-10yr' && candidate.kind === 'regression',
    );
    if (!model) throw new Error('PREVENT is not in the library');
    const facts = madeFacts(
      {
        ...man,
        ...creatinine,
        'observation.systolic-blood-pressure': { value: 205, unit: 'mm[Hg]' },
        'observation.total-cholesterol': { value: 200, unit: 'mg/dL' },
        'observation.hdl-cholesterol': { value: 45, unit: 'mg/dL' },
        'observation.body-mass-index': { value: 31, unit: 'kg/m2' },
        'observation.smoking-status': { value: 'current' },
      },
      library,
    );
    const shown = evaluateRisk(facts, library, NOW).find(({ id }) => id === model.id);
    if (shown?.status !== 'finding') throw new Error('PREVENT did not speak');
    const values = valuesOf(model.inputs, shown.finding.basis);
    expect(scoreRegression(model, values)).toEqual(shown.finding.outcomes);
    const lower = scoreRegression(model, { ...values, sbp: 120 })[0]?.value ?? 1;
    expect(lower).toBeLessThan(shown.finding.outcomes?.[0]?.value ?? 0);
  });
  test('is never offered for a treatment', () => {
    for (const model of library.risk)
      for (const input of model.inputs) if (input.fact.startsWith('medication.')) expect(input.whatIf).toBeUndefined();
  });
});

describe('extreme values', () => {
  test('a potassium of 9.8 today asks for verification, first and critical', () => {
    const facts = madeFacts({ 'observation.potassium': { value: 9.8, unit: 'mmol/L', extreme: true } }, library);
    expect(extremeValues(facts, NOW)).toMatchObject([
      {
        id: 'extreme-value/observation.potassium',
        finding: {
          indicator: 'critical',
          verifyFirst: true,
          summary: expect.stringContaining('Verify potassium 9.8 mmol/L'),
        },
      },
    ]);
  });
  test('the same value of half a year ago asks more quietly', () => {
    const facts = madeFacts(
      { 'observation.potassium': { value: 9.8, unit: 'mmol/L', extreme: true, daysAgo: 180 } },
      library,
    );
    expect(extremeValues(facts, NOW)).toMatchObject([{ finding: { indicator: 'warning' } }]);
  });
  test('an INR keeps its name and has no unit to show', () => {
    const facts = madeFacts({ 'observation.inr': { value: 21.7, unit: '1', extreme: true } }, library);
    expect(extremeValues(facts, NOW)).toMatchObject([
      { finding: { summary: expect.stringContaining('Verify INR 21.7:') } },
    ]);
  });
  test('an ordinary potassium is left in peace', () => {
    expect(extremeValues(madeFacts({ 'observation.potassium': { value: 4.2, unit: 'mmol/L' } }, library), NOW)).toEqual(
      [],
    );
  });
});
