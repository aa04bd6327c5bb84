/**
 * Makes `rxnorm.json` from the shared RxNorm extracts: `node models/drugs/build-drug-table.ts <folder of the CSV files>`.
 * The format is described in `PROVENANCE.md`; its reader is `models/engine/facts/drug-table.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { routeOfWords } from '../engine/facts/route.ts';

/** Precise ingredients (PIN) kept apart because the ingredient they roll up to acts differently: isosorbide is no nitrate. */
const KEPT_APART: Readonly<Record<string, string>> = { '28004': 'isosorbide mononitrate' };

/** Codes in use that the extract lacks, by the product's own name: vitamin B 12 injection, Jolivette (norethindrone). */
const BY_HAND: Readonly<Record<string, string>> = { '2001499': '11248', '757594': '7514' };

/** Names by which the chart's text says an ingredient or, joined by a space, several, beside the extract's own (recalled). */
const MORE_ALIASES: readonly (readonly [string, string])[] = [
  // What hospital orders call fluids. Lactated Ringer's is sodium and calcium and potassium chloride with lactate.
  ['dextrose', '4850'],
  ['d5w', '4850'],
  ['d10w', '4850'],
  ['d50w', '4850'],
  ['d5', '4850'],
  ['ns', '9863'],
  ['saline', '9863'],
  ['d5ns', '4850 9863'],
  ['d5 1 2ns', '4850 9863'],
  ['1 2ns', '9863'],
  ['lr', '1901 8591 9863 114202'],
  ['lactated ringers', '1901 8591 9863 114202'],
  ['lactated ringer s', '1901 8591 9863 114202'],
  ['d5lr', '1901 4850 8591 9863 114202'],
  ['sw', '11295'],
  ['sterile water', '11295'],
  // Hospital shorthand and older names.
  ['potassium chl', '8591'],
  ['neutra phos', '34322 36709'],
  ['milk of magnesia', '6581'],
  ['aluminum magnesium hydrox', '612 6581'],
  ['senna', '36387'],
  ['phytonadione', '8308'],
  ['vasopressin', '11149'],
  ['insulin human regular', '253182'],
  ['insulin regular', '253182'],
  ['regular insulin', '253182'],
  ['humulin r insulin', '253182'],
  ['insulin human nph', '1605101'],
  ['insulin nph', '1605101'],
  ['nph insulin', '1605101'],
  ['insulin human 70 30', '253182 1605101'],
  ['humalog insulin', '86009'],
  ['sulfameth', '10180'],
  ['clavulanic acid', '48203'],
  ['divalproex', '40254'],
  ['estrogens conjugated', '4099'],
  ['oncovin', '11202'],
  ['vitamin b 12', '11248'],
  ['vitamin b12', '11248'],
  ['jolivette', '7514'],
  ['coumadin', '11289'],
  ['imdur', '28004'],
  ['tylenol', '161'],
];

/** Shorthand, brands the extract lacks and names used outside the US, by the ingredients' names (recalled). */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  asa: 'aspirin',
  apap: 'acetaminophen',
  // The number after a brand of acetaminophen is its codeine.
  'tylenol no2': 'acetaminophen + codeine',
  'tylenol no3': 'acetaminophen + codeine',
  'tylenol no4': 'acetaminophen + codeine',
  'klor con m10': 'potassium chloride',
  'klor con m20': 'potassium chloride',
  hctz: 'hydrochlorothiazide',
  kcl: 'potassium chloride',
  ntg: 'nitroglycerin',
  mtx: 'methotrexate',
  'vitamin d3': 'cholecalciferol',
  'vit d3': 'cholecalciferol',
  'vit b12': 'vitamin b12',
  septra: 'sulfamethoxazole + trimethoprim',
  'z pak': 'azithromycin',
  'zithromax z pak': 'azithromycin',
  proair: 'albuterol',
  ventolin: 'albuterol',
  proventil: 'albuterol',
  humira: 'adalimumab',
  paxlovid: 'nirmatrelvir + ritonavir',
  paracetamol: 'acetaminophen',
  salbutamol: 'albuterol',
  glibenclamide: 'glyburide',
  pethidine: 'meperidine',
  adrenaline: 'epinephrine',
  noradrenaline: 'norepinephrine',
  frusemide: 'furosemide',
  furosemid: 'furosemide',
  rifampicin: 'rifampin',
  lignocaine: 'lidocaine',
  phenobarbitone: 'phenobarbital',
  'st johns wort': "st. john's wort extract",
};

