/** Small charts for the tests of facts: one patient, one moment, resources in the shape EHRs send. */
import { readFileSync } from 'node:fs';
import { decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { type ReadRequest, readFacts } from '../../../models/engine/facts/read.ts';

export const NOW = Date.parse('2026-11-22T12:00:00Z');
export const PATIENT = { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1950-03-05' };
export const DRUGS = decodeDrugTable(
  JSON.parse(readFileSync(new URL('../../../models/drugs/rxnorm.json', import.meta.url), 'utf8')),
);

/** The facts of a chart that holds the patient and these resources. */
export function read(resources: readonly unknown[], more: Partial<ReadRequest> = {}): Facts {
  return readFacts({ patientId: 'p', resources: [PATIENT, ...resources], drugs: DRUGS, now: NOW, ...more });
}

/** A final laboratory result of creatinine 1.1 mg/dL on 1 November, changed as told. */
export function lab(change: object = {}): Record<string, unknown> {
  return {
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: {
      coding: [{ system: 'http://loinc.org', code: '2160-0', display: 'Creatinine [Mass/volume] in Serum or Plasma' }],
    },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: '2026-11-01T08:00:00Z',
    valueQuantity: { value: 1.1, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    ...change,
  };
}

/** A LOINC code as CodeableConcept. */
export function loinc(code: string, display?: string): object {
  return { coding: [{ system: 'http://loinc.org', code, ...(display === undefined ? {} : { display }) }] };
}

/** A quantity in UCUM. */
export function ucum(value: number, code: string): object {
  return { value, unit: code, system: 'http://unitsofmeasure.org', code };
}

/** An active order, changed as told. */
export function order(change: object = {}): Record<string, unknown> {
  return {
    resourceType: 'MedicationRequest',
    id: 'm',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/p' },
    authoredOn: '2026-10-01',
    medicationCodeableConcept: rxnorm('855332', 'Warfarin Sodium 5 MG Oral Tablet'),
    ...change,
  };
}

/** An RxNorm code as CodeableConcept. */
export function rxnorm(code: string, text: string): object {
  return { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code, display: text }], text };
}
