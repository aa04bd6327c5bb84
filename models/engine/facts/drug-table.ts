/** RxNorm products, brands and ingredients, decoded from the compact table in `models/drugs/rxnorm.json`. */
import { ingredientsNamed, type NameIndex, normalName } from './drug-names.ts';
import type { Ingredient, RouteClass } from './facts.ts';
import { type PackedProducts, type Products, unpack } from './packed-products.ts';

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

/** The table as it travels; see `models/drugs/PROVENANCE.md` for the format. */
export interface DrugTableJson {
  readonly asOf: string;
  readonly ingredients: readonly [string, string];
  /** Group (ingredients and route) → ascending codes as base-36 differences; or packed, as it travels to the browser. */
  readonly products: Readonly<Record<string, string>> | PackedProducts;
  readonly brands: string;
  readonly precise: string;
  readonly aliases: string;
}

const ROUTES: Readonly<Record<string, RouteClass>> = {
  s: 'systemic',
  t: 'topical',
  o: 'ophthalmic',
  e: 'otic',
  n: 'nasal',
  i: 'inhaled',
  v: 'vaginal',
  r: 'rectal-local',
};

interface Product {
  readonly ingredients: readonly Ingredient[];
  readonly route?: RouteClass;
}

/** Decodes the table once (some 40,000 codes). @throws TypeError when it is not a drug table. */
export function decodeDrugTable(json: unknown): DrugTable {
  if (!isDrugTable(json)) throw new TypeError('not a drug table');
  const names = json.ingredients[1].split('|');
  const all: readonly Ingredient[] = numbers(json.ingredients[0]).map((rxcui, index) => ({
    rxcui: String(rxcui),
    name: names[index] ?? '',
  }));
  const listOf = (key: string): readonly Ingredient[] =>
    key
      .split('.')
      .flatMap((index) => all[Number.parseInt(index, 36)] ?? [])
      .sort((a, b) => (a.rxcui < b.rxcui ? -1 : 1));

  const products = new Map<number, Product>();
  const index: NameIndex = new Map();
  for (const ingredient of all) {
    products.set(Number(ingredient.rxcui), { ingredients: [ingredient] });
    index.set(normalName(ingredient.name), [ingredient]);
  }
  for (const [group, codes] of productsOf(json)) {
    const [key = '', letter = ''] = group.split(':');
    const route = ROUTES[letter];
    const product = { ingredients: listOf(key), ...(route === undefined ? {} : { route }) };
    for (const code of codes) products.set(code, product);
  }
  for (const entry of [...json.precise.split('|'), ...json.brands.split('|')]) {
    const [name = '', rxcui = '', key = ''] = entry.split('=');
    const ingredients = listOf(key);
    if (rxcui !== '') products.set(Number.parseInt(rxcui, 36), { ingredients });
    const normal = normalName(name);
    // An ingredient's own name is never taken over by a brand that is called the same.
    if (!index.has(normal)) index.set(normal, ingredients);
  }
  for (const entry of json.aliases.split('|')) {
    const [name = '', key = ''] = entry.split('=');
    index.set(normalName(name), listOf(key));
  }
  return {
    asOf: json.asOf,
    ingredientsOf: (rxcui) => products.get(Number(rxcui))?.ingredients,
    byName: (text) => ingredientsNamed(text, index),
    routeOf: (rxcui) => products.get(Number(rxcui))?.route,
  };
}

/** The products of a table in either form. */
export function productsOf({ products }: Pick<DrugTableJson, 'products'>): Products {
  if (isPacked(products)) return unpack(products);
  return new Map(Object.entries(products).map(([group, codes]) => [group, numbers(codes)]));
}

function isPacked(products: DrugTableJson['products']): products is PackedProducts {
  return 'recency' in products;
}

function isDrugTable(json: unknown): json is DrugTableJson {
  if (typeof json !== 'object' || json === null) return false;
  const { asOf, ingredients, products, brands, precise, aliases } = json as Record<string, unknown>;
  return (
    [asOf, brands, precise, aliases].every((text) => typeof text === 'string') &&
    Array.isArray(ingredients) &&
    typeof products === 'object' &&
    products !== null
  );
}

/** Base-36 differences → ascending numbers. */
function numbers(deltas: string): number[] {
  let sum = 0;
  return deltas.split(' ').map((delta) => {
    sum += Number.parseInt(delta, 36);
    return sum;
  });
}
