import { describe, expect, test } from 'vitest';
import { membersOf } from '../../../models/engine/drugs/participant.ts';
import type { Duplicate } from '../../../models/engine/duplicates/duplicate.ts';
import { evaluateDuplicates } from '../../../models/engine/duplicates/evaluate.ts';
import type { Evaluation, Finding } from '../../../models/engine/evaluation.ts';
import type { MedicationFact } from '../../../models/engine/facts/facts.ts';
import type { Library } from '../../../models/engine/library.ts';
import { type Chart, factsOf, knowledge, medicine, library as without } from '../interactions-chart.ts';

const library: Library = { ...without, duplicates: knowledge<Duplicate>('duplicates') };

function evaluations(medication: readonly MedicationFact[], chart: Chart = {}): readonly Evaluation[] {
  return evaluateDuplicates({ facts: { ...factsOf(chart), medication }, library });
}

function findings(...medication: readonly MedicationFact[]): readonly (Finding & { readonly id: string })[] {
  return evaluations(medication).flatMap((one) => (one.status === 'finding' ? [{ id: one.id, ...one.finding }] : []));
}

function ids(...medication: readonly MedicationFact[]): readonly string[] {
  return findings(...medication).map(({ id }) => id.slice('duplicate-therapy/'.length));
}

function drug(rxcui: string, name: string, more: Partial<MedicationFact> = {}): MedicationFact {
  return { ...medicine({ rxcui, name }), ...more };
}

const atorvastatin = drug('83367', 'atorvastatin');
const simvastatin = drug('36567', 'simvastatin');
const lisinopril = drug('29046', 'lisinopril');
const losartan = drug('52175', 'losartan');
const ibuprofen = drug('5640', 'ibuprofen');
const naproxen = drug('7258', 'naproxen');
const aspirin = drug('1191', 'aspirin');
const lisinoprilHctz = drug('29046', 'lisinopril', {
  text: 'lisinopril / hydrochlorothiazide',
  ingredients: [
    { rxcui: '29046', name: 'lisinopril' },
    { rxcui: '5487', name: 'hydrochlorothiazide' },
  ],
});
const acetaminophen = drug('161', 'acetaminophen');
const hydrocodoneAcetaminophen = drug('5489', 'hydrocodone', {
  text: 'hydrocodone / acetaminophen',
  ingredients: [
    { rxcui: '161', name: 'acetaminophen' },
    { rxcui: '5489', name: 'hydrocodone' },
  ],
});

const groups = (library.duplicates ?? []).flatMap(({ groups: all }) => all);

describe.each(groups.map((group) => ({ id: group.id, group })))('$id', ({ id, group }) => {
  const members = membersOf(group.group, library);
  const [route = 'systemic'] = members.routes;
  const of = [...members.rxcuis].map((rxcui) => drug(rxcui, rxcui, { route: route as MedicationFact['route'] }));
  const [first, second] = of;
  const [other] = group.with ? [...membersOf(group.with, library).rxcuis].map((rxcui) => drug(rxcui, rxcui)) : [second];

  test('speaks of two, is silent about one, and about two by a route that does not count', () => {
    if (!first || !other) throw new Error('too few members');
    expect(ids(first, other)).toContain(id);
    expect(ids(first)).toEqual([]);
    expect(ids({ ...first, route: 'otic' }, { ...other, route: 'otic' })).toEqual([]);
    expect(ids({ ...first, state: 'stopped' }, other)).not.toContain(id);
    expect(ids({ ...first, state: 'planned' }, other)).toContain(id);
  });
});

