import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { evaluateRules } from '../../models/engine/rules/evaluate.ts';
import { truthOf } from '../../models/engine/rules/fhirpath.ts';
import { placeOf } from '../../models/engine/rules/view.ts';
import { type Chart, casesBeside, factsOf, library, NOW, placesIn } from './interactions-chart.ts';

function check(id: string, chart: Chart, with_ = library): Evaluation {
  const facts = factsOf(chart);
  const resolver = createResolver({ facts, library: with_, now: NOW });
  const found = evaluateRules({ facts, library: with_, resolver, now: NOW }).find((evaluation) => evaluation.id === id);
  if (!found) throw new Error(`no evaluation of ${id}`);
  return found;
}

const metformin = { rxcui: '6809', name: 'metformin', start: '2024-01-01' };
const egfr = (value: number, comparator?: '<' | '>') => ({
  egfr: { value, unit: 'mL/min/{1.73_m2}', date: '2026-11-19', ...(comparator ? { comparator } : {}) },
});

describe.each(library.rules.map(({ id }) => id))('%s', (id) => {
  test.each(casesBeside('rules', id))('$name', ({ chart, expect: wanted }) => {
    const evaluation = check(id, chart);
    expect(evaluation.status).toBe(wanted.status);
    if (evaluation.status === 'finding') {
      expect(evaluation.finding.indicator).toBe(wanted.indicator);
      expect(evaluation.finding.summary).toContain(wanted.says ?? '');
      expect(evaluation.finding.summary.length).toBeLessThan(140);
    }
    if (evaluation.status === 'not-applicable') expect(evaluation.because.code).toBe(wanted.because);
    if (evaluation.status === 'data-required')
      expect(evaluation.missing.map(({ text }) => text).join()).toContain(wanted.says ?? '');
  });

  test('fires, stays silent and lacks data in its cases', () => {
    const statuses = casesBeside('rules', id).map((one) => one.expect.status);
    expect(new Set(statuses)).toEqual(new Set(['finding', 'not-applicable', 'data-required']));
  });
});

test('every fact in a rule is declared as needed, so that a typing error cannot hide as "unknown"', () => {
  for (const { concerns, tiers, needs } of library.rules) {
    const declared = needs.map(({ fact }) => placeOf(fact).join('.'));
    for (const expression of [concerns.expression, ...tiers.map((tier) => tier.expression)])
      expect(declared).toEqual(expect.arrayContaining([...placesIn(expression)]));
  }
});

describe('the metformin card', () => {
  test('shows the eGFR with unit and date and the medicine as the chart has it', () => {
    const evaluation = check('metformin-egfr', { age: 78, sex: 'female', medicines: [metformin], results: egfr(24) });
    expect(evaluation.status === 'finding' && evaluation.finding.because).toMatchObject([
      { path: 'derived.egfr', value: 24, unit: 'mL/min/{1.73_m2}', effective: { text: '2026-11-19' } },
      { path: 'medication.6809', label: 'metformin', effective: { text: '2024-01-01' } },
    ]);
  });

  test('keeps the value that was too old for the screen', () => {
    const old = { egfr: { value: 24, unit: 'mL/min/{1.73_m2}', date: '2025-09-10' } };
    const evaluation = check('metformin-egfr', { age: 78, sex: 'female', medicines: [metformin], results: old });
    expect(evaluation.status === 'data-required' && evaluation.basis.stale).toMatchObject([{ value: 24 }]);
  });
});

test('a medication list that cannot tell asks for that list, not for a kidney function that may not matter', () => {
  const evaluation = check('metformin-egfr', { age: 78, medicines: [{ name: 'pill from abroad' }] });
  expect(evaluation.status === 'data-required' && evaluation.missing.map(({ path }) => path)).toEqual([
    'medication.6809',
  ]);
});

describe('FHIRPath over the view', () => {
  test.each([
    ['an absent fact makes a comparison unknown, not false', 'derived.egfr.value < 30', 'unknown'],
    ['"and" with a false side is false whatever is unknown', 'derived.egfr.value < 30 and patient.age > 90', 'not-met'],
    ['"or" with a true side is true whatever is unknown', 'derived.egfr.value < 30 or patient.age > 70', 'met'],
  ])('%s', (_, expression, truth) => {
    expect(truthOf(expression, { patient: { age: 78 }, derived: {} })).toBe(truth);
  });

  test('an expression that is no condition is an error, not a silent yes', () => {
    expect(() => truthOf('patient.age', { patient: { age: 78 } })).toThrow(RangeError);
  });

  test('a bound is not taken for a number', () => {
    const rule = library.rules[0];
    if (!rule) throw new Error('no rule');
    const bound = {
      ...rule,
      id: 'bound',
      needs: [...rule.needs, { fact: 'observation.egfr', label: 'eGFR reported' }],
      tiers: rule.tiers.map((tier) => ({ ...tier, expression: tier.expression.replace('derived', 'observation') })),
    };
    const evaluation = check(
      'bound',
      { age: 78, medicines: [metformin], results: egfr(60, '<') },
      { ...library, rules: [bound] },
    );
    expect(evaluation.status).toBe('data-required');
    expect(evaluation.status === 'data-required' && evaluation.missing.map(({ text }) => text).join()).toContain(
      'only a bound is known (<60)',
    );
  });

  test('a rule that cannot be parsed fails by itself and says nothing of the patient', () => {
    const rule = library.rules[0];
    if (!rule) throw new Error('no rule');
    const broken = { ...rule, id: 'broken', concerns: { expression: 'takes.(', because: '' } };
    const facts = factsOf({ age: 78, sex: 'female', medicines: [metformin], results: egfr(24) });
    const with_ = { ...library, rules: [broken, rule] };
    const resolver = createResolver({ facts, library: with_, now: NOW });
    const [first, second] = evaluateRules({ facts, library: with_, resolver, now: NOW });
    expect(first).toMatchObject({ status: 'failure', error: { code: 'rule-failed' } });
    expect(second?.status).toBe('finding');
  });
});
