/** What else a chart holds: procedures, genes, relatives, devices, the aim of care, dispensed medicines, and what is hidden. */
import { describe, expect, it } from 'vitest';
import { withMedications } from '../../../models/engine/facts/read.ts';
import { DRUGS, lab, loinc, NOW, order, PATIENT, read, rxnorm } from './charts.ts';

const SNOMED = 'http://snomed.info/sct';
const about = { subject: { reference: 'Patient/p' } };
const concept = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }] });
const gene = (change: object) => ({
  ...lab({ id: 'g', valueQuantity: undefined, code: loinc('84413-4', 'Genotype display name') }),
  ...change,
});
const component = (code: object, value: string) => ({ code, valueCodeableConcept: { text: value } });

describe('gene results', () => {
  it.each([
    [
      'genomics-reporting: the genotype with the gene studied',
      {
        valueCodeableConcept: { text: 'CYP2C19*2/*2' },
        component: [component(loinc('48018-6', 'Gene studied [ID]'), 'CYP2C19')],
      },
      { gene: 'CYP2C19', diplotype: '*2/*2' },
    ],
    [
      'one Observation named after its gene, genotype and phenotype in words',
      {
        code: { text: 'CYP2D6 genotype' },
        valueString: 'CYP2D6 *4 / *41, Intermediate metabolizer, activity score 0.5',
      },
      { gene: 'CYP2D6', diplotype: '*4/*41', phenotype: 'Intermediate Metabolizer', activityScore: 0.5 },
    ],
    [
      'a phenotype under the word that CPIC left behind',
      { code: { text: 'CYP2C9 metabolic activity' }, valueCodeableConcept: { text: 'Extensive metabolizer' } },
      { gene: 'CYP2C9', phenotype: 'Normal Metabolizer' },
    ],
    [
      'a transporter',
      { code: { text: 'SLCO1B1 phenotype' }, valueString: 'Decreased function' },
      { gene: 'SLCO1B1', phenotype: 'Decreased Function' },
    ],
    [
      'an HLA allele, present or not',
      { code: { text: 'HLA-B*57:01 [Presence]' }, valueCodeableConcept: { text: 'Negative' } },
      { gene: 'HLA-B', allele: '*57:01', phenotype: 'Negative' },
    ],
    [
      'an activity score as a number of its own',
      { code: { text: 'CYP2D6 activity score' }, valueQuantity: { value: 1.25 } },
      { gene: 'CYP2D6', activityScore: 1.25 },
    ],
    [
      'a gene multiplied',
      { code: { text: 'CYP2D6 genotype' }, valueString: '*1/*2x3' },
      { gene: 'CYP2D6', diplotype: '*1/*2x3' },
    ],
  ])('%s', (_shape, change, expected) => {
    const { gene: found } = read([gene(change)]);
    expect(found).toEqual([{ ...expected, effective: expect.anything(), source: 'Observation/g' }]);
  });

  it('of a panel are one fact a gene', () => {
    const found = read([
      gene({
        code: { text: 'Pharmacogenomic panel' },
        component: [
          component({ text: 'CYP2C19 genotype' }, '*1/*17'),
          component({ text: 'CYP2C19 phenotype' }, 'Rapid metabolizer'),
          component({ text: 'TPMT phenotype' }, 'Intermediate metabolizer'),
        ],
      }),
    ]).gene;
    expect(found).toMatchObject([
      { gene: 'CYP2C19', diplotype: '*1/*17', phenotype: 'Rapid Metabolizer' },
      { gene: 'TPMT', phenotype: 'Intermediate Metabolizer' },
    ]);
  });

  it('find the gene of an implication behind it', () => {
    const genotype = gene({ id: 'geno', valueCodeableConcept: { text: 'CYP2C19*2/*2' } });
    const implication = gene({
      id: 'tx',
      code: loinc('53040-2', "Genetic variation's effect on drug metabolism"),
      valueCodeableConcept: { text: 'Poor metabolizer' },
      derivedFrom: [{ reference: 'Observation/geno' }],
    });
    expect(read([genotype, implication]).gene).toContainEqual(
      expect.objectContaining({ gene: 'CYP2C19', phenotype: 'Poor Metabolizer', source: 'Observation/tx' }),
    );
  });

  it.each([
    ['a code alone names no gene', { code: loinc('79716-7'), valueCodeableConcept: { text: 'Poor metabolizer' } }],
    ['two genes in one sentence', { code: { text: 'CYP2C9 and VKORC1' }, valueString: '*1/*3' }],
    ['positive for an HLA allele not named', { code: { text: 'HLA-B typing' }, valueString: 'Positive' }],
  ])('are not guessed: %s', (_why, change) => expect(read([gene(change)]).gene).toEqual([]));

  it('that are preliminary are no facts, and say so', () => {
    const facts = read([gene({ status: 'preliminary', valueString: 'CYP2C19 *2/*2' })]);
    expect(facts.gene).toEqual([]);
    expect(facts.unread).toMatchObject([{ reason: 'status-not-final', path: 'gene.CYP2C19' }]);
  });
});

