/** Which of CPIC's populations this patient belongs to, as far as the chart tells. */
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { GuidanceTable } from './knowledge.ts';

const MS_PER_DAY = 86_400_000;
/** Skin reactions to these anticonvulsants come within the first three months. */
const TOLERATED_AFTER_DAYS = 90;
const ADULT = 18;

/** The tables that may hold for this patient; several when the chart does not tell (the reason for giving clopidogrel). */
export function tablesForPatient(
  tables: readonly GuidanceTable[],
  { facts, rxcui, now }: { readonly facts: Facts; readonly rxcui: string; readonly now: number },
): readonly GuidanceTable[] {
  const { age } = facts.patient;
  const tolerated = daysTaken(facts, rxcui, now) > TOLERATED_AFTER_DAYS;
  const fits = tables.filter(({ population }) => {
    if (population === 'adults') return age === undefined || age >= ADULT;
    if (population === 'pediatrics') return age === undefined || age < ADULT;
    if (/naive$/.test(population)) return !tolerated;
    if (/use >\s?3/.test(population)) return tolerated;
    // That nothing else will do is for the prescriber to say.
    return population !== 'CBZ-no alternatives';
  });
  return fits.length > 0 ? fits : tables;
}

/** Days since the earliest known start of a medicine that is being taken; 0 when it is planned or its start is not known. */
export function daysTaken({ medication }: Pick<Facts, 'medication'>, rxcui: string, now: number): number {
  const starts = medication
    .filter((medicine) => takesNow(medicine, rxcui))
    .flatMap(({ start }) => (start ? [start.end] : []));
  return starts.length === 0 ? 0 : Math.max(0, (now - Math.min(...starts)) / MS_PER_DAY);
}

function takesNow({ state, ingredients }: MedicationFact, rxcui: string): boolean {
  return state === 'active' && ingredients.some((ingredient) => ingredient.rxcui === rxcui);
}
