/** Which of a patient's medicines add to a burden, and how much. */
import { membersOf } from '../drugs/participant.ts';
import { isSourced, membersOfClass, profileOf, readSelector, selects } from '../drugs/profiles.ts';
import type { MedicationFact } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import type { Burden, Contributor } from './burden.ts';

/** One ingredient that adds weight, with every entry of it. */
export interface Contribution {
  readonly rxcui: string;
  readonly name: string;
  readonly of: Contributor;
  /** Not by a recalled trait alone. */
  readonly sourced: boolean;
  readonly medicines: readonly MedicationFact[];
}

/** The medicines' part of the count. */
export interface Load {
  readonly contributions: readonly Contribution[];
  /** Those whose weight counts. */
  readonly counted: readonly Contribution[];
  readonly medicines: number;
  readonly weight: number;
  /** Contributor id → how many ingredients. */
  readonly of: Readonly<Record<string, number>>;
}

/** Each ingredient once, in the first group that means it, weightiest first. `taken` are the medicines that count. */
export function contributionsOf(
  burden: Burden,
  taken: readonly MedicationFact[],
  library: Library,
): readonly Contribution[] {
  const groups = groupsOf(burden, library);
  const found = new Map<string, Contribution>();
  for (const medicine of taken) {
    for (const { rxcui, name } of medicine.ingredients) {
      const of = groups.get(rxcui)?.find((group) => membersOf(group, library).routes.has(medicine.route));
      if (!of) continue;
      const medicines = [...(found.get(rxcui)?.medicines ?? []), medicine];
      found.set(rxcui, { rxcui, name, of, sourced: restsOnSource(rxcui, of, library), medicines });
    }
  }
  return [...found.values()].sort((a, b) => b.of.weight - a.of.weight || (a.name < b.name ? -1 : 1));
}

/** RxCUI → the groups that mean it, in order. */
type Groups = ReadonlyMap<string, readonly Contributor[]>;

// Asked for every list of medicines: worked out once for a library.
const prepared = new WeakMap<Burden, { readonly of: Library['ingredients']; readonly groups: Groups }>();

function groupsOf(burden: Burden, library: Library): Groups {
  const known = prepared.get(burden);
  if (known?.of === library.ingredients) return known.groups;
  const groups = new Map<string, Contributor[]>();
  for (const contributor of burden.contributors)
    for (const rxcui of membersOf(contributor, library).rxcuis)
      groups.set(rxcui, [...(groups.get(rxcui) ?? []), contributor]);
  prepared.set(burden, { of: library.ingredients, groups });
  return groups;
}

/**
 * Adds up. One fixed-dose product alone is one medicine, with the weight of its weightiest ingredient: it was made to
 * be taken so; beside others, of its ingredients in one group one counts. A group that counts once gives its weight once.
 */
export function loadOf(contributions: readonly Contribution[]): Load {
  const once = countedOnce(contributions);
  const products = new Set(once.flatMap(({ medicines }) => medicines));
  const counted = products.size === 1 ? once.slice(0, 1) : once;
  const of: Record<string, number> = {};
  for (const { of: group } of counted) of[group.id] = (of[group.id] ?? 0) + 1;
  return {
    contributions,
    counted,
    medicines: counted.length,
    weight: counted.reduce((sum, { of: { weight } }) => sum + weight, 0),
    of,
  };
}

function countedOnce(contributions: readonly Contribution[]): readonly Contribution[] {
  return contributions.filter(
    (one, index) =>
      contributions.findIndex((other) => other.of.id === one.of.id && (one.of.once || together(one, other))) === index,
  );
}

/** Are they taken in the same products only? */
function together(a: Contribution, b: Contribution): boolean {
  return a.medicines.length === b.medicines.length && a.medicines.every((medicine) => b.medicines.includes(medicine));
}

/** Named, of a class, or by a trait that was opened or shared: then its part does not rest on recall alone. */
function restsOnSource(
  rxcui: string,
  { ingredients = [], classes = [], traits = [], named = {} }: Contributor,
  library: Library,
): boolean {
  const profile = profileOf(rxcui, library);
  return (
    rxcui in named ||
    ingredients.some((each) => each.rxcui === rxcui) ||
    classes.some((id) => membersOfClass(id, library)?.has(rxcui)) ||
    (profile !== undefined &&
      traits.map(readSelector).some((selector) => selects(selector, profile) && isSourced(selector.trait, profile)))
  );
}
