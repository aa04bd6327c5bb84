import { describe, expect, test } from 'vitest';
import { evaluateAllergies } from '../../../models/engine/allergies/evaluate.ts';
import type { Evaluation } from '../../../models/engine/evaluation.ts';
import type { AllergyFact } from '../../../models/engine/facts/facts.ts';
import { prioritise } from '../../../models/engine/prioritise.ts';
import { type Drug, factsOf, library, type ShortChart } from '../cautions/chart.ts';

const DRUGS = {
  acetaminophen: '161',
  amoxicillin: '723',
  'penicillin V': '7984',
  cephalexin: '2231',
  cefazolin: '2180',
  ceftriaxone: '2193',
  cefotaxime: '2186',
  ceftazidime: '2191',
  aztreonam: '1272',
  meropenem: '29561',
  sulfamethoxazole: '10180',
  trimethoprim: '10829',
  sulfadiazine: '10171',
  furosemide: '4603',
  hydrochlorothiazide: '5487',
  glipizide: '4821',
  celecoxib: '140587',
  aspirin: '1191',
  naproxen: '7258',
  ibuprofen: '5640',
  lisinopril: '29046',
  ramipril: '35296',
  losartan: '52175',
  sacubitril: '1656328',
  morphine: '7052',
  codeine: '2670',
  fentanyl: '4337',
  atorvastatin: '83367',
  rosuvastatin: '301542',
  carbamazepine: '2002',
  phenytoin: '8183',
  levetiracetam: '114477',
  lidocaine: '6387',
  benzocaine: '1399',
  propofol: '8782',
  enoxaparin: '67108',
  heparin: '5224',
  fondaparinux: '321208',
} as const;
type Name = keyof typeof DRUGS;

const drug = (name: Name): Drug => [DRUGS[name], name];

/** An entry about a drug, with what happened; severity is not given. */
function entry(
  names: Name | readonly Name[],
  reaction?: string,
  more: Partial<AllergyFact> = {},
): Partial<AllergyFact> {
  const list: readonly Name[] = typeof names === 'string' ? [names] : names;
  return {
    text: list.join(' / '),
    ingredients: list.map((name) => ({ rxcui: DRUGS[name], name })),
    resolution: 'coded',
    ...(reaction ? { reactions: [{ text: reaction }] } : {}),
    ...more,
  };
}

/** An entry in words only. */
const words = (text: string, reaction?: string): Partial<AllergyFact> => ({
  text,
  ...(reaction ? { reactions: [{ text: reaction }] } : {}),
});

function evaluate(chart: ShortChart): readonly Evaluation[] {
  return evaluateAllergies({ facts: factsOf(chart), library });
}

/** The tier of what is said of a medicine in the light of an entry; `none`: nothing. */
function tier(allergy: Partial<AllergyFact>, takes: Name): string {
  const found = evaluate({ takes: drug(takes), allergy: [allergy] }).find(({ status }) => status === 'finding');
  return found?.status === 'finding' ? found.finding.indicator : 'none';
}

describe('the drug itself', () => {
  test.each([
    ['after anaphylaxis is critical', entry('amoxicillin', 'Anaphylaxis'), 'critical'],
    ['after a rash is critical', entry('amoxicillin', 'Eruption of skin'), 'critical'],
    [
      'filed as an allergy without a reaction is critical',
      entry('amoxicillin', undefined, { kind: 'allergy' }),
      'critical',
    ],
    ['of high criticality is critical', entry('amoxicillin', undefined, { criticality: 'high' }), 'critical'],
    ['without kind or reaction is a warning', entry('amoxicillin'), 'warning'],
    [
      'after nausea is a warning, even when filed as an allergy',
      entry('amoxicillin', 'Nausea', { kind: 'allergy' }),
      'warning',
    ],
    ['filed as an intolerance is a warning', entry('amoxicillin', undefined, { kind: 'intolerance' }), 'warning'],
  ])('%s', (_, allergy, expected) => {
    expect(tier(allergy, 'amoxicillin')).toBe(expected);
  });

  test('in a combination that the entry names is a warning: which part was to blame is not stated', () => {
    const bactrim = entry(['sulfamethoxazole', 'trimethoprim'], 'Stevens-Johnson syndrome');
    expect(tier(bactrim, 'trimethoprim')).toBe('warning');
  });

  test('counts by any route', () => {
    const chart: ShortChart = {
      takes: drug('amoxicillin'),
      route: 'ophthalmic',
      allergy: [entry('amoxicillin', 'hives')],
    };
    expect(evaluate(chart).filter(({ status }) => status === 'finding')).toHaveLength(1);
  });

  test('is one card, though it is on the list twice', () => {
    const chart = { takes: drug('amoxicillin'), allergy: [entry('amoxicillin'), entry('amoxicillin', 'Anaphylaxis')] };
    const { today } = prioritise(evaluate(chart), factsOf(chart));
    expect(today).toMatchObject([{ indicator: 'critical' }]);
  });

  test('says what the chart says of the reaction', () => {
    const [found] = evaluate({ takes: drug('amoxicillin'), allergy: [entry('amoxicillin', 'Anaphylaxis')] });
    expect(found).toMatchObject({
      finding: { summary: 'Stop amoxicillin and replace it: the allergy list names it (amoxicillin: Anaphylaxis)' },
    });
  });
});

