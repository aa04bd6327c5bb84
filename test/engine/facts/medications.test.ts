import { describe, expect, it } from 'vitest';
import { missingMedications } from '../../../models/engine/facts/missing-medications.ts';
import { withMedications } from '../../../models/engine/facts/read.ts';
import { DRUGS, NOW, order, PATIENT, read, rxnorm } from './charts.ts';

const only = (resources: readonly unknown[]) => {
  const { medication } = read(resources);
  expect(medication).toHaveLength(1);
  return medication[0];
};
const names = (text: string) => DRUGS.byName(text)?.map(({ name }) => name);

describe('which drug an entry means', () => {
  it('comes from the RxNorm product code', () => {
    expect(only([order()])).toMatchObject({
      ingredients: [{ rxcui: '11289', name: 'warfarin' }],
      resolution: 'coded',
      state: 'active',
      route: 'systemic',
      sources: ['MedicationRequest/m'],
    });
  });

  it.each([
    [
      'a Medication in the chart',
      { medicationReference: { reference: 'Medication/w' } },
      [{ resourceType: 'Medication', id: 'w', code: rxnorm('855332', 'Warfarin') }],
    ],
    [
      'a contained Medication',
      {
        medicationReference: { reference: '#w' },
        contained: [{ resourceType: 'Medication', id: 'w', code: rxnorm('855332', 'Warfarin') }],
      },
      [],
    ],
  ])('comes from %s', (_name, change, more) => {
    const entry = { ...order(change), medicationCodeableConcept: undefined };
    expect(only([entry, ...more])).toMatchObject({ ingredients: [{ rxcui: '11289' }], resolution: 'coded' });
  });

  it('comes from the name when there is no code, and says so', () => {
    expect(only([order({ medicationCodeableConcept: { text: 'Warfarin 5 mg tablet' } })])).toMatchObject({
      ingredients: [{ rxcui: '11289' }],
      resolution: 'by-name',
    });
    const display = {
      ...order({ medicationReference: { display: 'Coumadin 5 mg' } }),
      medicationCodeableConcept: undefined,
    };
    expect(only([display])).toMatchObject({ ingredients: [{ rxcui: '11289' }], resolution: 'by-name' });
  });

  it('is never dropped when unknown: it stays under the chart’s words and is said to be unresolved', () => {
    const facts = read([order({ medicationCodeableConcept: { text: 'Black cohosh extract' } })]);
    expect(facts.medication).toMatchObject([
      { text: 'Black cohosh extract', ingredients: [], resolution: 'unresolved' },
    ]);
    expect(facts.unread).toMatchObject([
      { source: 'MedicationRequest/m', reason: 'unresolved-medication', text: 'Black cohosh extract' },
    ]);
  });

  it('is unresolved when two codes name two drugs', () => {
    const coding = ['855332', '312961'].map((code) => ({
      system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
      code,
    }));
    expect(only([order({ medicationCodeableConcept: { coding, text: 'Warfarin' } })])).toMatchObject({
      resolution: 'unresolved',
    });
  });

  it('keeps isosorbide mononitrate apart from isosorbide, which is no nitrate', () => {
    expect(DRUGS.ingredientsOf('311197')).toEqual([{ rxcui: '28004', name: 'isosorbide mononitrate' }]);
  });

  it('knows every drug of a combination, also where the source listed only half of it', () => {
    expect(names('Tenoretic')).toEqual(['atenolol', 'chlorthalidone']);
    expect(names('Lotrel')?.sort()).toEqual(['amlodipine', 'benazepril']);
    expect(names('Norco')?.sort()).toEqual(['acetaminophen', 'hydrocodone']);
    expect(DRUGS.ingredientsOf('37789')?.map(({ name }) => name)).toEqual(['atenolol', 'chlorthalidone']);
    expect(names('acetaminophen-codeine')?.sort()).toEqual(['acetaminophen', 'codeine']);
  });

  it('is not concluded from part of a name', () => {
    for (const text of [
      'lisinopril-unknownium',
      'warfarin or placebo',
      'metformin study drug',
      'no warfarin',
      'aspirin allergy',
      '',
    ])
      expect(names(text)).toBeUndefined();
  });

  it('tells a salt from a drug', () => {
    expect(names('Losartan potassium 50 mg')).toEqual(['losartan']);
    expect(names('potassium chloride 20 meq ER tablet')).toEqual(['potassium chloride']);
    expect(names('metoprolol succinate ER 100 mg')).toEqual(['metoprolol']);
  });
});