describe('procedures, devices and relatives', () => {
  it('are read with status and date, newest first', () => {
    const procedure = (id: string, change: object) => ({
      resourceType: 'Procedure',
      id,
      ...about,
      status: 'completed',
      code: concept(SNOMED, '302497006', 'Hemodialysis'),
      ...change,
    });
    const facts = read([
      procedure('old', { performedPeriod: { start: '2020-01-01', end: '2020-01-02' } }),
      procedure('new', { performedDateTime: '2026-11-20' }),
      procedure('plan', { status: 'preparation' }),
      procedure('not', { status: 'not-done' }),
    ]);
    expect(facts.procedure?.map(({ source }) => source)).toEqual(['Procedure/new', 'Procedure/old']);
    expect(facts.unread.map(({ source, reason }) => [source, reason])).toEqual([
      ['Procedure/plan', 'status-not-final'],
      ['Procedure/not', 'status-not-final'],
    ]);
  });

  it('keep the age at onset only in years', () => {
    const relative = (onsetAge: object) => ({
      resourceType: 'FamilyMemberHistory',
      id: 'f',
      status: 'completed',
      patient: { reference: 'Patient/p' },
      relationship: { text: 'mother' },
      condition: [{ code: { text: 'Breast cancer' }, onsetAge }],
    });
    expect(read([relative({ value: 41, unit: 'years', code: 'a' })]).family).toMatchObject([
      { relation: 'mother', text: 'Breast cancer', onsetAge: 41 },
    ]);
    expect(read([relative({ value: 41, code: 'mo' })]).family?.[0]).not.toHaveProperty('onsetAge');
  });

  it('tell a pacemaker', () => {
    const device = { resourceType: 'Device', id: 'd', status: 'active', patient: { reference: 'Patient/p' } };
    expect(read([{ ...device, type: concept(SNOMED, '14106009', 'Cardiac pacemaker') }]).device).toMatchObject([
      { text: 'Cardiac pacemaker', status: 'active' },
    ]);
  });
});

describe('the aim of care', () => {
  const status = (change: object) => ({
    ...lab({ id: 's', code: loinc('100822-6'), valueQuantity: undefined }),
    ...change,
  });
  it.each([
    ['Comfort measures only', 'comfort'],
    ['Hospice', 'comfort'],
    ['DNR/DNI', 'no-resuscitation'],
    ['Do not resuscitate', 'no-resuscitation'],
    ['DNR, no intubation', 'no-resuscitation'],
    ['Full code', 'full'],
    ['Full code, discussed with the family', 'full'],
    ['Comfort care discontinued', 'full'],
  ])('is "%s": %s', (text, aim) => {
    expect(read([status({ valueCodeableConcept: { text } })]).care).toMatchObject([{ aim }]);
  });

  it.each(['Patient declines hospice', 'Hospice consult', 'Not on comfort care', 'Discussed comfort measures'])(
    'is not told by "%s"',
    (valueString) => expect(read([status({ valueString })]).care).toEqual([]),
  );

  it('is told by orders, flags, consents and procedures in force, and not by others', () => {
    const comfort = concept(SNOMED, '133918004', 'Comfort measures');
    const request = { resourceType: 'ServiceRequest', ...about, intent: 'order', code: comfort };
    const facts = read([
      { ...request, id: 'a', status: 'active' },
      { ...request, id: 'b', status: 'revoked' },
      { ...request, id: 'c', status: 'active', intent: 'proposal' },
      { resourceType: 'Flag', id: 'f', ...about, status: 'active', code: { text: 'Comfort care' } },
      {
        resourceType: 'Consent',
        id: 'n',
        patient: { reference: 'Patient/p' },
        status: 'rejected',
        category: [comfort],
      },
      {
        resourceType: 'Procedure',
        id: 'h',
        ...about,
        status: 'completed',
        code: concept(SNOMED, '305336008', 'Admission to hospice'),
      },
    ]);
    expect(facts.care?.map(({ source }) => source).sort()).toEqual(['Flag/f', 'Procedure/h', 'ServiceRequest/a']);
  });
});

