/** What all products of one ingredient add up to in a day, as far as their doses can be read. */
import type { MedicationFact } from '../facts/facts.ts';
import type { DailyMost } from './duplicate.ts';
import type { Found } from './evaluate.ts';

const SYSTEMIC = ['systemic', 'unknown'];
const MILLIGRAMS: Readonly<Record<string, number>> = { ug: 0.001, mg: 1, g: 1000 };

/** Milligrams of a daily dose given as a mass; `undefined`: not a mass, or not read. */
export function milligramsADay({ dailyDose }: MedicationFact): number | undefined {
  const factor = dailyDose && MILLIGRAMS[dailyDose.unit];
  return factor === undefined ? undefined : dailyDose && dailyDose.value * factor;
}

/**
 * Speaks when the readable doses are over the limit, or at it with another product beside. The dose of a combination is
 * not that of one ingredient: it adds nothing here and is named.
 */
export function overDaily(limit: DailyMost, taken: readonly MedicationFact[]): readonly Found[] {
  const medicines = taken.filter(
    ({ ingredients, route }) =>
      SYSTEMIC.includes(route) && ingredients.some(({ rxcui }) => rxcui === limit.ingredient.rxcui),
  );
  const doses = medicines.map((medicine) => (medicine.ingredients.length === 1 ? milligramsADay(medicine) : undefined));
  const sum = doses.reduce<number>((total, dose) => total + (dose ?? 0), 0);
  const unread = medicines.filter((_, index) => doses[index] === undefined);
  const most = limit.most.value * (MILLIGRAMS[limit.most.unit] ?? Number.NaN);
  if (!(sum > most || (sum >= most && unread.length > 0))) return [];
  const besides = unread.map(({ text }) => `${text}: its daily dose is not known and not counted.`).join(' ');
  return [
    {
      id: limit.id,
      title: `Daily dose of ${limit.ingredient.name}`,
      words: { ...limit, summary: limit.summary.replaceAll('{dose}', `${sum} mg`) },
      medicines,
      names: limit.ingredient.name,
      ...(besides ? { besides } : {}),
    },
  ];
}
