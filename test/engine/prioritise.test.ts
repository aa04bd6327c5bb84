import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evaluation, EvaluationKind, Finding, Indicator } from '../../models/engine/evaluation.ts';
import { prioritise } from '../../models/engine/prioritise.ts';
import { factsOf } from './interactions-chart.ts';

const facts = factsOf({ age: 70 });

function found(
  id: string,
  indicator: Indicator,
  more: Partial<Finding> = {},
  kind: EvaluationKind = 'rule',
): Evaluation {
  const finding: Finding = {
    indicator,
    summary: `Do ${id}`,
    detail: `Because of ${id}.`,
    because: [],
    action: { kind: 'note', text: `Do ${id}` },
    logic: [],
    basis: { used: [], stale: [], missing: [], excluded: [] },
    limitation: '',
    citations: [],
    ...more,
  };
  return { id, kind, title: `Title of ${id}`, version: '1', status: 'finding', finding };
}

function number(id: string): Evaluation {
  const evaluation = found(id, 'info', {}, 'risk');
  if (evaluation.status !== 'finding') throw new Error('unreachable');
  const { action: _, ...finding } = evaluation.finding;
  return { ...evaluation, finding };
}

function wanting(id: string, text: string, required = true): Evaluation {
  const missing = [{ path: 'observation.creatinine', label: 'Creatinine', absence: 'empty' as const, text, required }];
  const basis = { used: [], stale: [], missing, excluded: [] };
  return { id, kind: 'risk', title: `Title of ${id}`, version: '1', status: 'data-required', missing, basis };
}

const ids = (list: readonly { readonly from: readonly string[] }[]) => list.map(({ from }) => from.join('+'));

describe('what is shown today', () => {
  test('is every critical finding, however many, and at most three others', () => {
    const criticals = ['c1', 'c2', 'c3', 'c4', 'c5'].map((id) => found(id, 'critical'));
    const warnings = ['w1', 'w2', 'w3', 'w4'].map((id) => found(id, 'warning'));
    const { today, others } = prioritise([...warnings, ...criticals], facts);
    expect(ids(today)).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'w1', 'w2', 'w3']);
    expect(ids(others)).toEqual(['w4']);
  });

  test('begins with a value to verify, even before a critical finding', () => {
    const extreme = found('extreme-value/observation.potassium', 'warning', { verifyFirst: true }, 'extreme-value');
    expect(ids(prioritise([found('a', 'critical'), extreme], facts).today)).toEqual([
      'extreme-value/observation.potassium',
      'a',
    ]);
  });

  test('takes information only when it asks for something, after the warnings', () => {
    const { today, others } = prioritise([number('risk'), found('note', 'info'), found('warn', 'warning')], facts);
    expect(ids(today)).toEqual(['warn', 'note']);
    expect(ids(others)).toEqual(['risk']);
  });

  test('is empty when nothing was found', () => {
    expect(prioritise([], facts)).toMatchObject({ today: [], others: [], suppressed: [] });
  });

  test('does not depend on the order in which findings came in', () => {
    const all = [
      found('b', 'critical', { mergeKey: 'potassium' }),
      found('a', 'warning', { mergeKey: 'potassium' }),
      found('x', 'critical'),
      found('w1', 'warning'),
      found('w2', 'warning', {}, 'interaction'),
      found('w3', 'warning', {}, 'risk'),
      number('n1'),
      number('n2'),
      wanting('d1', 'Creatinine: not in the chart'),
      wanting('d2', 'Creatinine: not in the chart'),
    ];
    const expected = prioritise(all, facts);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(prioritise(shuffled, facts)).toEqual(expected);
      }),
    );
  });
});