describe('whether it is taken', () => {
  const state = (change: object) => only([order(change)])?.state;

  it('follows status and intent', () => {
    expect(state({})).toBe('active');
    expect(state({ status: 'on-hold' })).toBe('on-hold');
    expect(state({ status: 'draft' })).toBe('planned');
    expect(state({ intent: 'proposal' })).toBe('planned');
    expect(state({ intent: 'plan' })).toBe('planned');
    expect(state({ status: 'unknown' })).toBe('unknown');
    expect(state({ status: undefined })).toBe('unknown');
  });

  it('takes a reported plan as taken: that is how self-reported medicines come', () => {
    expect(only([order({ intent: 'plan', reportedBoolean: true })])).toMatchObject({ state: 'active', reported: true });
  });

  it('sees that an active order has run out', () => {
    const until = (end: string) =>
      state({ dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2026-01-01', end } } } }] });
    expect(until('2026-11-01')).toBe('recently-stopped');
    expect(until('2026-02-01')).toBe('stopped');
    expect(until('2027-02-01')).toBe('active');
  });

  it('calls a stopped drug recent for 90 days', () => {
    expect(state({ status: 'stopped', authoredOn: '2026-10-01' })).toBe('recently-stopped');
    expect(state({ status: 'stopped', authoredOn: '2026-01-01' })).toBe('stopped');
  });

  it('leaves out errors and orders not to give', () => {
    expect(read([order({ status: 'entered-in-error' })]).medication).toEqual([]);
    expect(read([order({ doNotPerform: true })]).medication).toEqual([]);
  });

  it('reads MedicationStatements as reported', () => {
    const statement = { ...order({ resourceType: 'MedicationStatement', intent: undefined }), status: 'active' };
    expect(only([statement])).toMatchObject({ state: 'active', reported: true });
  });
});

describe('the same drug twice', () => {
  it('is one drug with two sources', () => {
    expect(only([order(), order({ id: 'm2', medicationCodeableConcept: { text: 'warfarin 2 mg' } })])).toMatchObject({
      resolution: 'coded',
      sources: ['MedicationRequest/m', 'MedicationRequest/m2'],
    });
  });

  it('is active when one of its orders is', () => {
    expect(only([order({ status: 'stopped', authoredOn: '2020-01-01' }), order({ id: 'm2' })])?.state).toBe('active');
  });

  it('by two routes is two entries: a gel is no tablet', () => {
    const medicines = read([
      order({ medicationCodeableConcept: { text: 'Diclofenac 1% topical gel' } }),
      order({ id: 'm2', medicationCodeableConcept: { text: 'Diclofenac 50 mg oral tablet' } }),
    ]).medication;
    expect(medicines.map(({ route }) => route).sort()).toEqual(['systemic', 'topical']);
  });

  it('is given no daily dose when its orders disagree', () => {
    const dosed = (id: string, text: string) => order({ id, dosageInstruction: [{ text }] });
    expect(only([dosed('a', '5 mg daily'), dosed('b', '2 mg daily')])).not.toHaveProperty('dailyDose');
    expect(only([dosed('a', '5 mg daily'), dosed('b', '5 mg daily')])?.dailyDose).toEqual({ value: 5, unit: 'mg' });
  });
});

describe('how it is taken', () => {
  const dose = (instruction: object, text = 'Warfarin Sodium 5 MG Oral Tablet') =>
    only([order({ medicationCodeableConcept: rxnorm('855332', text), dosageInstruction: [instruction] })])?.dailyDose;
  const structured = (doseQuantity: object, repeat: object) => ({
    doseAndRate: [{ doseQuantity }],
    timing: { repeat },
  });

  it('is a daily dose when structure says how much and how often', () => {
    expect(dose(structured({ value: 500, unit: 'mg' }, { frequency: 2, period: 1, periodUnit: 'd' }))).toEqual({
      value: 1000,
      unit: 'mg',
    });
    expect(dose(structured({ value: 20, unit: 'mg' }, { frequency: 1, period: 8, periodUnit: 'h' }))).toEqual({
      value: 60,
      unit: 'mg',
    });
    expect(dose(structured({ value: 2, unit: 'TABLET' }, { frequency: 1, period: 1, periodUnit: 'd' }))).toEqual({
      value: 10,
      unit: 'mg',
    });
  });

  it.each([
    ['Take 1 tablet by mouth daily', 5],
    ['10 mg PO BID', 20],
    ['5 mg every 8 hours', 15],
    ['2 tablets at bedtime', 10],
    ['Take one tablet by mouth twice daily', 10],
  ])('is read from "%s"', (text, value) => {
    expect(dose({ text })).toEqual({ value, unit: 'mg' });
  });

  it.each([
    'Take 1-2 tablets daily',
    '5 mg daily as needed',
    '5 mg daily, then 2.5 mg daily',
    '5 mg every other day',
    '10 mL bid',
    'as directed',
    '5 mg',
    '5 mg daily or twice daily',
    '1 mg/kg daily',
    'Take 1 tablet daily for 5 days',
    '25,000 units daily',
    // Not every day: a week's dose is nobody's daily dose.
    'Take 6 tablets once a week',
    '15 mg weekly',
  ])('is not guessed from "%s"', (text) => {
    expect(dose({ text })).toBeUndefined();
  });

  it('has no daily dose without a unit, as needed, in a range, or over several instructions', () => {
    const daily = { frequency: 1, period: 1, periodUnit: 'd' };
    expect(dose(structured({ value: 1 }, daily))).toBeUndefined();
    expect(dose({ ...structured({ value: 5, unit: 'mg' }, daily), asNeededBoolean: true })).toBeUndefined();
    expect(dose(structured({ value: 5, unit: 'mg' }, { ...daily, frequencyMax: 2 }))).toBeUndefined();
    const twice = structured({ value: 5, unit: 'mg' }, daily);
    expect(only([order({ dosageInstruction: [twice, twice] })])).not.toHaveProperty('dailyDose');
  });

  it('keeps the medicine when the dosage is malformed', () => {
    expect(only([order({ dosageInstruction: 'daily' })])).toMatchObject({
      ingredients: [{ rxcui: '11289' }],
      asNeeded: false,
    });
  });

  it('takes the route from its code before the product’s form', () => {
    const route = { coding: [{ system: 'http://snomed.info/sct', code: '54485002', display: 'Ophthalmic' }] };
    expect(
      only([order({ medicationCodeableConcept: { text: 'Timolol 0.5% solution' }, dosageInstruction: [{ route }] })])
        ?.route,
    ).toBe('ophthalmic');
  });
});

describe('what hospital orders call things', () => {
  it.each([
    ['NS 500mL Bag', ['sodium chloride']],
    ['D5 1/2NS 1000mL Bag', ['glucose', 'sodium chloride']],
    ['LR 1000ml Bag', ['lactate', 'calcium chloride', 'potassium chloride', 'sodium chloride']],
    ['Potassium Chl 40 mEq / 1000 mL D5W 1000 mL Bag', ['glucose', 'potassium chloride']],
    ['Acetaminophen w/Codeine 300 mg / 30 mg Tab', ['acetaminophen', 'codeine']],
    ['Sulfameth/Trimethoprim DS DS Tablet', ['sulfamethoxazole', 'trimethoprim']],
    ['Methotrexate Sodium P.F. 25mg/mL-2mL Vial', ['methotrexate']],
    ['Insulin Human 70/30', ['insulin isophane', 'insulin, regular, human']],
    ['0.9% Sodium Chloride (Mini Bag Plus) 100mL Bag', ['sodium chloride']],
    ['Tylenol #3', ['acetaminophen', 'codeine']],
    ['Tylenol PM', ['acetaminophen', 'diphenhydramine']],
    ['acetaminophen-codeine #3 tablet', ['acetaminophen', 'codeine']],
    ['losartan-HCTZ 100-25 mg', ['losartan', 'hydrochlorothiazide']],
    ['ASA 81 mg', ['aspirin']],
    ['paracetamol 500 mg', ['acetaminophen']],
    ["St. John's wort", ["st. john's wort extract"]],
    ['Lantus SoloStar', ['insulin glargine']],
    ['Klor-Con M20', ['potassium chloride']],
  ])('%s', (text, expected) => expect(names(text)).toEqual(expected));

  it.each([
    ['a nasal spray is not saline', 'Fluticasone 50 mcg NS'],
    ['an insulin of an unsaid kind is no insulin in particular', 'Insulin Dummy Package for Sliding Scale'],
    ['the solution prepared for heparin does not hold it', 'D5W HEPARIN BASE'],
    ['a study drug may be the placebo', 'Donepezil 5 mg or Placebo Capsule'],
    ['vitamin D has two forms', 'Vitamin D 400 Unit Tablet'],
    ['plus means a second drug', 'Candesartan plus 16 mg'],
    ['so does HCT', 'Candesartan HCT'],
    ['a numbered brand is another drug', 'Fioricet #3'],
    ['a name unknown beside a known one', 'Warfarin and moonwort'],
  ])('%s: %s is not resolved', (_why, text) => expect(names(text)).toBeUndefined());

  it.each(['Vial Send Vial', 'Bag 50 mL Bag', 'Syringe (IV Room) 1 Syringe', 'AMP SEND AMPULE'])(
    '%s is packaging: not a medicine, and said',
    (text) => {
      const facts = read([order({ medicationCodeableConcept: { text } })]);
      expect(facts.medication).toEqual([]);
      expect(facts.unread).toMatchObject([{ source: 'MedicationRequest/m', reason: 'not-a-medicine', text }]);
    },
  );

  it.each(['Soln 50 mL Vial', 'Syringe (Chemo)', 'Epidural Bag 250 mL Bag'])(
    '%s may hold a drug: it stays in the list, unresolved',
    (text) => {
      const facts = read([order({ medicationCodeableConcept: { text } })]);
      expect(facts.medication).toMatchObject([{ text, resolution: 'unresolved' }]);
    },
  );
});

describe('medicines read later than the rest', () => {
  it('replace the unresolved ones and leave everything else as it was', () => {
    const resources = [PATIENT, order()];
    const first = read([], { resources, drugs: undefined as never });
    expect(first.medication).toMatchObject([{ resolution: 'unresolved' }]);
    const later = withMedications(first, { patientId: 'p', resources, drugs: DRUGS, now: NOW });
    expect(later.medication).toMatchObject([{ resolution: 'coded' }]);
    expect(later.unread).toEqual([]);
    expect(later.patient).toBe(first.patient);
  });

  it('say which Medication resources are still to be read', () => {
    const entry = {
      ...order({ medicationReference: { reference: 'https://ehr/r4/Medication/w' } }),
      medicationCodeableConcept: undefined,
    };
    expect(missingMedications([entry, null, 3])).toEqual(['Medication/w']);
    expect(missingMedications([entry, { resourceType: 'Medication', id: 'w' }])).toEqual([]);
  });
});
