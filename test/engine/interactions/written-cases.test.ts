/** What the written interactions say of two medicines when nothing else is known: sentences that a pharmacist can judge. */
import { describe, expect, test } from 'vitest';
import { evaluateInteractions } from '../../../models/engine/interactions/evaluate.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { factsOf, library, NOW, type ShortMedicine } from '../interactions-chart.ts';

const named = new Map(library.ingredients.map(({ name, rxcui }) => [name, rxcui]));

function medicine(text: string): ShortMedicine {
  const [name = '', route] = text.split(' by ');
  const rxcui = named.get(name);
  if (!rxcui) throw new Error(`the library has no profile of ${name}`);
  return { rxcui, name, ...(route ? { route: route as NonNullable<ShortMedicine['route']> } : {}) };
}

/** The gravest tier among what is found of these medicines. */
function tierOf(names: readonly string[]): string {
  const facts = factsOf({ age: 50, medicines: names.map(medicine) });
  const resolver = createResolver({ facts, library, now: NOW });
  const tiers = evaluateInteractions({ facts, library, resolver, now: NOW }).flatMap((evaluation) =>
    evaluation.status === 'finding' ? [evaluation.finding.indicator] : [],
  );
  return (['critical', 'warning', 'info'] as const).find((tier) => tiers.includes(tier)) ?? 'none';
}

describe('two medicines, nothing else known', () => {
  test.each([
    ['sertraline', 'phenelzine', 'critical'],
    ['sertraline', 'rasagiline', 'warning'],
    ['sertraline', 'sumatriptan', 'info'],
    ['sertraline', 'tramadol', 'warning'],
    ['sildenafil', 'nitroglycerin', 'critical'],
    ['sildenafil', 'tamsulosin', 'info'],
    ['oxycodone', 'lorazepam', 'critical'],
    ['buprenorphine', 'lorazepam', 'warning'],
    ['oxycodone', 'gabapentin', 'warning'],
    ['methadone', 'naltrexone', 'critical'],
    ['lovastatin', 'clarithromycin', 'critical'],
    ['pravastatin', 'itraconazole', 'none'],
    ['rosuvastatin', 'amlodipine', 'none'],
    ['azathioprine', 'febuxostat', 'critical'],
    ['azathioprine', 'allopurinol', 'warning'],
    ['tizanidine', 'ciprofloxacin', 'critical'],
    ['tizanidine', 'levofloxacin', 'none'],
    ['clopidogrel', 'omeprazole', 'warning'],
    ['clopidogrel', 'pantoprazole', 'none'],
    ['lisinopril', 'losartan', 'warning'],
    ['lisinopril', 'ibuprofen', 'info'],
    ['lisinopril', 'hydrochlorothiazide', 'none'],
    ['metoprolol', 'paroxetine', 'info'],
    ['atenolol', 'paroxetine', 'none'],
    ['warfarin', 'metronidazole', 'warning'],
    ['warfarin', 'acetaminophen', 'info'],
    ['warfarin', 'lisinopril', 'none'],
    ['digoxin', 'amiodarone', 'warning'],
    ['tamoxifen', 'paroxetine', 'warning'],
    ['tamoxifen', 'venlafaxine', 'none'],
    ['valproate', 'meropenem', 'warning'],
    ['ciprofloxacin', 'calcium carbonate', 'info'],
    ['ciprofloxacin', 'magnesium sulfate', 'none'],
    ['levothyroxine', 'lisinopril', 'none'],
    ['metformin', 'lisinopril', 'none'],
    ['amoxicillin', 'ethinyl estradiol', 'none'],
    ['levodopa', 'haloperidol', 'warning'],
    ['levodopa', 'quetiapine', 'none'],
    ['warfarin', 'miconazole by vaginal', 'warning'],
    ['warfarin', 'miconazole by topical', 'none'],
    ['apixaban', 'diclofenac by topical', 'info'],
    ['simvastatin', 'ketoconazole by topical', 'none'],
    ['ritonavir', 'fluticasone by inhaled', 'warning'],
  ])('%s with %s: %s', (a, b, tier) => {
    expect(tierOf([a, b])).toBe(tier);
    expect(tierOf([b, a])).toBe(tier);
  });
});

describe('what is written', () => {
  const DOSE = /\d\s*(mg|mcg|g)\b(?!\/)/;

  test('gives no dose that rests on recall alone', () => {
    const recalled = library.interactions.flatMap(({ id, summary, action, citations, modifiers }) =>
      [
        { text: `${summary} ${action}`, from: citations },
        ...modifiers.map((modifier) => ({
          text: `${modifier.summary} ${modifier.action ?? ''}`,
          from: modifier.citations ?? citations,
        })),
      ].flatMap(({ text, from }) =>
        DOSE.test(text) && from.every(({ basis }) => basis === 'recalled') ? [`${id}: ${text}`] : [],
      ),
    );
    expect(recalled).toEqual([]);
  });

  test('keeps every headline within what a card may hold, and every mechanism to one line', () => {
    for (const { id, summary, mechanism, modifiers } of library.interactions) {
      expect(mechanism.length, id).toBeLessThanOrEqual(150);
      for (const text of [summary, ...modifiers.map((modifier) => modifier.summary)])
        expect(text.length, id).toBeLessThan(140);
    }
  });

  test('names each side by medicines that the library knows', () => {
    const known = new Set(library.ingredients.map(({ rxcui }) => rxcui));
    const unknown = library.interactions.flatMap(({ id, object, precipitant }) =>
      [...(object.ingredients ?? []), ...(precipitant.ingredients ?? [])].flatMap(({ rxcui, name }) =>
        known.has(rxcui) ? [] : [`${id}: ${name}`],
      ),
    );
    expect(unknown).toEqual([]);
  });
});
