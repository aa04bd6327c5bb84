import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateCautions } from '../../../models/engine/cautions/evaluate.ts';
import type { Evaluation, Finding } from '../../../models/engine/evaluation.ts';
import { prioritise } from '../../../models/engine/prioritise.ts';
import { type Drug, factsOf, library, type ShortChart, sceneOf } from './chart.ts';

const ibuprofen: Drug = ['5640', 'ibuprofen'];
const lisinopril: Drug = ['29046', 'lisinopril'];
const diazepam: Drug = ['3322', 'diazepam'];
const glyburide: Drug = ['4815', 'glyburide'];
const metoclopramide: Drug = ['6915', 'metoclopramide'];
const spironolactone: Drug = ['9997', 'spironolactone'];
const warfarin: Drug = ['11289', 'warfarin'];
const cilostazol: Drug = ['21107', 'cilostazol'];
const timolol: Drug = ['10600', 'timolol'];

function evaluate(chart: ShortChart): readonly Evaluation[] {
  return evaluateCautions(sceneOf(chart));
}

function findings(chart: ShortChart): readonly Finding[] {
  return evaluate(chart).flatMap((each) => (each.status === 'finding' ? [each.finding] : []));
}

function shown(chart: ShortChart) {
  const { today, others, notChecked } = prioritise(evaluate(chart), factsOf(chart));
  return { cards: [...today, ...others], notChecked };
}

describe('a caution', () => {
  test('says the medicine, the problem and its sources', () => {
    const [finding] = findings({ takes: cilostazol, active: ['heart-failure'] });
    expect(finding?.indicator).toBe('critical');
    expect(finding?.summary).toBe('Stop cilostazol: heart failure');
    expect(finding?.because.map(({ path }) => path)).toEqual(['condition.heart-failure', 'medication[0]']);
    expect(finding?.citations[0]).toMatchObject({ basis: 'opened', opened: '2026-11-23' });
    expect(finding?.basis.used.map(({ path }) => path)).toContain('condition.heart-failure');
  });

  test('is not made of a paused or stopped medicine, nor of one that stays on the skin', () => {
    expect(findings({ takes: cilostazol, active: ['heart-failure'], state: 'stopped' })).toEqual([]);
    expect(findings({ takes: cilostazol, active: ['heart-failure'], state: 'on-hold' })).toEqual([]);
    expect(findings({ takes: ibuprofen, active: ['heart-failure'], route: 'topical' })).toEqual([]);
  });

  test('is made of a medicine that is only planned', () => {
    expect(findings({ takes: cilostazol, active: ['heart-failure'], state: 'planned' })).toHaveLength(1);
  });

  test('counts eye drops where they close the airways', () => {
    expect(findings({ takes: timolol, active: ['asthma'], route: 'ophthalmic' })).toHaveLength(1);
  });

  test('keeps every headline under 140 characters, whatever is taken', () => {
    const many = library.ingredients.slice(0, 400).map(({ rxcui, name }): Drug => [rxcui, name]);
    const conditions = ['heart-failure', 'epilepsy', 'cirrhosis', 'parkinson', 'dementia', 'ischemic-heart-disease'];
    const found = findings({ age: 80, takes: ibuprofen, also: many, active: conditions, results: { egfr: 20 } });
    expect(found.length).toBeGreaterThan(30);
    for (const { summary } of found) expect(summary.length).toBeLessThan(140);
  });
});

describe('one card', () => {
  test('for a medicine and all that speaks against it', () => {
    const { cards } = shown({ takes: metoclopramide, active: ['epilepsy', 'parkinson', 'gi-obstruction'] });
    expect(cards).toHaveLength(1);
    expect(cards[0]?.indicator).toBe('critical');
    expect(cards[0]?.summary).toBe('Stop metoclopramide: bowel obstruction; also epilepsy, Parkinson disease');
    expect(cards[0]?.from).toHaveLength(3);
  });

  test('for all medicines that old age asks to review', () => {
    const { cards } = shown({ age: 80, takes: diazepam, also: [glyburide] });
    expect(cards).toHaveLength(1);
    expect(cards[0]?.summary).toBe('Review for older age: diazepam, glyburide');
    expect(cards[0]?.finding.detail).toContain('Long hypoglycemia');
    expect(cards[0]?.finding.detail).toContain('Falls');
  });

  test('for each of two medicines that one disease speaks against', () => {
    const { cards } = shown({ takes: cilostazol, also: [ibuprofen], active: ['heart-failure'] });
    expect(cards.map(({ summary }) => summary)).toEqual([
      'Stop cilostazol: heart failure',
      'Avoid ibuprofen: heart failure',
    ]);
  });
});

