/** Whether a drug reaches the whole body: from route codes, dose-form words and route words. */
import type { Coding, RouteClass } from './facts.ts';

/** SNOMED, NCI Thesaurus and EDQM codes of routes (recalled, except those that occur in the shared charts). Rectal is not here: some rectal forms are systemic. */
const ROUTE_BY_CODE: Readonly<Record<string, RouteClass>> = {
  '26643006': 'systemic',
  '47625008': 'systemic',
  '78421000': 'systemic',
  '34206005': 'systemic',
  '37839007': 'systemic',
  '45890007': 'systemic',
  '6064005': 'topical',
  '54485002': 'ophthalmic',
  '10547007': 'otic',
  '46713006': 'nasal',
  '447694001': 'inhaled',
  '18679011000001101': 'inhaled',
  '16857009': 'vaginal',
  C38288: 'systemic',
  C38276: 'systemic',
  C38299: 'systemic',
  C28161: 'systemic',
  C38304: 'topical',
  C38287: 'ophthalmic',
  C38192: 'otic',
  C38284: 'nasal',
  C38216: 'inhaled',
  C38313: 'vaginal',
  '20053000': 'systemic',
};

/** In order: the first that matches wins. Patches and systems through the skin act on the whole body unless they are medicated patches. */
const ROUTE_BY_WORD: readonly (readonly [RegExp, RouteClass])[] = [
  [/\b(ophthalmic|ophth|eye drops?|intraocular|intravitreal|os|od|ou)\b/, 'ophthalmic'],
  [/\b(otic|ear drops?)\b/, 'otic'],
  [/\b(nasal|intranasal|nostrils?)\b/, 'nasal'],
  [/\b(inhal\w*|inhaler|nebuli[sz]\w*|nebs?|hfa|diskus|respimat|respiratory)\b/, 'inhaled'],
  [/\b(vaginal|vaginally)\b/, 'vaginal'],
  [/\brectal (foam|cream|ointment|gel|suspension)\b|\benema\b/, 'rectal-local'],
  [/\b(transdermal|buccal|sublingual)\b/, 'systemic'],
  [
    /\b(topical|topically|cream|ointment|lotion|medicated (patch|shampoo|pad)|shampoo|to (the )?(affected|skin)|(?<!oral )gel(?! ?cap))\b/,
    'topical',
  ],
  [
    /\b(oral|orally|by mouth|po|injection|injectable|inject|intravenous|iv|subcutaneous\w*|subcut|sc|sq|intramuscular|im|syringe|auto-injector|implant|tabs?|tablets?|caps?|capsules?|chewable|mucosal|rectal suppository|intrauterine|pill)\b/,
    'systemic',
  ],
];

/** The route class that a dose form, a product name or route words tell; `undefined` when they do not. */
export function routeOfWords(text: string): RouteClass | undefined {
  const words = text.toLowerCase();
  return ROUTE_BY_WORD.find(([pattern]) => pattern.test(words))?.[1];
}

/** The route class of coded or written routes; `undefined` when they say nothing or different things. */
export function routeOfCodings(codings: readonly Coding[], text: string | undefined): RouteClass | undefined {
  const found = new Set<RouteClass>();
  for (const { code, display } of codings) {
    const route =
      (code === undefined ? undefined : ROUTE_BY_CODE[code]) ??
      (display === undefined ? undefined : routeOfWords(display));
    if (route !== undefined) found.add(route);
  }
  if (found.size === 0 && text !== undefined) {
    const route = routeOfWords(text);
    if (route !== undefined) found.add(route);
  }
  return found.size === 1 ? [...found][0] : undefined;
}
