/** Who the patient is, as far as clinical reasoning needs. */
import { type Chart, refuseModifiers, sourceOf } from './chart.ts';
import { codingsOf, textOf } from './codings.ts';
import { ageAt } from './dates.ts';
import type { PatientFact } from './facts.ts';
import { isObject, type Json, Malformed, object, objects, string } from './json.ts';

type Sex = Pick<PatientFact, 'sex' | 'sexSource'>;

const CLINICAL_USE = 'http://hl7.org/fhir/StructureDefinition/patient-sexParameterForClinicalUse';
const RECORDED = 'http://hl7.org/fhir/StructureDefinition/individual-recordedSexOrGender';
const BIRTH_SEX = [
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-sex',
];
/** Codes of the sex extensions: HL7 sex parameter, administrative gender, SNOMED, v3 and LOINC answers. */
const SEX_BY_CODE: Readonly<Record<string, 'female' | 'male'>> = {
  'female-typical': 'female',
  'male-typical': 'male',
  female: 'female',
  male: 'male',
  F: 'female',
  M: 'male',
  '248152002': 'female',
  '248153007': 'male',
  'LA3-6': 'female',
  'LA2-8': 'male',
};

/** Q14, by `Patient.link.type`; `replaced-by` stands in the strip. `refer` is a record kept elsewhere and points at more, like `seealso`. */
const OTHER_RECORDS: Readonly<Record<string, string>> = {
  replaces: 'merged record: what was filed under the old one may not be here',
  seealso: 'may have another record',
  refer: 'may have another record',
};

/**
 * The launch's patient. When the resource is missing or malformed only the id is known: no age, no sex, and whatever
 * needs them abstains.
 */
export function readPatient(chart: Chart): PatientFact {
  const source = `Patient/${chart.patientId}`;
  const nobody: PatientFact = { id: chart.patientId, name: '', deceased: false, active: true, replaced: false, source };
  let found: PatientFact | undefined;
  for (const resource of chart.byType.get('Patient') ?? []) {
    if (resource.id !== chart.patientId) {
      chart.unread.push({ source: sourceOf(resource), reason: 'other-patient' });
      continue;
    }
    try {
      refuseModifiers(resource);
      found = describe(chart, resource);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      chart.unread.push({ source, reason: 'malformed', path: 'patient', text: error.message });
    }
  }
  return found ?? nobody;
}

function describe(chart: Chart, resource: Json): PatientFact {
  const birthText = string(resource.birthDate);
  const birthDate = birthText === undefined ? undefined : chart.dates.when(birthText);
  const age = birthText === undefined ? undefined : ageAt(birthText, chart.now, chart.dates);
  const mrn = mrnOf(resource);
  if (birthText !== undefined && birthDate === undefined) {
    chart.unread.push({ source: sourceOf(resource), reason: 'malformed', path: 'patient.age' });
  }
  for (const { type } of objects(resource.link)) {
    const text = OTHER_RECORDS[String(type)];
    if (text !== undefined) chart.unread.push({ source: sourceOf(resource), reason: 'another-record', text });
  }
  return {
    id: chart.patientId,
    name: nameOf(resource),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(age === undefined ? {} : { age }),
    ...sexOf(resource),
    ...(mrn === undefined ? {} : { mrn }),
    // Anything but a plain "no" is taken as death: the mistake to avoid is advice about the dead.
    deceased:
      ![undefined, null, false].includes(resource.deceasedBoolean as undefined) ||
      resource.deceasedDateTime !== undefined,
    active: resource.active === undefined || resource.active === true,
    replaced: objects(resource.link).some((link) => link.type === 'replaced-by'),
    source: sourceOf(resource),
  };
}

/** Sex for clinical use first, then recorded sex, birth sex, administrative gender. A parameter that says "specified" settles that none applies. */
function sexOf(resource: Json): Sex {
  const extensions = objects(resource.extension);
  const stated = extensions.filter(({ url }) => url === CLINICAL_USE).map(nestedCode);
  if (stated.includes('specified')) return {};
  const recorded = extensions.filter(({ url }) => url === RECORDED).map(nestedCode);
  const birth = extensions
    .filter(({ url }) => typeof url === 'string' && BIRTH_SEX.includes(url))
    .map(
      (extension) =>
        string(extension.valueCode) ??
        conceptCode(extension.valueCodeableConcept) ??
        string(object(extension.valueCoding)?.code),
    );
  const gender = string(resource.gender);
  return (
    agreed(stated, 'sex-parameter-for-clinical-use') ??
    agreed(recorded, 'recorded-sex-or-gender') ??
    agreed(birth, 'birth-sex') ??
    agreed([gender], 'administrative-gender') ??
    {}
  );
}

function agreed(codes: readonly (string | undefined)[], sexSource: NonNullable<Sex['sexSource']>): Sex | undefined {
  const sexes = new Set(codes.flatMap((code) => (code === undefined ? [] : (SEX_BY_CODE[code] ?? []))));
  const [sex] = sexes;
  return sexes.size === 1 && sex !== undefined ? { sex, sexSource } : undefined;
}

function nestedCode(extension: Json): string | undefined {
  const value = objects(extension.extension).find(({ url }) => url === 'value');
  return (
    conceptCode(value?.valueCodeableConcept) ?? string(object(value?.valueCoding)?.code) ?? string(value?.valueCode)
  );
}

function conceptCode(concept: unknown): string | undefined {
  return (
    codingsOf(object(concept)).find(({ code }) => code !== undefined && code in SEX_BY_CODE)?.code ??
    codingsOf(object(concept))[0]?.code
  );
}

function nameOf(resource: Json): string {
  const names = objects(resource.name);
  const name =
    names.find(({ use }) => use === 'official') ??
    names.find(({ use }) => use === 'usual') ??
    names.find(({ use }) => use !== 'old');
  if (name === undefined) return '';
  const given = Array.isArray(name.given) ? name.given.filter((part) => typeof part === 'string') : [];
  return string(name.text) ?? [...given, string(name.family)].filter((part) => part !== undefined).join(' ');
}

function mrnOf(resource: Json): string | undefined {
  const identifiers = objects(resource.identifier).filter(({ use }) => use !== 'old');
  const medical = identifiers.find(
    ({ type }) => isObject(type) && (codingsOf(type).some(({ code }) => code === 'MR') || textOf(type) === 'MRN'),
  );
  return string(medical?.value);
}
