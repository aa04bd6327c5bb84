import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../models/engine/evaluate.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { difference } from '../../../models/engine/plan/difference.ts';
import { isSimulated, withPlan } from '../../../models/engine/plan/plan.ts';
import { planText } from '../../../models/engine/plan/text.ts';
import { loadLibrary } from '../../../server/library.ts';
import { madeFacts, NOW } from '../made-facts.ts';

const { library } = await loadLibrary({ dir: 'models' });
const withoutTrained = { ...library, risk: library.risk.filter(({ kind }) => kind !== 'onnx') };
const runtime = { predict: () => Promise.reject(new Error('not asked')) };
const said = (facts: Facts) => evaluate(facts, withoutTrained, runtime, NOW);

const facts = madeFacts(
  { 'patient.age': 70, 'patient.sex': 'female', 'medication.36567': true, 'medication.21212': true },
  library,
);
const CLARITHROMYCIN = 'MedicationRequest/21212';
const ketoconazole = {
  text: 'ketoconazole',
  ingredients: [{ rxcui: '6135', name: 'ketoconazole' }],
  route: 'systemic',
} as const;

describe('switching a medicine off', () => {
  test('simvastatin with clarithromycin: without clarithromycin the contraindication is gone', async () => {
    const changes = difference(await said(facts), await said(withPlan(facts, { off: [CLARITHROMYCIN], added: [] })));
    expect(changes).toContainEqual(
      expect.objectContaining({ is: 'gone', finding: expect.objectContaining({ indicator: 'critical' }) }),
    );
    expect(changes.some(({ is }) => is === 'new')).toBe(false);
  });
});

describe('what if I add', () => {
  test('ketoconazole to simvastatin alone: a new contraindication, before anything is ordered', async () => {
    const alone = withPlan(facts, { off: [CLARITHROMYCIN], added: [] });
    const changes = difference(await said(alone), await said(withPlan(alone, { off: [], added: [ketoconazole] })));
    expect(changes[0]).toMatchObject({ is: 'new', finding: { indicator: 'critical' } });
  });
  test('the same cream instead: nothing changes', async () => {
    const alone = withPlan(facts, { off: [CLARITHROMYCIN], added: [] });
    const cream = { ...ketoconazole, text: 'ketoconazole cream', route: 'topical' as const };
    const changes = difference(await said(alone), await said(withPlan(alone, { off: [], added: [cream] })));
    expect(changes.filter(({ finding }) => finding.indicator !== 'info')).toEqual([]);
  });
});

test('an empty plan changes nothing, and off and on again gives the chart back', async () => {
  expect(withPlan(facts, { off: [], added: [] })).toEqual(facts);
  expect(difference(await said(facts), await said(facts))).toEqual([]);
});

test('whatever is switched off or added, the chart’s own facts stay as they were and nothing simulated has a resource', () => {
  fc.assert(
    fc.property(fc.subarray(facts.medication.map(({ sources }) => sources[0] ?? '')), fc.nat(3), (off, count) => {
      const before = JSON.stringify(facts);
      const planned = withPlan(facts, { off, added: Array.from({ length: count }, () => ketoconazole) });
      expect(JSON.stringify(facts)).toBe(before);
      expect(planned.medication.filter(isSimulated)).toHaveLength(count);
      expect(planned.medication).toHaveLength(facts.medication.length - off.length + count);
    }),
  );
});

test('the text says that nothing was ordered, what was not checked, and how old the drug knowledge is', () => {
  const text = planText({
    plan: { off: [CLARITHROMYCIN], added: [ketoconazole] },
    medicines: facts.medication,
    changes: [],
    notChecked: [{ text: 'Herbal mix: not checked for interactions', reason: 'not recognised as a medicine' }],
    library: { digest: library.digest, asOf: library.drugTable.asOf },
    made: '2026-11-20T09:00:00Z',
  });
  expect(text).toContain('nothing was ordered');
  expect(text).toContain('Herbal mix');
  expect(text).toContain(library.drugTable.asOf);
});