/** Ingredients beside the extract's: a herb that weakens many drugs, under the code that the extract's own aliases give it. */
const MORE_INGREDIENTS: readonly (readonly [string, string])[] = [['258326', "st. john's wort extract"]];

/** One letter a route class; no letter: the form does not tell. Must agree with the reader. */
const ROUTE_LETTERS: Readonly<Record<string, string>> = {
  systemic: 's',
  topical: 't',
  ophthalmic: 'o',
  otic: 'e',
  nasal: 'n',
  inhaled: 'i',
  vaginal: 'v',
  'rectal-local': 'r',
};

interface Product {
  readonly rxcui: number;
  readonly brand?: string;
  readonly route: string;
  readonly ingredients: readonly string[];
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: build-drug-table.ts <folder with rxnorm_ingredients.csv>');

const { ingredients, precise } = readIngredients(join(folder, 'rxnorm_ingredients.csv'));
/** Brand names as the branded products carry them, with or without a code of their own. */
const brandNames = new Map<string, readonly string[]>();
const products = readProducts(join(folder, 'rxnorm_product_to_ingredient.csv'), ingredients);
const aliases = readAliases(join(folder, 'rxnorm_aliases.json'), ingredients);
const table = encode();
writeFileSync(new URL('./rxnorm.json', import.meta.url), `${JSON.stringify(table)}\n`);
console.log(
  `${ingredients.size} ingredients, ${products.length} products and brands, ${precise.length} precise ingredients`,
);

function readIngredients(path: string) {
  const names = new Map<string, string>();
  const rollUps: { readonly rxcui: string; readonly name: string; readonly ingredient: string }[] = [];
  for (const [rxcui = '', name = '', tty = ''] of csv(path)) {
    const rollUp = /^PIN->(\d+)$/.exec(tty)?.[1];
    if (rollUp === undefined || rxcui in KEPT_APART) names.set(rxcui, name);
    else rollUps.push({ rxcui, name, ingredient: rollUp });
  }
  for (const [rxcui, name] of MORE_INGREDIENTS) names.set(rxcui, name);
  return { ingredients: names, precise: rollUps.filter(({ ingredient }) => names.has(ingredient)) };
}

/**
 * The extract lacks ingredients that begin with A wherever it had them only as codes: its brand and pack rows miss them
 * (Tenoretic without atenolol). So each drug named in a product is checked against its list, and a brand is what
 * its branded products agree on. What cannot be completed is left out: unresolved is honest, half a combination is not.
 */
function readProducts(path: string, known: ReadonlyMap<string, string>): Product[] {
  const rows = csv(path).map(([rxcui = '', tty = '', name = '', list = '']) => ({
    rxcui: Number(rxcui),
    tty,
    name,
    list,
  }));
  const byName = new Map([...known].map(([rxcui, name]) => [name.toLowerCase(), rxcui]));
  const seen = new Map<number, Product>();
  const byBrand = new Map<string, Set<string>>();
  for (const { rxcui, tty, name, list } of rows) {
    if (tty === 'BN') continue;
    const found = completed(
      name,
      list.split(/[|;, ]+/).filter((each) => each !== ''),
      byName,
    );
    if (found === undefined || !found.every((each) => known.has(each))) continue;
    const ingredients = keptApart(name, found);
    const route = tty === 'SCDC' ? '' : (ROUTE_LETTERS[routeOfWords(name) ?? ''] ?? '');
    seen.set(rxcui, { rxcui, route, ingredients });
    for (const [, brand = ''] of name.matchAll(/\[([^\]]+)\]/g)) {
      const sets = byBrand.get(brand.toLowerCase()) ?? new Set();
      byBrand.set(brand.toLowerCase(), sets.add([...ingredients].sort().join(' ')));
    }
  }
  for (const { rxcui, tty, name } of rows) {
    const [ingredients, ...others] = byBrand.get(name.toLowerCase()) ?? [];
    if (tty !== 'BN' || ingredients === undefined || others.length > 0) continue;
    seen.set(rxcui, { rxcui, brand: name, route: '', ingredients: ingredients.split(' ') });
  }
  for (const [brand, sets] of byBrand) {
    const [ingredients, ...others] = sets;
    if (ingredients !== undefined && others.length === 0) brandNames.set(brand, ingredients.split(' '));
  }
  for (const [rxcui, ingredient] of Object.entries(BY_HAND))
    seen.set(Number(rxcui), { rxcui: Number(rxcui), route: 's', ingredients: [ingredient] });
  return [...seen.values()];
}

