import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mostProbable } from '../../../models/engine/dosing/bayes.ts';
import { courseOf } from '../../../models/engine/dosing/course.ts';
import {
  areaBetween,
  concentrationAt,
  type Disposition,
  dailyAreaAtSteadyState,
  type Infusion,
  steadyStateAt,
} from '../../../models/engine/dosing/curve.ts';
import { evaluateDosing } from '../../../models/engine/dosing/evaluate.ts';
import { individual, typicalOf } from '../../../models/engine/dosing/population.ts';
import type { Facts, GivenFact } from '../../../models/engine/facts/facts.ts';
import type { PharmacokineticModel } from '../../../models/engine/library.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { daysAgo, type MadeFacts, madeFacts, NOW } from '../made-facts.ts';

const { library } = await loadLibrary({ dir: 'models' });
const model = (id: string): PharmacokineticModel => {
  const found = library.pharmacokinetics?.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const goti = model('vancomycin-goti');
const person = { age: 60, weight: 80, scr: 1, female: 0, dial: 0, dial_unknown: 0 };
const everyTwelve = (count: number, mg = 1000): Infusion[] =>
  Array.from({ length: count }, (_, index) => ({ at: index * 12, mg, hours: 1.5 }));

describe('the curve', () => {
  const disposition = fc.record({
    cl: fc.double({ min: 0.5, max: 12, noNaN: true }),
    v1: fc.double({ min: 10, max: 120, noNaN: true }),
    q: fc.double({ min: 0.5, max: 10, noNaN: true }),
    v2: fc.double({ min: 10, max: 120, noNaN: true }),
  });

  test('settles where many doses on time have brought it', () => {
    fc.assert(
      fc.property(disposition, (one) => {
        const settled = steadyStateAt(one, { mg: 1000, hours: 1, every: 12 }, 12);
        const after = concentrationAt(
          one,
          Array.from({ length: 600 }, (_, index) => ({ at: index * 12, mg: 1000, hours: 1 })),
          600 * 12,
        );
        expect(Math.abs(after - settled)).toBeLessThan(1e-3 * settled + 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  test('has the area that its points add up to', () => {
    fc.assert(
      fc.property(disposition, (one) => {
        const infusions = everyTwelve(3);
        const steps = 6000;
        let sum = 0;
        for (let index = 0; index < steps; index += 1)
          sum += concentrationAt(one, infusions, ((index + 0.5) * 36) / steps) * (36 / steps);
        expect(areaBetween(one, infusions, { from: 0, to: 36 })).toBeCloseTo(sum, 1);
      }),
      { numRuns: 20 },
    );
  });

  test('gives in a day at steady state what is given over clearance', () => {
    const one = typicalOf(goti, person);
    const infusions = everyTwelve(400);
    expect(areaBetween(one, infusions, { from: 399 * 12, to: 400 * 12 }) * 2).toBeCloseTo(
      dailyAreaAtSteadyState(one, { mg: 1000, hours: 1.5, every: 12 }),
      6,
    );
  });

  test('is zero before the first dose', () => {
    expect(concentrationAt(typicalOf(goti, person), everyTwelve(2), 0)).toBe(0);
  });
});

describe('the most probable person', () => {
  test('is the typical one when nothing was measured, and no surer than the population', () => {
    const found = mostProbable(goti, typicalOf(goti, person), { infusions: everyTwelve(4), levels: [] });
    expect(found.eta.map((value) => Math.abs(value))).toEqual([0, 0, 0]);
    expect(found.covariance[0]?.[0]).toBeCloseTo(goti.omega[0]?.[0] ?? 0, 4);
  });

  test.each(['vancomycin-goti', 'vancomycin-thomson', 'vancomycin-buelga'])(
    '%s: six levels without error bring clearance within a tenth of the one they were simulated from',
    (id) => {
      const one = model(id);
      fc.assert(
        fc.property(
          fc.double({ min: -0.4, max: 0.4, noNaN: true }),
          fc.double({ min: -0.15, max: 0.15, noNaN: true }),
          (clearance, volume) => {
            const typical = typicalOf(one, person);
            const truth = individual(one, typical, [clearance, volume, 0, 0].slice(0, one.varies.length));
            const infusions = everyTwelve(6);
            const levels = [14, 23.5, 38, 47.5, 62, 71.5].map((at) => ({
              at,
              value: concentrationAt(truth, infusions, at),
            }));
            // Precise levels: what is tested is the search, not how far a noisy level may be trusted.
            const precise = { ...one, residual: { proportional: 0.02, additive: 0.1 } };
            const found = mostProbable(precise, typical, { infusions, levels });
            expect(found.disposition.cl / truth.cl).toBeGreaterThan(0.9);
            expect(found.disposition.cl / truth.cl).toBeLessThan(1.1);
            for (const { at, value } of levels)
              expect(concentrationAt(found.disposition, infusions, at)).toBeCloseTo(
                value,
                -Math.log10(0.05 * value) - 0.4,
              );
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  test('two real levels move it part of the way, and narrow the band', () => {
    const typical = typicalOf(goti, person);
    const slow: Disposition = individual(goti, typical, [-0.5, 0, 0]);
    const infusions = everyTwelve(5);
    const levels = [50, 59.5].map((at) => ({ at, value: concentrationAt(slow, infusions, at) }));
    const found = mostProbable(goti, typical, { infusions, levels });
    expect(found.disposition.cl).toBeLessThan(typical.cl);
    expect(found.disposition.cl).toBeGreaterThanOrEqual(slow.cl * 0.95);
    expect(found.covariance[0]?.[0]).toBeLessThan(0.5 * (goti.omega[0]?.[0] ?? 0));
  });

  test('is the one with the least surprise: no small step in any direction is more probable', () => {
    const typical = typicalOf(goti, person);
    const infusions = everyTwelve(4);
    const found = mostProbable(goti, typical, {
      infusions,
      levels: [
        { at: 40, value: 30 },
        { at: 47, value: 22 },
      ],
    });
    const again = mostProbable(goti, found.disposition, { infusions, levels: [] });
    expect(again.disposition).toEqual(found.disposition);
  });
});

describe('regimens', () => {
  test('a dose that was due and is not charted is not drawn as given', () => {
    const infusions = everyTwelve(4);
    const { curve } = courseOf(goti, { values: person, infusions, levels: [], now: 54 });
    const at = (time: number) => curve.filter((moment) => moment.at <= time).at(-1)?.value ?? Number.NaN;
    expect(at(53)).toBeLessThan(at(40));
    expect(
      Math.max(...curve.filter((moment) => moment.at > 60 && moment.at < 63).map(({ value }) => value)),
    ).toBeGreaterThan(at(53));
  });

  test('every regimen offered is predicted to reach the target, one for each interval', () => {
    const { choices } = courseOf(goti, { values: person, infusions: [], levels: [], now: 0 });
    expect(choices.length).toBeGreaterThan(0);
    expect(new Set(choices.map(({ regimen }) => regimen.every)).size).toBe(choices.length);
    for (const { area, regimen } of choices) {
      expect(area.value).toBeGreaterThanOrEqual(400);
      expect(area.value).toBeLessThanOrEqual(600);
      expect(area.low).toBeLessThan(area.value);
      expect(area.high).toBeGreaterThan(area.value);
      expect((regimen.mg * 24) / regimen.every).toBeLessThanOrEqual(4000);
      expect(regimen.mg / (regimen.hours * 60)).toBeLessThanOrEqual(10 + 1e-9);
    }
  });
});

function evaluated(made: MadeFacts, given: readonly Partial<GivenFact>[] = [], more: Partial<Facts> = {}) {
  const facts: Facts = {
    ...madeFacts({ 'patient.age': 60, 'patient.sex': 'male', ...STEADY, ...made }, library),
    given: given.map((one, index) => ({
      text: 'vancomycin 1 g IV',
      ingredients: [{ rxcui: '11124', name: 'vancomycin' }],
      start: daysAgo(2 - index / 2),
      dose: { value: 1000, unit: 'mg' },
      source: `MedicationAdministration/${index}`,
      ...one,
    })),
    ...more,
  };
  const resolver = createResolver({ facts, library, now: NOW });
  return evaluateDosing({ facts, library, resolver, now: NOW }).find(({ id }) => id === 'vancomycin-goti');
}
const STEADY = {
  'observation.body-weight': { value: 80, unit: 'kg', daysAgo: 1 },
  'observation.creatinine': { value: 1, unit: 'mg/dL', daysAgo: 1 },
};
const creatinine = (values: readonly (readonly [days: number, value: number])[]): Partial<Facts> => ({
  observation: {
    'body-weight': [
      {
        path: 'observation.body-weight',
        value: 80,
        unit: 'kg',
        effective: daysAgo(1),
        source: 'Observation/w',
        status: 'final',
      },
    ],
    creatinine: values.map(([days, value], index) => ({
      path: 'observation.creatinine',
      value,
      unit: 'mg/dL',
      effective: daysAgo(days),
      source: `Observation/c${index}`,
      status: 'final',
    })),
  },
});
const fourDoses = [{}, {}, {}, {}];

describe('on a chart', () => {
  test('four doses of 1,000 mg every 12 h: the area with its unit, the regimens that reach the target, and no order', () => {
    const result = evaluated({}, fourDoses);
    expect(result).toMatchObject({ status: 'finding', finding: { indicator: 'info' } });
    if (result?.status !== 'finding') return;
    expect(result.finding.outcomes?.map(({ id, unit }) => [id, unit])).toEqual([
      ['area', 'mg.h/L'],
      ['trough', 'mg/L'],
    ]);
    expect(result.finding.summary).toContain('predicted without a level');
    expect(result.finding.detail).toContain('8 in 10 between');
    expect(result.finding.action).toBeUndefined();
  });

  test('is silent without vancomycin, and for capsules, which act in the gut', () => {
    expect(evaluated({})).toMatchObject({ status: 'not-applicable', because: { code: 'medicine-not-taken' } });
    expect(evaluated({ 'medication.11124': true })).toMatchObject({ status: 'not-applicable' });
  });

  test.each([
    [
      'a rise of 0.3 mg/dL in 48 h',
      [
        [2, 1],
        [0.5, 1.3],
      ] as const,
    ],
    [
      'a rise to one and a half times in a week',
      [
        [6, 1],
        [0.5, 1.5],
      ] as const,
    ],
    [
      'a fall as fast',
      [
        [2, 2],
        [0.5, 1.2],
      ] as const,
    ],
  ])('abstains on %s', (_, values) => {
    const result = evaluated({}, fourDoses, creatinine(values));
    expect(result).toMatchObject({ status: 'not-applicable' });
    if (result?.status === 'not-applicable') expect(result.because.text).toContain('Creatinine is moving');
  });

  test('a rise of 0.2 mg/dL in 48 h does not silence it', () => {
    expect(
      evaluated(
        {},
        fourDoses,
        creatinine([
          [2, 1],
          [0.5, 1.2],
        ]),
      ),
    ).toMatchObject({ status: 'finding' });
  });

  test('abstains on dialysis, in acute kidney injury, under 18', () => {
    expect(evaluated({ 'condition.dialysis': true }, fourDoses)).toMatchObject({ status: 'not-applicable' });
    expect(evaluated({ 'condition.acute-kidney-injury': true }, fourDoses)).toMatchObject({ status: 'not-applicable' });
    expect(evaluated({ 'patient.age': 17 }, fourDoses)).toMatchObject({
      status: 'not-applicable',
      because: { code: 'child' },
    });
  });

  test('a dose without an amount leaves the course unknown, and says which dose', () => {
    const { dose: _, ...withoutDose } = { start: daysAgo(1), dose: undefined };
    const facts = evaluated({}, [{}, {}], {
      given: [
        {
          text: 'vancomycin',
          ingredients: [{ rxcui: '11124', name: 'vancomycin' }],
          source: 'MedicationAdministration/x',
          ...withoutDose,
        },
      ],
    });
    expect(facts).toMatchObject({ status: 'data-required' });
    if (facts?.status === 'data-required') expect(facts.missing[0]?.text).toContain('no readable amount');
  });

  test('wants a weight of the last 30 days and a creatinine of the last three', () => {
    const old = evaluated({ 'observation.creatinine': { value: 1, unit: 'mg/dL', daysAgo: 4 } }, fourDoses);
    expect(old).toMatchObject({ status: 'data-required' });
  });
});