describe('several answers to one question', () => {
  const of = (id: string, order: number) => {
    const evaluation = number(id);
    if (evaluation.status !== 'finding') throw new Error('unreachable');
    return { ...evaluation, finding: { ...evaluation.finding, preference: { family: 'heart', order } } };
  };
  test('show the preferred one, and say of the others that another is shown first', () => {
    const { others, suppressed } = prioritise([of('base', 3), of('full', 1), of('hba1c', 2), number('egfr')], facts);
    expect(ids(others)).toEqual(['egfr', 'full']);
    expect(suppressed.map(({ id }) => id)).toEqual(['base', 'hba1c']);
  });
  test('show the next one when the preferred one is silent', () => {
    expect(ids(prioritise([of('base', 3), of('hba1c', 2)], facts).others)).toEqual(['hba1c']);
  });
  test('never hide advice: only a plain number gives way', () => {
    const advice = found('warn', 'warning', { preference: { family: 'heart', order: 9 } }, 'risk');
    expect(ids(prioritise([of('full', 1), advice], facts).today)).toEqual(['warn']);
  });
});

describe('findings about the same thing', () => {
  const input = (path: string) => ({ path, label: path, value: 6.2, unit: 'mmol/L', sources: [] });
  const low = found('rule', 'warning', { mergeKey: 'k', detail: 'Low eGFR.', because: [input('derived.egfr')] });
  const high = found(
    'pair',
    'critical',
    { mergeKey: 'k', detail: 'High potassium.', because: [input('observation.potassium')] },
    'interaction',
  );

  test('become one with the highest tier, both reasons and both names', () => {
    const { today, others } = prioritise([low, high], facts);
    expect(others).toEqual([]);
    expect(today).toHaveLength(1);
    expect(today[0]).toMatchObject({
      id: 'pair+rule:critical',
      indicator: 'critical',
      summary: 'Do pair',
      from: ['pair', 'rule'],
    });
    expect(today[0]?.finding.detail).toBe('High potassium. Low eGFR.');
    expect(today[0]?.finding.because.map(({ path }) => path)).toEqual(['observation.potassium', 'derived.egfr']);
  });

  test('stay apart from a value to verify: nothing that reasons hides in it', () => {
    const extreme = found(
      'extreme-value/observation.potassium',
      'critical',
      { mergeKey: 'k', verifyFirst: true },
      'extreme-value',
    );
    expect(ids(prioritise([low, high, extreme], facts).today)).toEqual([
      'extreme-value/observation.potassium',
      'pair+rule',
    ]);
  });
});

describe('what "nothing found" does not cover', () => {
  test('names every source that was refused, failed, cut short or still on its way', () => {
    const partly = factsOf({ age: 70, laboratory: 'refused', medicationList: 'incomplete', conditionList: 'pending' });
    const texts = prioritise([], partly).notChecked.map(({ text, reason }) => `${text}: ${reason}`);
    expect(texts).toEqual([
      'Laboratory results: the EHR refused it',
      'Problem list: it has not arrived yet',
      'Medication list: only part of it arrived',
    ]);
  });

  test('names the medicine nobody recognised, but not one that was stopped', () => {
    const chart = factsOf({
      age: 70,
      medicines: [{ name: 'herbal mixture' }, { name: 'old powder', state: 'stopped' }],
    });
    expect(prioritise([], chart).notChecked).toEqual([
      { text: 'herbal mixture: not checked for interactions', reason: 'not recognised as a medicine' },
    ]);
  });

  test('tells in one line what lacks the same data, and names a failure', () => {
    const failure: Evaluation = {
      id: 'f',
      kind: 'risk',
      title: 'Broken',
      version: '1',
      status: 'failure',
      error: { code: 'x', message: 'It failed.' },
    };
    const same = 'Creatinine: not in the chart';
    const { notChecked } = prioritise(
      [wanting('b', same), failure, wanting('a', same), wanting('c', 'Sex: not in the chart')],
      facts,
    );
    expect(notChecked).toEqual([
      { text: 'Title of a, Title of b', reason: same },
      { text: 'Title of c', reason: 'Sex: not in the chart' },
      { text: 'Broken', reason: 'It failed.' },
    ]);
  });

  test('keeps the reason of everything that is silent', () => {
    const basis = { used: [], stale: [], missing: [], excluded: [] };
    const silent: Evaluation = {
      id: 's',
      kind: 'rule',
      title: 'S',
      version: '1',
      status: 'not-applicable',
      because: { code: 'child', text: 'Made for adults' },
      basis,
    };
    expect(prioritise([silent], facts).suppressed).toEqual([{ id: 's', because: 'Made for adults' }]);
  });
});
