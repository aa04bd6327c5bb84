/** Which ingredients a selector means: a drug class, or a trait with its grades. */
import type { IngredientProfile, Library } from '../library.ts';

/** What this room reads of the library. */
export type DrugKnowledge = Pick<Library, 'drugClasses' | 'ingredients'>;

/** A trait and the grades that count, as read from `trait:grade|grade`; joined by `&`, each must hold. */
export interface Selector {
  readonly trait: string;
  readonly grades: readonly string[];
  readonly and?: Selector;
}

interface Index {
  readonly byRxcui: ReadonlyMap<string, IngredientProfile>;
  readonly classes: ReadonlyMap<string, ReadonlySet<string>>;
}

// Keyed by the list itself, which every view of the same library shares.
const indexes = new WeakMap<
  readonly IngredientProfile[],
  { readonly of: DrugKnowledge['drugClasses']; readonly index: Index }
>();

/** The profile of an ingredient, by RxCUI; none: the library knows nothing of it. */
export function profileOf(rxcui: string, knowledge: DrugKnowledge): IngredientProfile | undefined {
  return indexOf(knowledge).byRxcui.get(rxcui);
}

/** RxCUIs of a drug class: those that its file lists and those whose profile names it; `undefined`: no such class. */
export function membersOfClass(id: string, knowledge: DrugKnowledge): ReadonlySet<string> | undefined {
  return indexOf(knowledge).classes.get(id);
}

/** Reads `trait:grade|grade`, or several joined by `&`. @throws RangeError when it is not of that form */
export function readSelector(text: string): Selector {
  const amp = text.indexOf('&');
  const [trait, grades, ...rest] = (amp < 0 ? text : text.slice(0, amp)).split(':');
  if (!trait || !grades || rest.length > 0) throw new RangeError(`not a selector of the form trait:grade: ${text}`);
  return { trait, grades: grades.split('|'), ...(amp < 0 ? {} : { and: readSelector(text.slice(amp + 1)) }) };
}

/** Does the profile have the trait at one of the grades? */
export function selects({ trait, grades, and }: Selector, profile: IngredientProfile): boolean {
  const grade = profile.traits[trait];
  return grade !== undefined && grades.includes(grade) && (and === undefined || selects(and, profile));
}

/** Does all that the selector asks rest on a document, opened or shared, and not on recall? */
export function isSelectedBySource({ trait, and }: Selector, profile: IngredientProfile): boolean {
  return isSourced(trait, profile) && (and === undefined || isSelectedBySource(and, profile));
}

/** Does the trait rest on a document, opened or shared, and not on recall? */
export function isSourced(trait: string, { sourced = [] }: IngredientProfile): boolean {
  return sourced.includes(trait);
}

function indexOf({ drugClasses, ingredients }: DrugKnowledge): Index {
  const known = indexes.get(ingredients);
  if (known?.of === drugClasses) return known.index;
  const classes = new Map(drugClasses.map(({ id, members }) => [id, new Set(members.map(({ rxcui }) => rxcui))]));
  for (const { rxcui, classes: named } of ingredients) for (const id of named) classes.get(id)?.add(rxcui);
  const index = { byRxcui: new Map(ingredients.map((profile) => [profile.rxcui, profile])), classes };
  indexes.set(ingredients, { of: drugClasses, index });
  return index;
}
