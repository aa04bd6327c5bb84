/** A treatment's effect: the published ratio on the baseline, for whom the trials speak, and silence for everyone else. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TreatmentEffects, treatmentEffects } from '../../models/engine/explain/treatment-effect.ts';
import type { Library, TreatmentEffect } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { loadLibrary } from '../../server/library.ts';
import { type MadeFacts, madeFacts, NOW } from './made-facts.ts';

let library: Library;
beforeAll(async () => {
  ({ library } = await loadLibrary({ dir: 'models' }));
});

/** Untreated, stage 1 hypertension, LDL 3.8 mmol/L (147 mg/dL). */
const woman: MadeFacts = {
  'patient.age': 62,
  'patient.sex': 'female',
  'observation.systolic-blood-pressure': { value: 138, unit: 'mm[Hg]', daysAgo: 10 },
  'observation.total-cholesterol': { value: 230, unit: 'mg/dL', daysAgo: 10 },
  'observation.hdl-cholesterol': { value: 50, unit: 'mg/dL', daysAgo: 10 },
  'observation.ldl-cholesterol': { value: 147, unit: 'mg/dL', daysAgo: 10 },
  'observation.creatinine': { value: 0.8, unit: 'mg/dL', daysAgo: 10 },
  'observation.body-mass-index': { value: 28, unit: 'kg/m2', daysAgo: 10 },
  'observation.smoking-status': { value: 'current', daysAgo: 30 },
};

function without(path: string): MadeFacts {
  const { [path]: _, ...rest } = woman;
  return rest;
}

function effectsOn(made: MadeFacts, id = 'prevent-base-10yr'): TreatmentEffects {
  const facts = madeFacts(made, library);
  const evaluation = evaluateRisk(facts, library, NOW).find((candidate) => candidate.id === id);
  if (evaluation?.status !== 'finding') throw new Error(`${id} gave ${evaluation?.status}`);
  return treatmentEffects({ model: { id }, finding: evaluation.finding, facts, library, now: NOW });
}

const shownIds = ({ shown }: TreatmentEffects) => shown.map(({ effect }) => effect.id);
const reason = ({ silent }: TreatmentEffects, id: string) =>
  silent.find(({ effect }) => effect.id === id)?.because ?? 'not silent';

describe('A treatment’s effect on this patient’s number', () => {
  it('a statin: the rate behind PREVENT’s ASCVD risk times 0.79, with the trials’ interval, over the model’s ten years', () => {
    const statin = effectsOn(woman).shown.find(({ effect }) => effect.id === 'statin-per-mmol');
    expect(statin?.outcome).toMatchObject({ id: 'ascvd', horizon: 'P10Y' });
    const baseline = statin?.outcome.value ?? Number.NaN;
    expect(statin?.treated.value).toBeCloseTo(1 - (1 - baseline) ** 0.79, 12);
    expect(statin?.treated.low).toBeCloseTo(1 - (1 - baseline) ** 0.77, 12);
    expect(statin?.treated.high).toBeCloseTo(1 - (1 - baseline) ** 0.81, 12);
    expect(statin?.fewerPerThousand.value).toBeCloseTo(1000 * (baseline - (statin?.treated.value ?? 0)), 9);
    expect(statin?.on).toMatchObject([{ path: 'observation.ldl-cholesterol', unit: 'mmol/L' }]);
    expect(statin?.on[0]?.effective).toBeDefined();
  });

  it('lower pressure: PREVENT’s total cardiovascular risk times 0.80 for each 10 mmHg', () => {
    const lowered = effectsOn(woman).shown.find(({ effect }) => effect.id === 'blood-pressure-per-10');
    expect(lowered?.outcome.id).toBe('total_cvd');
    expect(lowered?.treated.value).toBeCloseTo((lowered?.outcome.value ?? 0) * 0.8, 12);
  });

  it('an SGLT2 inhibitor: only with type 2 diabetes and an eGFR of 30 to 59, on the risk of heart failure', () => {
    const kidneys = {
      ...woman,
      'condition.type-2-diabetes': true,
      'observation.creatinine': { value: 1.3, unit: 'mg/dL', daysAgo: 10 },
    };
    const found = effectsOn(kidneys).shown.find(({ effect }) => effect.id === 'sglt2-heart-failure');
    expect(found?.outcome.id).toBe('heart_failure');
    expect(reason(effectsOn(woman), 'sglt2-heart-failure')).toContain('type 2 diabetes');
    expect(
      reason(
        effectsOn({ ...kidneys, 'observation.creatinine': { value: 0.8, unit: 'mg/dL', daysAgo: 10 } }),
        'sglt2-heart-failure',
      ),
    ).toContain('eGFR is not between 30 and 59');
  });

  it('PCE has no heart failure in it: a statin is shown on it, lower pressure is not', () => {
    const pce = effectsOn({ ...woman, 'asked.pce-race': 'white' }, 'pce-2013');
    expect(shownIds(pce)).toEqual(['statin-per-mmol']);
    expect(reason(pce, 'blood-pressure-per-10')).toBe('not silent');
  });
});

