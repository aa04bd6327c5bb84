/** Which ingredients, by which routes, a participant of an interaction, a caution or a burden means. */
import type { MedicationFact } from '../facts/facts.ts';
import type { Participant } from '../library.ts';
import { type DrugKnowledge, membersOfClass, readSelector, selects } from './profiles.ts';

/** A participant resolved to RxCUIs; `routes`: those by which a medicine takes part. */
export interface Members {
  readonly rxcuis: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
}

const SYSTEMIC = ['systemic', 'unknown'] as const;

// A participant belongs to one library; asked again for another, the answer is made anew.
const resolved = new WeakMap<Participant, { readonly of: DrugKnowledge['ingredients']; readonly members: Members }>();

/** What a participant stands for in this library. @throws RangeError when it names a class that is not there */
export function membersOf(participant: Participant, knowledge: DrugKnowledge): Members {
  const known = resolved.get(participant);
  if (known?.of === knowledge.ingredients) return known.members;
  const { ingredients = [], classes = [], traits = [], except = [], routes = SYSTEMIC } = participant;
  const selectors = traits.map(readSelector);
  const rxcuis = new Set([
    ...ingredients.map(({ rxcui }) => rxcui),
    ...classes.flatMap((id) => [...classMembers(id, knowledge)]),
    ...knowledge.ingredients.flatMap((profile) =>
      selectors.some((selector) => selects(selector, profile)) ? [profile.rxcui] : [],
    ),
  ]);
  for (const rxcui of except) rxcuis.delete(rxcui);
  const members = { rxcuis, routes: new Set<string>(routes) };
  resolved.set(participant, { of: knowledge.ingredients, members });
  return members;
}

/** The ingredients of a medicine that take part, by a route that counts; empty: it takes no part. */
export function partOf(
  { ingredients, route }: MedicationFact,
  { rxcuis, routes }: Members,
): MedicationFact['ingredients'] {
  return routes.has(route) ? ingredients.filter(({ rxcui }) => rxcuis.has(rxcui)) : [];
}

/** Does the medicine take part? */
export function takesPart({ ingredients, route }: MedicationFact, { rxcuis, routes }: Members): boolean {
  return routes.has(route) && ingredients.some(({ rxcui }) => rxcuis.has(rxcui));
}

function classMembers(id: string, knowledge: DrugKnowledge): ReadonlySet<string> {
  const members = membersOfClass(id, knowledge);
  if (!members) throw new RangeError(`the library has no drug class ${id}`);
  return members;
}
