/** Codes as the chart carries them. */
import type { Coding } from './facts.ts';
import { type Json, object, objects, string } from './json.ts';

const SYSTEM_BY_OID: Readonly<Record<string, string>> = {
  'urn:oid:2.16.840.1.113883.6.1': 'http://loinc.org',
  'urn:oid:2.16.840.1.113883.6.96': 'http://snomed.info/sct',
  'urn:oid:2.16.840.1.113883.6.88': 'http://www.nlm.nih.gov/research/umls/rxnorm',
  'urn:oid:2.16.840.1.113883.6.90': 'http://hl7.org/fhir/sid/icd-10-cm',
  'urn:oid:2.16.840.1.113883.6.103': 'http://hl7.org/fhir/sid/icd-9-cm',
  'http://hl7.org/fhir/sid/icd-9-cm/diagnosis': 'http://hl7.org/fhir/sid/icd-9-cm',
  // ICD-10-CM is what US systems mean by ICD-10; prefixes down to the third character agree in both.
  'http://hl7.org/fhir/sid/icd-10': 'http://hl7.org/fhir/sid/icd-10-cm',
};

export const LOINC = 'http://loinc.org';
export const SNOMED = 'http://snomed.info/sct';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const DATA_ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';

/** Why a concept says nothing: every coding is a data-absent reason; `masked` means that it is hidden on purpose. */
export function absenceIn(codings: readonly Coding[]): 'data-absent' | 'restricted' | undefined {
  if (codings.length === 0 || codings.some(({ system }) => system !== DATA_ABSENT)) return undefined;
  return codings.some(({ code }) => code === 'masked') ? 'restricted' : 'data-absent';
}

/** The canonical URL of a code system written as an OID or an old alias. */
export function canonicalSystem(system: string): string {
  return SYSTEM_BY_OID[system] ?? system;
}

/** The codings of a CodeableConcept, in order. @throws Malformed */
export function codingsOf(concept: Json | undefined): readonly Coding[] {
  return objects(concept?.coding).map(codingOf);
}

function codingOf(coding: Json): Coding {
  const system = string(coding.system);
  const code = string(coding.code);
  const display = string(coding.display);
  return {
    ...(system === undefined ? {} : { system: canonicalSystem(system) }),
    ...(code === undefined ? {} : { code }),
    ...(display === undefined ? {} : { display }),
  };
}

/** What a CodeableConcept is called: its text, else the display the user chose, else the first display. @throws Malformed */
export function textOf(concept: Json | undefined): string | undefined {
  if (concept === undefined) return undefined;
  const text = string(concept.text);
  if (text !== undefined) return text;
  const codings = objects(concept.coding);
  const chosen = codings.find((coding) => coding.userSelected === true && string(coding.display) !== undefined);
  return (
    string(chosen?.display) ?? codings.map((coding) => string(coding.display)).find((display) => display !== undefined)
  );
}

/** The code of a status-like CodeableConcept (`active`), falling back on its text in lower case. @throws Malformed */
export function statusCode(value: unknown): string | undefined {
  const concept = object(value);
  const code = objects(concept?.coding)
    .map((coding) => string(coding.code))
    .find((found) => found !== undefined);
  return code ?? string(concept?.text)?.trim().toLowerCase();
}
