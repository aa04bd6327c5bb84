/** How an ingredient comes under what an interaction names: itself, a class of it, or a trait. */
import type { IngredientProfile } from '../library.ts';
import {
  type DrugKnowledge,
  isSelectedBySource,
  membersOfClass,
  profileOf,
  readSelector,
  type Selector,
  selects,
} from './profiles.ts';

/** Most specific first. */
export type By = 'ingredient' | 'class' | 'trait';

/** `recalled`: it rests on a trait that nobody looked up, which never makes a `critical`. */
export interface Belonging {
  readonly by: By;
  readonly recalled: boolean;
}

const OWN: Belonging = { by: 'ingredient', recalled: false };
const OF_CLASS: Belonging = { by: 'class', recalled: false };
const selectors = new Map<string, Selector>();

/**
 * Does `key` (RxCUI, drug class id or selector) mean the ingredient, and how?
 * @throws RangeError when it names a class that is not there
 */
export function belonging(key: string, rxcui: string, knowledge: DrugKnowledge): Belonging | undefined {
  if (key.includes(':')) {
    const profile = profileOf(rxcui, knowledge);
    return profile && ofSelector(key, profile);
  }
  if (/^\d+$/.test(key)) return key === rxcui ? OWN : undefined;
  const members = membersOfClass(key, knowledge);
  if (!members) throw new RangeError(`the library has no drug class ${key}`);
  return members.has(rxcui) ? OF_CLASS : undefined;
}

function ofSelector(key: string, profile: IngredientProfile): Belonging | undefined {
  const selector = selectors.get(key) ?? readSelector(key);
  selectors.set(key, selector);
  return selects(selector, profile) ? { by: 'trait', recalled: !isSelectedBySource(selector, profile) } : undefined;
}
