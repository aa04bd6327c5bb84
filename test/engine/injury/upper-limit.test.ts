import { expect, test } from 'vitest';
import { readFacts } from '../../../models/engine/facts/read.ts';
import { NOW } from '../made-facts.ts';

/** ALT 300 U/L with the given reference ranges, read from FHIR. */
function highOf(referenceRange: unknown, { loinc = '1742-6', value = 300, unit = 'U/L' } = {}) {
  const facts = readFacts({
    resources: [
      { resourceType: 'Patient', id: 'p', birthDate: '1970-01-01' },
      {
        resourceType: 'Observation',
        id: 'o',
        status: 'final',
        subject: { reference: 'Patient/p' },
        category: [
          {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }],
          },
        ],
        code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
        effectiveDateTime: '2026-11-18T08:00:00Z',
        valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
        referenceRange,
      },
    ],
    patientId: 'p',
    now: NOW,
    sources: [],
  });
  const [[fact] = []] = Object.values(facts.observation);
  return fact?.high;
}

test.each([
  ['in the unit of the value', [{ high: { value: 55, unit: 'U/L' } }], 55],
  ['without a unit: that of the value', [{ high: { value: 55 } }], 55],
  ['two ranges: none is chosen', [{ high: { value: 55 } }, { high: { value: 35 } }], undefined],
  ['a range for some people only', [{ high: { value: 35 }, appliesTo: [{ text: 'women' }] }], undefined],
  ['a range of another type', [{ high: { value: 400 }, type: { text: 'critical' } }], undefined],
  ['a range of the type normal', [{ high: { value: 55 }, type: { coding: [{ code: 'normal' }] } }], 55],
  ['a unit that does not fit', [{ high: { value: 55, unit: 'mg/dL' } }], undefined],
  ['none', undefined, undefined],
])('the laboratory’s upper limit of ALT: %s', (_, range, high) => {
  expect(highOf(range)).toBe(high);
});

test('the limit is converted with the value: bilirubin in µmol/L', () => {
  const high = highOf([{ high: { value: 21 } }], { loinc: '1975-2', value: 50, unit: 'umol/L' });
  expect(high).toBeCloseTo(1.228, 3);
});