describe('dispensed and given medicines', () => {
  const dispense = (change: object) => ({
    resourceType: 'MedicationDispense',
    id: 'd',
    ...about,
    status: 'completed',
    medicationCodeableConcept: rxnorm('855332', 'Warfarin Sodium 5 MG Oral Tablet'),
    whenHandedOver: '2026-11-10',
    daysSupply: { value: 30, unit: 'd' },
    ...change,
  });
  it('date the order without changing what it says', () => {
    const [medicine, ...others] = read([order({ status: 'stopped' }), dispense({})]).medication;
    expect(others).toEqual([]);
    expect(medicine).toMatchObject({
      state: 'recently-stopped',
      lastGiven: { text: '2026-11-10' },
      sources: ['MedicationRequest/m', 'MedicationDispense/d'],
    });
  });

  it('stand for themselves where there is no order: as long as the supply lasts', () => {
    expect(read([dispense({})]).medication).toMatchObject([{ state: 'active' }]);
    expect(read([dispense({ whenHandedOver: '2026-05-01' })]).medication).toMatchObject([{ state: 'stopped' }]);
    expect(read([dispense({ daysSupply: undefined })]).medication).toMatchObject([{ state: 'unknown' }]);
  });

  it('count as taken for two days after an administration, and not at all when it was not done', () => {
    const given = (effectiveDateTime: string, status = 'completed') => ({
      resourceType: 'MedicationAdministration',
      id: 'x',
      ...about,
      status,
      effectiveDateTime,
      medicationCodeableConcept: { text: 'Fluconazole 200 mg/100 mL IV' },
    });
    expect(read([given('2026-11-22T08:00:00Z')]).medication).toMatchObject([
      { state: 'active', resolution: 'by-name' },
    ]);
    expect(read([given('2026-11-12T08:00:00Z')]).medication).toMatchObject([{ state: 'recently-stopped' }]);
    expect(read([given('2026-11-22T08:00:00Z', 'not-done')]).medication).toEqual([]);
  });
});

describe('allergies', () => {
  const allergy = (change: object) => ({
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: { reference: 'Patient/p' },
    clinicalStatus: { coding: [{ code: 'active' }] },
    ...change,
  });
  it('name the drug, by code or by name, with reaction and criticality', () => {
    const coded = allergy({
      code: rxnorm('10180', 'Sulfamethoxazole'),
      criticality: 'high',
      reaction: [{ manifestation: [{ text: 'Anaphylaxis' }], severity: 'severe' }],
    });
    expect(read([coded]).allergy).toMatchObject([
      {
        ingredients: [{ rxcui: '10180' }],
        resolution: 'coded',
        criticality: 'high',
        reactions: [{ text: 'Anaphylaxis', severity: 'severe' }],
      },
    ]);
    expect(read([allergy({ code: { text: 'Lisinopril' } })]).allergy).toMatchObject([
      { ingredients: [{ name: 'lisinopril' }], resolution: 'by-name' },
    ]);
    expect(read([allergy({ code: { text: 'Penicillins' } })]).allergy).toMatchObject([
      { text: 'Penicillins', ingredients: [] },
    ]);
  });

  it('find their drug when the drug table comes later', () => {
    const resources = [PATIENT, allergy({ code: { text: 'Lisinopril' } })];
    const first = read([], { resources, drugs: undefined as never });
    expect(first.allergy[0]).not.toHaveProperty('ingredients');
    const later = withMedications(first, { patientId: 'p', resources, drugs: DRUGS, now: NOW });
    expect(later.allergy).toMatchObject([{ ingredients: [{ name: 'lisinopril' }] }]);
  });
});

describe('what is hidden in the EHR', () => {
  const masked = concept('http://terminology.hl7.org/CodeSystem/data-absent-reason', 'masked', 'Masked');
  it('is said to be restricted, never to be missing or normal', () => {
    const facts = read([
      lab({ valueQuantity: undefined, dataAbsentReason: masked }),
      { resourceType: 'Condition', id: 'c', ...about, code: masked },
      { resourceType: 'AllergyIntolerance', id: 'a', patient: { reference: 'Patient/p' }, code: masked },
      { resourceType: 'Procedure', id: 'q', ...about, status: 'completed', code: masked },
    ]);
    expect(facts.unread.map(({ reason }) => reason)).toEqual(['restricted', 'restricted', 'restricted', 'restricted']);
    expect([facts.observation, facts.condition, facts.allergy, facts.procedure]).toEqual([{}, [], [], []]);
  });

  it('keeps a medicine in the list without a name, unresolved', () => {
    expect(read([order({ medicationCodeableConcept: masked })]).medication).toMatchObject([
      { text: 'medicine hidden or not named by the EHR', resolution: 'unresolved' },
    ]);
  });

  it('reads what is left of a redacted resource and says that it is not all', () => {
    const facts = read([lab({ meta: { security: [{ code: 'REDACTED' }] } })]);
    expect(facts.observation.creatinine).toHaveLength(1);
    expect(facts.unread).toMatchObject([{ source: 'Observation/o', reason: 'restricted' }]);
  });
});