describe('two of a kind', () => {
  test('names both statins and asks which is meant', () => {
    const [found] = findings(atorvastatin, simvastatin);
    expect(found?.indicator).toBe('warning');
    expect(found?.summary).toBe('Stop one of atorvastatin and simvastatin: two statins are not meant');
    expect(found?.because.map(({ label }) => label)).toEqual(['atorvastatin', 'simvastatin']);
    expect(found?.basis.used).toHaveLength(2);
  });

  test('low-dose aspirin beside an NSAID is not a duplicate', () => {
    expect(ids(aspirin, ibuprofen)).toEqual([]);
    expect(ids(naproxen, ibuprofen)).toEqual(['nsaid']);
  });

  test('an NSAID gel beside a tablet is not a duplicate', () => {
    expect(ids(drug('3355', 'diclofenac', { route: 'topical' }), ibuprofen)).toEqual([]);
  });

  test('an ACE inhibitor with an ARB is left to the interactions', () => {
    expect(ids(lisinopril, losartan)).toEqual([]);
  });

  test('bridging warfarin with enoxaparin is usual practice; a direct anticoagulant needs none', () => {
    const enoxaparin = drug('67108', 'enoxaparin');
    expect(ids(drug('11289', 'warfarin'), enoxaparin)).toEqual([]);
    expect(ids(drug('1364430', 'apixaban'), enoxaparin)).toEqual(['doac-heparin']);
  });

  test('basal with mealtime insulin, short with long opioid, and reliever with controller are usual practice', () => {
    expect(ids(drug('274783', 'insulin glargine'), drug('86009', 'insulin lispro'))).toEqual([]);
    expect(ids(drug('7052', 'morphine'), drug('7804', 'oxycodone'))).toEqual([]);
    expect(
      ids(drug('435', 'albuterol', { route: 'inhaled' }), drug('36117', 'salmeterol', { route: 'inhaled' })),
    ).toEqual([]);
  });

  test('two statins in one product, were there one, are not two products', () => {
    const both = drug('83367', 'atorvastatin', {
      ingredients: [...atorvastatin.ingredients, ...simvastatin.ingredients],
    });
    expect(ids(both)).toEqual([]);
  });

  test('the order of the list does not matter', () => {
    expect(findings(simvastatin, atorvastatin).map(({ summary }) => summary)).toEqual(
      findings(atorvastatin, simvastatin).map(({ summary }) => summary),
    );
  });
});

describe('one ingredient in two products', () => {
  test('lisinopril alone and in a combination is a double dose to check', () => {
    const [found] = findings(lisinopril, lisinoprilHctz);
    expect(found?.id).toBe('duplicate-therapy/ingredient-29046');
    expect(found?.indicator).toBe('warning');
    expect(found?.summary).toContain('lisinopril is in two products');
  });

  test('is silent about a tablet and eye drops of one ingredient, and about two insulins or two potassium salts', () => {
    const timolol = drug('10600', 'timolol');
    expect(ids(timolol, { ...timolol, route: 'ophthalmic' })).toEqual([]);
    const potassium = drug('8591', 'potassium chloride');
    expect(ids(potassium, { ...potassium, text: 'potassium chloride 10 mEq' })).toEqual([]);
  });

  test('acetaminophen in two products is information, not a warning', () => {
    const found = findings(acetaminophen, hydrocodoneAcetaminophen);
    expect(found.map(({ id, indicator }) => [id, indicator])).toEqual([['duplicate-therapy/ingredient-161', 'info']]);
  });
});

describe('acetaminophen a day', () => {
  const at = (value: number, unit = 'mg') => ({ ...acetaminophen, dailyDose: { value, unit } });

  test('warns above 4 g, not at 4 g', () => {
    expect(findings(at(4500)).map(({ summary }) => summary)).toEqual([
      'Lower the acetaminophen: 4500 mg a day, and 4 g is the most',
    ]);
    expect(ids(at(4000))).toEqual([]);
    expect(ids(at(3.9, 'g'))).toEqual([]);
    expect(ids(at(4.1, 'g'))).toEqual(['acetaminophen-4g']);
  });

  test('warns at 4 g when another product, whose dose is not read, is taken beside it, and names that', () => {
    const found = findings(at(4000), hydrocodoneAcetaminophen).find(({ id }) => id.endsWith('acetaminophen-4g'));
    expect(found?.limitation).toContain('hydrocodone / acetaminophen: its daily dose is not known');
    expect(ids(at(3000), hydrocodoneAcetaminophen)).toEqual(['ingredient-161']);
  });

  test('does not count the dose of a combination as acetaminophen', () => {
    expect(ids({ ...hydrocodoneAcetaminophen, dailyDose: { value: 6000, unit: 'mg' } })).toEqual([]);
  });
});

describe('silence', () => {
  test('says that there is no duplicate only of a list that was read in full', () => {
    const [none] = evaluations([lisinopril]);
    expect(none).toMatchObject({ status: 'not-applicable', because: { code: 'medicine-not-taken' } });
    const [pending] = evaluations([lisinopril], { medicationList: 'pending' });
    expect(pending).toMatchObject({ status: 'data-required', missing: [{ label: 'Medication list' }] });
  });

  test('is kept for the dead and for a replaced record', () => {
    const both = [atorvastatin, simvastatin];
    expect(evaluations(both, { deceased: true })[0]).toMatchObject({ because: { code: 'deceased' } });
    const facts = factsOf({});
    const replaced = { ...facts, medication: both, patient: { ...facts.patient, replaced: true } };
    expect(evaluateDuplicates({ facts: replaced, library })[0]).toMatchObject({ because: { code: 'record-replaced' } });
  });
});