describe('Silence', () => {
  it.each([
    ['a statin is taken', { 'medication.statin': true }, 'statin-per-mmol', /taken already/],
    [
      'a statin is taken, though the LDL is still high',
      { 'medication.statin': true, 'observation.ldl-cholesterol': { value: 180, unit: 'mg/dL', daysAgo: 3 } },
      'statin-per-mmol',
      /taken already/,
    ],
    [
      'LDL is too low to fall by 1.0 mmol/L',
      { 'observation.ldl-cholesterol': { value: 70, unit: 'mg/dL', daysAgo: 3 } },
      'statin-per-mmol',
      /not between 2\.0 and 4\.9/,
    ],
    [
      'LDL is known only as a bound',
      { 'observation.ldl-cholesterol': { value: 100, unit: 'mg/dL', daysAgo: 3, comparator: '>' } },
      'statin-per-mmol',
      /not between/,
    ],
    [
      'LDL is ten years old',
      { 'observation.ldl-cholesterol': { value: 147, unit: 'mg/dL', daysAgo: 3650 } },
      'statin-per-mmol',
      /older|too old|stale/i,
    ],
    ['she is 78', { 'patient.age': 78 }, 'statin-per-mmol', /ages 40 to 75/],
    ['blood pressure is treated', { 'medication.antihypertensive': true }, 'blood-pressure-per-10', /treated already/],
    [
      'systolic pressure is 124',
      { 'observation.systolic-blood-pressure': { value: 124, unit: 'mm[Hg]', daysAgo: 3 } },
      'blood-pressure-per-10',
      /not between 130 and 180/,
    ],
    ['diabetes: the trials found another ratio', { 'condition.diabetes': true }, 'blood-pressure-per-10', /Diabetes/],
  ] as const)('%s', (_, change, id, because) => {
    const found = effectsOn({ ...woman, ...change });
    expect(shownIds(found)).not.toContain(id);
    expect(reason(found, id)).toMatch(because);
  });

  it('no LDL on file: nothing is said of a statin', () => {
    const found = effectsOn(without('observation.ldl-cholesterol'));
    expect(shownIds(found)).toEqual(['blood-pressure-per-10']);
    expect(reason(found, 'statin-per-mmol')).toContain('LDL');
  });

  it('a medication list that was not read in full is no “takes none”', () => {
    const facts = madeFacts(woman, library);
    const sources = facts.sources.map((source) =>
      source.id === 'medications' ? { ...source, state: 'incomplete' as const } : source,
    );
    const [evaluation] = evaluateRisk(facts, library, NOW).filter(({ id }) => id === 'prevent-base-10yr');
    if (evaluation?.status !== 'finding') throw new Error('no number');
    const found = treatmentEffects({
      model: { id: evaluation.id },
      finding: evaluation.finding,
      facts: { ...facts, sources },
      library,
      now: NOW,
    });
    expect(found.shown).toEqual([]);
    expect(found.silent).toHaveLength(3);
  });

  it('a number that is not shown, and a number over thirty years, have no effect on them', () => {
    const facts = madeFacts(woman, library);
    expect(
      treatmentEffects({ model: { id: 'prevent-base-10yr' }, finding: {}, facts, library, now: NOW }).shown,
    ).toEqual([]);
    expect(effectsOn({ ...woman, 'patient.age': 55 }, 'prevent-base-30yr')).toEqual({ shown: [], silent: [] });
  });
});

describe('The data', () => {
  it('each effect cites a document that was opened, in which its ratio and interval stand', () => {
    for (const { id, ratio, interval, citations } of library.effects ?? []) {
      const opened = citations.filter(({ basis, place }) => basis === 'opened' && place?.includes(ratio.toFixed(2)));
      expect(opened, id).toHaveLength(1);
      expect(opened[0]?.place, id).toContain(`${interval[0].toFixed(2)}-${interval[1].toFixed(2)}`);
    }
  });

  it('no trial raised the risk, whatever the baseline: the treated risk lies between nothing and the baseline', () => {
    const outcome = { id: 'ascvd', title: 'ASCVD', unit: '1', horizon: 'P10Y' };
    fc.assert(
      fc.property(fc.double({ min: 0.0001, max: 0.9999, noNaN: true }), (value) => {
        const facts = madeFacts(woman, library);
        const { shown } = treatmentEffects({
          model: { id: 'pce-2013' },
          finding: { outcomes: [{ ...outcome, value }] },
          facts,
          library,
          now: NOW,
        });
        return shown.every(
          ({ treated, fewerPerThousand }) =>
            treated.low <= treated.value &&
            treated.value <= treated.high &&
            treated.high < value &&
            fewerPerThousand.low > 0,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('an effect on a model’s treatment term cannot be written: its only number is a ratio of trials', () => {
    const keys: readonly (keyof TreatmentEffect)[] = ['ratio', 'interval'];
    for (const effect of library.effects ?? []) {
      const numbers = Object.entries(effect).flatMap(([key, value]) =>
        typeof value === 'number' || (Array.isArray(value) && value.every((each) => typeof each === 'number'))
          ? [key]
          : [],
      );
      expect(numbers.sort()).toEqual([...keys].sort());
    }
  });
});
