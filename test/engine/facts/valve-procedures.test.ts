/** A mechanical valve is as often a procedure of long ago as a problem on the list: either way CHA₂DS₂-VASc is not for it. */
import { expect, it } from 'vitest';
import { evaluateRisk } from '../../../models/engine/risk/evaluate.ts';
import { loadLibrary } from '../../../server/library.ts';
import { PATIENT, read } from './charts.ts';

const { library } = await loadLibrary({ dir: 'models' });
const NOW = Date.UTC(2026, 10, 20);
const about = { subject: { reference: `Patient/${PATIENT.id}` } };
const fibrillation = {
  resourceType: 'Condition',
  id: 'af',
  ...about,
  clinicalStatus: { coding: [{ code: 'active' }] },
  code: { coding: [{ system: 'http://snomed.info/sct', code: '49436004' }], text: 'Atrial fibrillation' },
};

/** CHA₂DS₂-VASc of someone with atrial fibrillation and this procedure in 2015. */
function score(system: string, code: string) {
  const procedure = {
    resourceType: 'Procedure',
    id: 'valve',
    ...about,
    status: 'completed',
    performedDateTime: '2015-04-01',
    code: { coding: [{ system, code }], text: 'Valve operation' },
  };
  const facts = read([], { resources: [PATIENT, fibrillation, procedure] });
  const sources = [{ id: 'conditions', state: 'read' as const, count: 1, pages: 1 }];
  const only = { ...library, risk: library.risk.filter(({ id }) => id === 'cha2ds2-vasc') };
  return evaluateRisk({ ...facts, sources }, only, NOW)[0];
}

it.each([
  ['ICD-10-PCS, aortic', 'http://www.cms.gov/Medicare/Coding/ICD10', '02RF0JZ'],
  ['ICD-10-PCS, mitral', 'http://www.cms.gov/Medicare/Coding/ICD10', '02RG0JZ'],
  ['ICD-9-CM, aortic', 'http://hl7.org/fhir/sid/icd-9-cm', '35.22'],
])('a synthetic valve put in eleven years ago (%s) rules it out', (_, system, code) => {
  expect(score(system, code)).toMatchObject({ status: 'not-applicable' });
});

it.each([
  ['a tissue valve', 'http://www.cms.gov/Medicare/Coding/ICD10', '02RF08Z'],
  ['an operation on another organ', 'http://www.cms.gov/Medicare/Coding/ICD10', '0DTJ4ZZ'],
])('%s does not', (_, system, code) => {
  const found = score(system, code);
  expect(found?.status === 'not-applicable' ? found.because.text : '').not.toMatch(/mechanical valve/i);
});