const severeBleed = entry('aspirin', undefined, { reactions: [{ text: 'Bleeding', severity: 'severe' }] });

describe('relatives, as the evidence has it', () => {
  test.each<[string, Partial<AllergyFact>, Name, string]>([
    ['penicillin anaphylaxis and amoxicillin', words('Penicillin', 'Anaphylaxis'), 'amoxicillin', 'critical'],
    ['a penicillin rash and amoxicillin', words('PCN', 'rash'), 'amoxicillin', 'warning'],
    ['penicillin nausea and amoxicillin', words('Penicillins', 'nausea and vomiting'), 'amoxicillin', 'none'],
    [
      'penicillin anaphylaxis and cefazolin, whose side chain is its own',
      words('Penicillin', 'Anaphylaxis'),
      'cefazolin',
      'none',
    ],
    ['penicillin anaphylaxis and ceftriaxone', words('Penicillin', 'Anaphylaxis'), 'ceftriaxone', 'none'],
    ['penicillin anaphylaxis and cephalexin', words('Penicillin', 'Anaphylaxis'), 'cephalexin', 'warning'],
    ['a penicillin rash and cephalexin', words('Penicillin', 'rash'), 'cephalexin', 'info'],
    ['amoxicillin hives and cephalexin, the same side chain', entry('amoxicillin', 'hives'), 'cephalexin', 'warning'],
    ['amoxicillin hives and cefazolin', entry('amoxicillin', 'hives'), 'cefazolin', 'none'],
    ['penicillin anaphylaxis and meropenem', words('Penicillin', 'Anaphylaxis'), 'meropenem', 'info'],
    ['a penicillin rash and meropenem', words('Penicillin', 'rash'), 'meropenem', 'none'],
    ['ceftriaxone hives and cefotaxime', entry('ceftriaxone', 'hives'), 'cefotaxime', 'warning'],
    ['ceftriaxone hives and cephalexin', entry('ceftriaxone', 'hives'), 'cephalexin', 'none'],
    ['ceftriaxone hives and cefazolin', entry('ceftriaxone', 'hives'), 'cefazolin', 'none'],
    ['ceftazidime hives and aztreonam', entry('ceftazidime', 'hives'), 'aztreonam', 'warning'],
    ['penicillin anaphylaxis and aztreonam', words('Penicillin', 'Anaphylaxis'), 'aztreonam', 'none'],
    ['a sulfa rash and sulfadiazine', words('Sulfa drugs', 'rash'), 'sulfadiazine', 'warning'],
    ['a sulfa rash and furosemide', words('Sulfa drugs', 'rash'), 'furosemide', 'none'],
    [
      'sulfamethoxazole SJS and hydrochlorothiazide',
      entry('sulfamethoxazole', 'Stevens-Johnson'),
      'hydrochlorothiazide',
      'none',
    ],
    ['sulfamethoxazole SJS and celecoxib', entry('sulfamethoxazole', 'Stevens-Johnson'), 'celecoxib', 'none'],
    ['sulfamethoxazole SJS and glipizide', entry('sulfamethoxazole', 'Stevens-Johnson'), 'glipizide', 'none'],
    ['wheezing from aspirin and naproxen', entry('aspirin', 'Wheezing'), 'naproxen', 'warning'],
    ['wheezing from aspirin and celecoxib', entry('aspirin', 'Wheezing'), 'celecoxib', 'info'],
    ['wheezing from aspirin and acetaminophen', entry('aspirin', 'Wheezing'), 'acetaminophen', 'none'],
    ['a severe bleed under aspirin and naproxen', severeBleed, 'naproxen', 'none'],
    ['heartburn from ibuprofen and naproxen', entry('ibuprofen', 'heartburn'), 'naproxen', 'none'],
    ['angioedema from lisinopril and ramipril', entry('lisinopril', 'Angioedema'), 'ramipril', 'critical'],
    ['angioedema from lisinopril and sacubitril', entry('lisinopril', 'Angioedema'), 'sacubitril', 'critical'],
    ['angioedema from lisinopril and losartan', entry('lisinopril', 'Angioedema'), 'losartan', 'info'],
    ['cough from lisinopril and ramipril', entry('lisinopril', 'Cough'), 'ramipril', 'info'],
    ['cough from lisinopril and losartan', entry('lisinopril', 'Cough'), 'losartan', 'none'],
    ['cough from lisinopril and sacubitril', entry('lisinopril', 'Cough'), 'sacubitril', 'none'],
    ['itching from codeine and morphine', entry('codeine', 'itching'), 'morphine', 'info'],
    ['nausea from codeine and morphine', entry('codeine', 'nausea'), 'morphine', 'none'],
    ['anaphylaxis from codeine and fentanyl', entry('codeine', 'Anaphylaxis'), 'fentanyl', 'none'],
    ['muscle pain from atorvastatin and rosuvastatin', entry('atorvastatin', 'Myalgia'), 'rosuvastatin', 'info'],
    ['DRESS from carbamazepine and phenytoin', entry('carbamazepine', 'DRESS'), 'phenytoin', 'warning'],
    ['DRESS from carbamazepine and levetiracetam', entry('carbamazepine', 'DRESS'), 'levetiracetam', 'none'],
    ['benzocaine hives and lidocaine', entry('benzocaine', 'hives'), 'lidocaine', 'none'],
    ['heparin thrombocytopenia and enoxaparin', entry('heparin', 'Thrombocytopenia'), 'enoxaparin', 'warning'],
    ['heparin thrombocytopenia and fondaparinux', entry('heparin', 'Thrombocytopenia'), 'fondaparinux', 'none'],
    ['egg and propofol', words('Eggs', 'Anaphylaxis'), 'propofol', 'none'],
  ])('%s: %4$s', (_, allergy, takes, expected) => {
    expect(tier(allergy, takes)).toBe(expected);
  });

  test('a class by its code, without any words', () => {
    const coded = {
      codings: [{ system: 'http://snomed.info/sct', code: '373270004' }],
      reactions: [{ text: 'Anaphylaxis' }],
    };
    expect(tier(coded, 'amoxicillin')).toBe('critical');
  });
});

