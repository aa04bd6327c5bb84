/** RxNorm products, brands and ingredients, decoded from the compact table in `models/drugs/rxnorm.json`. */
import type { Ingredient, RouteClass } from './facts.ts';

/** Answers what a code or a name is made of. Lookups never guess: unknown is `undefined`. */
export interface DrugTable {
  /** ISO date of the RxNorm release behind it; always said on screen. */
  readonly asOf: string;
  /** Ingredients of an RxNorm product, brand, component or ingredient code, sorted by rxcui. */
  ingredientsOf(rxcui: string): readonly Ingredient[] | undefined;
  /** Ingredients of a medicine's name or label text, when every drug named in it is known. */
  byName(text: string): readonly Ingredient[] | undefined;
  /** Route class of a product, from its RxNorm dose form; `undefined` when the form does not tell. */
  routeOf(rxcui: string): RouteClass | undefined;
}