describe('silence', () => {
  test('about a healthy adult on lisinopril', () => {
    expect(findings({ age: 45, takes: lisinopril })).toEqual([]);
  });

  test('about old age in comfort care, where it is not the aim', () => {
    expect(findings({ age: 80, takes: diazepam, active: ['comfort-care'] })).toEqual([]);
    expect(findings({ age: 80, takes: diazepam })).toHaveLength(1);
  });

  test('about who has died', () => {
    const evaluations = evaluate({ takes: cilostazol, active: ['heart-failure'], deceased: true });
    expect(evaluations).toMatchObject([{ status: 'not-applicable', because: { code: 'deceased' } }]);
  });

  test('has its reason: the state was looked for and is not there', () => {
    const found = evaluate({ takes: cilostazol }).find(({ id }) => id === 'cilostazol-heart-failure');
    expect(found).toMatchObject({ status: 'not-applicable', because: { text: 'Not so here: heart failure' } });
  });

  test('of all the others is one evaluation', () => {
    const evaluations = evaluate({});
    expect(evaluations).toMatchObject([
      { id: 'cautions', status: 'not-applicable', because: { code: 'medicine-not-taken' } },
    ]);
  });
});

describe('what could not be checked', () => {
  test('a problem list that was refused is told once, with the medicines that wait for it', () => {
    const { cards, notChecked } = shown({
      takes: warfarin,
      also: [metoclopramide],
      sources: { conditions: 'refused' },
    });
    expect(cards).toEqual([]);
    const about = notChecked.filter(({ text }) => text.startsWith('Cautions'));
    expect(about).toEqual([
      {
        text: 'Cautions about metoclopramide, warfarin',
        reason: 'Problem list: the EHR did not allow this to be read',
      },
    ]);
  });

  test('a potassium that is not there is wanted, not taken as normal', () => {
    const { notChecked } = shown({ takes: spironolactone });
    expect(notChecked).toContainEqual({ text: 'Cautions about spironolactone', reason: 'Potassium: not in the chart' });
  });

  test('a kidney function that is not there is wanted once, as the creatinine that would give it', () => {
    const { notChecked } = shown({ takes: ['7454', 'nitrofurantoin'] });
    const wanted = notChecked.filter(({ text }) => text === 'Cautions about nitrofurantoin');
    expect(wanted).toHaveLength(1);
    expect(wanted[0]?.reason).toContain('eGFR');
  });

  test('a medication list that did not arrive makes no silence', () => {
    const evaluations = evaluate({ sources: { medications: 'failed' } });
    expect(evaluations).toMatchObject([{ id: 'cautions', status: 'data-required' }]);
  });

  test('a pregnancy status that is not known is wanted of a woman of 30 and of nobody else', () => {
    const wanted = (chart: ShortChart) => shown(chart).notChecked.some(({ reason }) => reason.startsWith('Pregnancy'));
    expect(wanted({ sex: 'female', age: 30, takes: lisinopril })).toBe(true);
    expect(wanted({ sex: 'female', age: 60, takes: lisinopril })).toBe(false);
    expect(wanted({ sex: 'male', age: 30, takes: lisinopril })).toBe(false);
    expect(wanted({ sex: 'female', age: 30, takes: lisinopril, pregnancy: 'not-pregnant' })).toBe(false);
  });
});

describe('the caution files', () => {
  const all = (library.cautions ?? []).flatMap((theme) => theme.cautions.map((caution) => ({ theme, caution })));

  test('are critical only of named drugs or classes, never of a recalled trait', () => {
    for (const { caution } of all)
      if (caution.indicator === 'critical') expect(caution.medicine.traits, caution.id).toBeUndefined();
  });

  test('rest every critical on something opened or shared with grade A', () => {
    for (const { theme, caution } of all)
      if (caution.indicator === 'critical')
        expect(
          caution.cite.some((key) => theme.citations[key]?.basis === 'opened' || theme.citations[key]?.grade === 'A'),
          caution.id,
        ).toBe(true);
  });

  test('give no date, place or address to what is recalled', () => {
    for (const { theme } of all)
      for (const { basis, opened, place, url } of Object.values(theme.citations))
        if (basis === 'recalled') expect([opened, place, url]).toEqual([undefined, undefined, undefined]);
  });
});

test('adding a medicine never removes a caution about another, and the order of medicines never matters', () => {
  const drugs = library.ingredients.map(({ rxcui, name }): Drug => [rxcui, name]);
  const drug = fc.constantFrom(...drugs);
  const state = fc.record({
    age: fc.integer({ min: 0, max: 100 }),
    sex: fc.constantFrom('female' as const, 'male' as const),
    active: fc.subarray(['heart-failure', 'epilepsy', 'dementia', 'asthma', 'cirrhosis', 'pregnancy', 'gout']),
    results: fc.record({ egfr: fc.integer({ min: 5, max: 120 }) }),
  });
  const held = (chart: ShortChart) =>
    evaluate(chart)
      .flatMap(({ id, status }) => (status === 'finding' ? [id] : []))
      .sort();
  fc.assert(
    fc.property(drug, fc.array(drug, { maxLength: 8 }), drug, state, (takes, also, more, chart) => {
      const before = held({ ...chart, takes, also });
      const after = held({ ...chart, takes, also: [...also, more] });
      expect(after).toEqual(expect.arrayContaining(before));
      expect(held({ ...chart, takes: more, also: [...also].reverse().concat([takes]) })).toEqual(after);
    }),
    { numRuns: 150, seed: 20261123 },
  );
});
