/** Which of a patient's medicines take part in which interactions, ingredient by ingredient. */
import type { Belonging } from '../drugs/belonging.ts';
import { isSourced, profileOf } from '../drugs/profiles.ts';
import type { Facts, Ingredient, MedicationFact } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import { before } from '../resolve/period.ts';
import { type Entry, entriesOf, type Place } from './entries.ts';

/** An ingredient of a medicine that takes part on one side. */
export interface Part {
  readonly medicine: MedicationFact;
  readonly ingredient: Ingredient;
  readonly belonging: Belonging;
}

/** One ingredient with another, as an entry means them. */
export interface PairOfParts {
  readonly entry: Entry;
  readonly object: Part;
  readonly precipitant: Part;
}

/** The medicines on the two sides of an interaction. */
export interface Pair {
  readonly object: readonly MedicationFact[];
  readonly precipitant: readonly MedicationFact[];
  /** The ingredients that take part: of a combination product, only the one that matters. */
  readonly names: { readonly object: string; readonly precipitant: string };
}

/**
 * Every pair of ingredients on the list about which the library says something; never two of one product, and never
 * two that were both stopped.
 * @param now ms since the epoch
 */
export function matchInteractions(facts: Facts, library: Library, now: number): readonly PairOfParts[] {
  const { count, placesBy } = entriesOf(library);
  const acting = facts.medication.flatMap((medicine) =>
    medicine.ingredients.flatMap((ingredient): Acting[] => {
      const acts = actsNow(medicine, ingredient.rxcui, library, now);
      if (!acts) return [];
      const places = placesBy(medicine.route, ingredient.rxcui);
      return [{ medicine, ingredient, recalled: acts === 'recalled', places }];
    }),
  );
  const parts = onBothSides(acting, count);
  return [...parts].flatMap(([entry, { object: objects, precipitant: precipitants }]) =>
    objects.flatMap((object) =>
      precipitants.flatMap((precipitant) => (twoDrugs(object, precipitant) ? [{ entry, object, precipitant }] : [])),
    ),
  );
}

/** An ingredient that acts now, and where it stands in the library. */
interface Acting extends Pick<Part, 'medicine' | 'ingredient'> {
  readonly recalled: boolean;
  readonly places: readonly Place[];
}

interface Sides {
  readonly object: Part[];
  readonly precipitant: Part[];
}

const BIT = { object: 1, precipitant: 2 } as const;

/** The entries of which both sides are there. Most have one side only, so those are told apart before anything is made. */
function onBothSides(acting: readonly Acting[], count: number): ReadonlyMap<Entry, Sides> {
  const sides = new Uint8Array(count);
  for (const { places } of acting)
    for (const { entry, side } of places) sides[entry.index] = (sides[entry.index] ?? 0) | BIT[side];
  const found = new Map<Entry, Sides>();
  for (const { medicine, ingredient, recalled, places } of acting) {
    for (const { entry, side, belonging } of places) {
      if (sides[entry.index] !== 3) continue;
      const parts = found.get(entry) ?? { object: [], precipitant: [] };
      parts[side].push({ medicine, ingredient, belonging: recalled ? { ...belonging, recalled } : belonging });
      found.set(entry, parts);
    }
  }
  return found;
}

/** Taken now, about to be taken, or listed without saying; a paused or stopped medicine takes no part. */
export function counts({ state }: MedicationFact): boolean {
  return state === 'active' || state === 'planned' || state === 'unknown';
}

/** Does the drug act on others: taken now, or stopped so lately that it lingers? `recalled`: nobody looked up how long. */
function actsNow(
  medicine: MedicationFact,
  rxcui: string,
  library: Library,
  now: number,
): 'known' | 'recalled' | undefined {
  if (counts(medicine)) return 'known';
  const { state, end } = medicine;
  const profile = profileOf(rxcui, library);
  if (state !== 'recently-stopped' || !end || !profile?.lingers) return undefined;
  if (end.end < before(now, profile.lingers)) return undefined;
  return isSourced('lingers', profile) ? 'known' : 'recalled';
}

/** Neither one drug that stands on both sides, nor two that somebody put into one product on purpose. */
function twoDrugs(a: Part, b: Part): boolean {
  const taken = counts(a.medicine) || counts(b.medicine);
  return taken && a.medicine !== b.medicine && a.ingredient.rxcui !== b.ingredient.rxcui;
}

/**
 * The sides of several pairs, each medicine and each name once. Where drugs stand on both sides (all prolong QT), the
 * first by name is one side and the others are the other.
 */
export function pairOf(pairs: readonly PairOfParts[]): Pair {
  const objects = pairs.map(({ object }) => object);
  const precipitants = pairs.map(({ precipitant }) => precipitant);
  const both = objects.some((a) => precipitants.some((b) => a.ingredient.rxcui === b.ingredient.rxcui));
  if (!both) return sidesOf(objects, precipitants);
  const all = [...objects, ...precipitants].sort((a, b) => (a.ingredient.name < b.ingredient.name ? -1 : 1));
  const isFirst = ({ ingredient }: Part) => ingredient.rxcui === all[0]?.ingredient.rxcui;
  return sidesOf(
    all.filter(isFirst),
    all.filter((part) => !isFirst(part)),
  );
}

function sidesOf(objects: readonly Part[], precipitants: readonly Part[]): Pair {
  return {
    object: [...new Set(objects.map(({ medicine }) => medicine))],
    precipitant: [...new Set(precipitants.map(({ medicine }) => medicine))],
    names: { object: namesOf(objects), precipitant: namesOf(precipitants) },
  };
}

/** `a, b and c`, by name. */
function namesOf(parts: readonly Part[]): string {
  const names = [...new Set(parts.map(({ ingredient }) => ingredient.name))].sort();
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
