import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { readFacts } from '../../../models/engine/facts/read.ts';
import { DRUGS, lab, loinc, NOW, order, PATIENT, read, rxnorm, ucum } from './charts.ts';

const CHART: readonly unknown[] = [
  PATIENT,
  lab(),
  lab({ id: 'k', code: loinc('2823-3'), valueQuantity: ucum(5.4, 'mmol/L') }),
  lab({
    id: 'bp',
    code: loinc('85354-9'),
    valueQuantity: undefined,
    component: [
      { code: loinc('8480-6'), valueQuantity: ucum(142, 'mm[Hg]') },
      { code: loinc('8462-4'), valueQuantity: ucum(88, 'mm[Hg]') },
    ],
  }),
  {
    ...lab({ id: 's', code: loinc('72166-2'), valueQuantity: undefined }),
    valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '8517006' }] },
  },
  order({ dosageInstruction: [{ text: '5 mg daily', route: { text: 'oral' } }] }),
  order({ id: 'm2', medicationCodeableConcept: rxnorm('312961', 'Simvastatin 20 MG Oral Tablet') }),
  {
    resourceType: 'Condition',
    id: 'c',
    subject: { reference: 'Patient/p' },
    clinicalStatus: { coding: [{ code: 'active' }] },
    code: { text: 'Diabetes' },
  },
  { resourceType: 'AllergyIntolerance', id: 'a', patient: { reference: 'Patient/p' }, code: { text: 'Penicillin' } },
];

/** Every path to a value in a JSON tree. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, child]) => [[...path, key], ...pathsOf(child, [...path, key])]);
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === String(key) ? replaced(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, child]) => [name, name === key ? replaced(child, rest, by) : child]),
  );
}

const numbersIn = (facts: Facts): string[] =>
  Object.values(facts.observation).flatMap((list) =>
    list.map(({ path, value, unit, comparator, effective }) =>
      JSON.stringify([path, value, unit, comparator, effective.text]),
    ),
  );

describe('reading whatever comes', () => {
  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), (resources) => {
        readFacts({ patientId: 'p', resources: resources as unknown[], drugs: DRUGS, now: NOW });
      }),
      { numRuns: 300 },
    );
  });

  it('never throws when one place of a good chart holds anything else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(CHART)), fc.jsonValue({ maxDepth: 2 }), (path, junk) => {
        readFacts({ patientId: 'p', resources: replaced(CHART, path, junk) as unknown[], drugs: DRUGS, now: NOW });
      }),
      { numRuns: 2000 },
    );
  });

  it('never makes a new number out of damage: a value of the wrong type costs a fact or changes nothing', () => {
    const before = new Set(numbersIn(read([], { resources: CHART })));
    const junk = fc.oneof(
      fc.constant(true),
      fc.constant([7]),
      fc.constant({ x: 1 }),
      fc.constant('~'),
      fc.constant([]),
    );
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(CHART)), junk, (path, by) => {
        const resources = replaced(CHART, path, by);
        if (!Array.isArray(resources)) return;
        const after = numbersIn(readFacts({ patientId: 'p', resources, drugs: DRUGS, now: NOW }));
        expect(after.filter((each) => !before.has(each))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('never gives a medicine more certainty after damage than before', () => {
    const before = read([], { resources: CHART }).medication;
    fc.assert(
      fc.property(
        fc.constantFrom(...pathsOf(CHART)),
        fc.constantFrom<unknown>(true, [7], { x: 1 }, '~', []),
        (path, by) => {
          const resources = replaced(CHART, path, by);
          if (!Array.isArray(resources)) return;
          for (const { ingredients, resolution } of readFacts({ patientId: 'p', resources, drugs: DRUGS, now: NOW })
            .medication) {
            if (resolution !== 'coded') continue;
            const names = ingredients.map(({ rxcui }) => rxcui).join();
            expect(before.map((each) => each.ingredients.map(({ rxcui }) => rxcui).join())).toContain(names);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('leaves the prototype alone', () => {
    const hostile = JSON.parse(
      '[{"resourceType":"__proto__","id":"constructor","__proto__":{"polluted":1}},{"resourceType":"Observation","id":"toString"}]',
    );
    readFacts({ patientId: 'p', resources: hostile, drugs: DRUGS, now: NOW });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
