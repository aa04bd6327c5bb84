import { describe, expect, it } from 'vitest';
import { loinc, PATIENT, read } from './charts.ts';

const patient = (change: object) => read([], { resources: [{ ...PATIENT, ...change }] }).patient;
const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });

describe('the patient', () => {
  it('has an age in completed years and says where the sex comes from', () => {
    expect(patient({ name: [{ use: 'official', given: ['Ada', 'M'], family: 'Reyes' }] })).toMatchObject({
      age: 76,
      sex: 'female',
      sexSource: 'administrative-gender',
      name: 'Ada M Reyes',
    });
  });

  it('is dead by flag or by date, and when the flag is not understood', () => {
    for (const change of [{ deceasedBoolean: true }, { deceasedDateTime: '2020' }, { deceasedBoolean: 'yes' }])
      expect(patient(change).deceased).toBe(true);
    for (const change of [{ deceasedBoolean: false }, {}]) expect(patient(change).deceased).toBe(false);
  });

  it('whose record was replaced or is inactive says so', () => {
    expect(patient({ link: [{ type: 'replaced-by', other: { reference: 'Patient/q' } }] }).replaced).toBe(true);
    expect(patient({ link: [{ type: 'seealso', other: { reference: 'Patient/q' } }] }).replaced).toBe(false);
    expect(patient({ active: false }).active).toBe(false);
  });

  it.each([
    ['replaces', 'merged record: what was filed under the old one may not be here'],
    ['seealso', 'may have another record'],
  ])('whose record is linked by "%s" is read, and the gap is said', (type, text) => {
    const facts = read([], { resources: [{ ...PATIENT, link: [{ type, other: { reference: 'Patient/q' } }] }] });
    expect(facts.patient.replaced).toBe(false);
    expect(facts.unread).toContainEqual({ source: `Patient/${PATIENT.id}`, reason: 'another-record', text });
  });

  it('without a link has no such gap', () => {
    expect(read([], { resources: [PATIENT] }).unread).toEqual([]);
  });

  it('has the sex for clinical use before recorded sex, birth sex and administrative gender', () => {
    const clinical = (code: string) => ({
      url: 'http://hl7.org/fhir/StructureDefinition/patient-sexParameterForClinicalUse',
      extension: [{ url: 'value', valueCodeableConcept: { coding: [{ code }] } }],
    });
    const birth = { url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex', valueCode: 'M' };
    expect(patient({ extension: [birth, clinical('male-typical')] })).toMatchObject({
      sex: 'male',
      sexSource: 'sex-parameter-for-clinical-use',
    });
    expect(patient({ extension: [birth] })).toMatchObject({ sex: 'male', sexSource: 'birth-sex' });
    expect(patient({ extension: [birth, clinical('specified')] })).not.toHaveProperty('sex');
    expect(patient({ gender: 'other' })).not.toHaveProperty('sex');
  });

  it('has the medical record number that is marked as one', () => {
    const identifier = [{ value: 'ssn' }, { type: { coding: [{ code: 'MR' }] }, value: '0042' }];
    expect(patient({ identifier }).mrn).toBe('0042');
    expect(patient({ identifier: [{ value: 'ssn' }] })).not.toHaveProperty('mrn');
  });

  it('that is malformed is known by id alone, and the chart says why', () => {
    const facts = read([], { resources: [{ ...PATIENT, birthDate: 1950 }] });
    expect(facts.patient).not.toHaveProperty('sex');
    expect(facts.unread).toMatchObject([{ reason: 'malformed', path: 'patient' }]);
  });

  it('is never taken from another patient’s resource', () => {
    const facts = read([], { resources: [{ ...PATIENT, id: 'q' }] });
    expect(facts.patient).not.toHaveProperty('age');
    expect(facts.unread).toMatchObject([{ source: 'Patient/q', reason: 'other-patient' }]);
  });
});

describe('a problem', () => {
  const condition = (change: object) => ({
    resourceType: 'Condition',
    id: 'c',
    subject: { reference: 'Patient/p' },
    clinicalStatus: { coding: [{ code: 'active' }] },
    verificationStatus: { coding: [{ code: 'confirmed' }] },
    code: { ...snomed('44054006'), text: 'Type 2 diabetes' },
    ...change,
  });
  const active = (change: object) => read([condition(change)]).condition.map((each) => each.active);

  it('counts when active, recurrent or relapsed, not when its status is missing', () => {
    expect(active({})).toEqual([true]);
    expect(active({ clinicalStatus: { coding: [{ code: 'recurrence' }] } })).toEqual([true]);
    expect(active({ clinicalStatus: { coding: [{ code: 'resolved' }] } })).toEqual([false]);
    expect(active({ clinicalStatus: undefined })).toEqual([false]);
  });

  it('that is refuted or entered in error is not on the list; an unconfirmed one does not count as present', () => {
    expect(active({ verificationStatus: { coding: [{ code: 'refuted' }] } })).toEqual([]);
    expect(active({ verificationStatus: { coding: [{ code: 'unconfirmed' }] } })).toEqual([false]);
    expect(active({ verificationStatus: { coding: [{ code: 'provisional' }] } })).toEqual([true]);
  });

  it('"patient currently pregnant" answers the pregnancy question', () => {
    const facts = read([condition({ code: snomed('77386006'), onsetDateTime: '2026-09-01' })]);
    expect(facts.coded['pregnancy-status']?.[0]).toMatchObject({ value: 'pregnant', source: 'Condition/c' });
    expect(
      read([condition({ code: snomed('77386006'), onsetDateTime: '2026-09-01', clinicalStatus: undefined })]).coded,
    ).toEqual({});
  });
});

describe('an allergy', () => {
  const allergy = (change: object) => ({
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: { reference: 'Patient/p' },
    code: { text: 'Penicillin' },
    type: 'allergy',
    ...change,
  });

  it('is on the list unless refuted, resolved, or "no known allergies"', () => {
    expect(read([allergy({})]).allergy).toMatchObject([{ text: 'Penicillin', kind: 'allergy' }]);
    expect(read([allergy({ verificationStatus: { coding: [{ code: 'refuted' }] } })]).allergy).toEqual([]);
    expect(read([allergy({ clinicalStatus: { coding: [{ code: 'resolved' }] } })]).allergy).toEqual([]);
    expect(read([allergy({ code: snomed('716186003') })]).allergy).toEqual([]);
  });
});

describe('smoking and pregnancy status', () => {
  const status = (code: string, answer: object, change: object = {}) => ({
    resourceType: 'Observation',
    id: 's',
    status: 'final',
    code: loinc(code),
    subject: { reference: 'Patient/p' },
    effectiveDateTime: '2026-01-01',
    valueCodeableConcept: answer,
    ...change,
  });
  const smoking = (answer: object) => read([status('72166-2', answer)]).coded['smoking-status']?.[0]?.value;

  it('is one of four words', () => {
    expect(smoking(snomed('449868002'))).toBe('current');
    expect(smoking(snomed('77176002'))).toBe('current');
    expect(smoking(snomed('8517006'))).toBe('former');
    expect(smoking(snomed('266919005'))).toBe('never');
    expect(smoking({ text: 'Never smoker' })).toBe('never');
    expect(smoking(snomed('266927001'))).toBe('unknown');
  });

  it('that is not understood, or says two things, is unknown and never the nearest word', () => {
    expect(smoking({ text: 'Sometimes smokes salmon' })).toBe('unknown');
    expect(smoking({ coding: [...snomed('8517006').coding, ...snomed('449868002').coding] })).toBe('unknown');
  });

  it('of pregnancy is pregnant or not, and preliminary answers are refused', () => {
    expect(read([status('82810-3', snomed('77386006'))]).coded['pregnancy-status']?.[0]?.value).toBe('pregnant');
    expect(read([status('82810-3', snomed('60001007'))]).coded['pregnancy-status']?.[0]?.value).toBe('not-pregnant');
    expect(read([status('82810-3', snomed('77386006'), { status: 'preliminary' })]).coded).toEqual({});
  });
});