/** The list with every A-drug that the name's parts begin with; `undefined` when such a part is not known. */
function completed(
  name: string,
  list: readonly string[],
  byName: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const found = new Set(list);
  const parts = name
    .toLowerCase()
    .replace(/\[[^\]]*\]/g, '')
    .split(/ \/ |\(|\{/)
    .filter((part) => part.trim() !== '');
  for (const part of parts) {
    const words = part
      .trim()
      .replace(/^(?:(?:[\d.,]+ (?:ml|hr|actuat|unt|mg)|nda\d+|abuse-deterrent|atrial fibrillation|augmented) )+/, '')
      .split(' ');
    if (!words[0]?.startsWith('a')) continue;
    let rxcui: string | undefined;
    for (let length = words.length; length > 0 && rxcui === undefined; length -= 1)
      rxcui = byName.get(words.slice(0, length).join(' '));
    if (rxcui !== undefined) found.add(rxcui);
    // As many ingredients as parts: the extract knows it under another name (alendronic acid, alendronate).
    else if (list.length < parts.length) return undefined;
  }
  return found.size === 0 ? undefined : [...found];
}

function keptApart(name: string, found: readonly string[]): readonly string[] {
  const lower = name.toLowerCase();
  for (const [pin, pinName] of Object.entries(KEPT_APART))
    if (lower.includes(pinName)) return found.map((each) => (each === '6057' ? pin : each));
  return found;
}

function readAliases(path: string, known: ReadonlyMap<string, string>): [string, string][] {
  const { aliases: given } = JSON.parse(readFileSync(path, 'utf8')) as { aliases: Record<string, string> };
  const byName = new Map([...known].map(([rxcui, name]) => [name.toLowerCase(), rxcui]));
  const alsoCalled = Object.entries(ALSO_CALLED).map(([name, list]): [string, string] => {
    const rxcuis = list.split(' + ').map((each) => byName.get(each));
    if (rxcuis.includes(undefined)) throw new Error(`${name}: the table has no ${list}`);
    return [name, rxcuis.join(' ')];
  });
  const more = MORE_ALIASES.map(([name, rxcuis]): [string, string] => [name, rxcuis]);
  return [...Object.entries(given), ...more, ...alsoCalled].filter(([, rxcuis]) =>
    rxcuis.split(' ').every((rxcui) => known.has(rxcui)),
  );
}

function encode() {
  const rxcuis = [...ingredients.keys()].sort((a, b) => Number(a) - Number(b));
  const indexOf = new Map(rxcuis.map((rxcui, index) => [rxcui, index]));
  const key = (list: readonly string[]): string =>
    [...new Set(list)]
      .map((rxcui) => indexOf.get(rxcui) ?? 0)
      .sort((a, b) => a - b)
      .map((index) => index.toString(36))
      .join('.');
  const brandCodes = new Map(
    products.flatMap(({ brand, rxcui }) => (brand === undefined ? [] : [[brand.toLowerCase(), rxcui] as const])),
  );
  const groups = new Map<string, number[]>();
  for (const { rxcui, brand, route, ingredients: list } of products) {
    if (brand !== undefined) continue;
    const group = `${key(list)}${route === '' ? '' : `:${route}`}`;
    groups.set(group, [...(groups.get(group) ?? []), rxcui]);
  }
  return {
    asOf: '2025-10-06',
    source:
      'RxNorm Current Prescribable Content 2025-10-06 (NLM); letter A filled from other public sources: see PROVENANCE.md',
    ingredients: [deltas(rxcuis.map(Number)), rxcuis.map((rxcui) => ingredients.get(rxcui)).join('|')],
    products: Object.fromEntries([...groups].map(([group, list]) => [group, deltas(list.sort((a, b) => a - b))])),
    brands: [...brandNames]
      .map(
        ([brand, list]) =>
          `${brand.replaceAll(/[|=]/g, ' ')}=${brandCodes.get(brand)?.toString(36) ?? ''}=${key(list)}`,
      )
      .join('|'),
    precise: precise
      .map(({ rxcui, name, ingredient }) => `${name}=${Number(rxcui).toString(36)}=${key([ingredient])}`)
      .join('|'),
    aliases: aliases.map(([name, rxcuis]) => `${name}=${key(rxcuis.split(' '))}`).join('|'),
  };
}

/** Ascending numbers as base-36 differences. */
function deltas(numbers: readonly number[]): string {
  return numbers.map((each, index) => (each - (numbers[index - 1] ?? 0)).toString(36)).join(' ');
}

function csv(path: string): string[][] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
        (cell) => cell[1]?.replaceAll('""', '"') ?? cell[2] ?? '',
      ),
    );
}