describe('what could not be checked', () => {
  const notChecked = (chart: ShortChart) => prioritise(evaluate(chart), factsOf(chart)).notChecked;

  test('an entry that nobody understands is listed', () => {
    expect(notChecked({ allergy: [words('Zorbafex')] })).toMatchObject([{ text: 'Allergy to Zorbafex' }]);
  });

  test.each(['Shellfish allergy', 'Latex', 'House dust mite allergy', 'Strawberry', "Cow's Milk"])(
    '%s concerns no medicine and leaves no gap',
    (text) => {
      expect(notChecked({ takes: drug('amoxicillin'), allergy: [words(text)] })).toEqual([]);
    },
  );

  test.each(['refused', 'failed', 'incomplete', 'not-asked'] as const)(
    'a list that was %s is never “none”',
    (state) => {
      const chart: ShortChart = { takes: drug('amoxicillin'), sources: { allergies: state } };
      const list = evaluate(chart).find(({ id }) => id === 'allergies');
      expect(list).toMatchObject({ status: 'data-required', missing: [{ path: 'allergy', required: true }] });
    },
  );

  test('a hit in a list that arrived in part is said, and so is the part that is missing', () => {
    const chart: ShortChart = {
      takes: drug('amoxicillin'),
      allergy: [entry('amoxicillin', 'Anaphylaxis')],
      sources: { allergies: 'incomplete' },
    };
    expect(evaluate(chart).map(({ status }) => status)).toEqual(['finding', 'data-required']);
  });

  test('an empty list that was read is said to be so', () => {
    expect(evaluate({ takes: drug('amoxicillin'), sources: { allergies: 'empty' } })).toMatchObject([
      { id: 'allergies', status: 'not-applicable' },
    ]);
  });
});

test('the statements about the drug itself are in the library', () => {
  const itself = library.allergies?.find(({ id }) => id === 'the-drug-itself');
  const natures = itself?.crosses.flatMap(({ indicator }) => Object.keys(indicator)).sort();
  expect(natures).toEqual(['allergy', 'intolerance', 'severe', 'unstated']);
});

test('every group has medicines, or codes or words by which an entry is known', () => {
  for (const { id, allergen } of library.allergies ?? []) {
    if (id === 'the-drug-itself') continue;
    const known = [allergen.classes, allergen.ingredients, allergen.codes, allergen.words].some((list) => list?.length);
    expect(known, id).toBe(true);
  }
});
