/**
 * Products of the drug table as they travel: one ascending list of codes, each with its group (ingredients and route).
 * Codes given out one after the other mostly share a group, so a group is told by how recently it was met: a fifth
 * smaller, compressed, than a list of codes for each group.
 */

/** Group → ascending codes. */
export type Products = ReadonlyMap<string, readonly number[]>;

export interface PackedProducts {
  /** In the order in which the codes first need them. */
  readonly groups: string;
  /** Differences of the ascending codes. */
  readonly codes: string;
  /** For each code: 0 = the next group of the list, n up to `RECENT` = the n-th most recently used, above that the group by its place. */
  readonly recency: string;
}

/** How many groups are remembered: more would save little and cost the reader time. */
const RECENT = 64;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NONE = 255;
/** By character code: a table, since forty thousand products are read before the first medicine is known. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = DIGITS.indexOf(String.fromCharCode(code));
  return value < 0 ? NONE : value;
});

export function pack(products: Products): PackedProducts {
  const all = [...products]
    .flatMap(([group, codes]) => codes.map((code) => ({ group, code })))
    .sort((a, b) => a.code - b.code);
  const places = new Map<string, number>();
  const recent: string[] = [];
  let before = 0;
  let codes = '';
  let recency = '';
  for (const { group, code } of all) {
    const at = recent.indexOf(group);
    const place = places.get(group);
    recency += written(at >= 0 ? at + 1 : place === undefined ? 0 : RECENT + 1 + place);
    if (place === undefined) places.set(group, places.size);
    remember(recent, group, at);
    codes += written(code - before);
    before = code;
  }
  return { groups: [...places.keys()].join(' '), codes, recency };
}

/** @throws TypeError when the lists do not belong together */
export function unpack(packed: PackedProducts): Products {
  const groups = packed.groups === '' ? [] : packed.groups.split(' ');
  const codes = numbersIn(packed.codes);
  const recency = numbersIn(packed.recency);
  const products = new Map<string, number[]>();
  const recent: string[] = [];
  let next = 0;
  let code = 0;
  for (const [index, difference] of codes.entries()) {
    code += difference;
    const at = recency[index] ?? Number.NaN;
    const group = at === 0 ? groups[next] : at > RECENT ? groups[at - RECENT - 1] : recent[at - 1];
    if (group === undefined) throw new TypeError('not a packed drug table');
    if (at === 0) next += 1;
    remember(recent, group, at > RECENT ? -1 : at - 1);
    const known = products.get(group);
    if (known) known.push(code);
    else products.set(group, [code]);
  }
  if (recency.length !== codes.length || next !== groups.length) throw new TypeError('not a packed drug table');
  return products;
}

/** Puts a group first; it stood at `at`, or nowhere. */
function remember(recent: string[], group: string, at: number): void {
  if (at >= 0) recent.splice(at, 1);
  else if (recent.length === RECENT) recent.pop();
  recent.unshift(group);
}

/** Five bits to a letter, the lowest first; a letter of the second half says that more follows. */
function written(value: number): string {
  let text = '';
  let rest = value;
  while (rest >= 32) {
    text += DIGITS[32 + (rest % 32)];
    rest = Math.floor(rest / 32);
  }
  return text + DIGITS[rest];
}

function numbersIn(text: string): number[] {
  const found: number[] = [];
  let value = 0;
  let weight = 1;
  for (let index = 0; index < text.length; index += 1) {
    const digit = VALUES[text.charCodeAt(index)] ?? NONE;
    if (digit === NONE) throw new TypeError('not a packed drug table');
    value += (digit % 32) * weight;
    weight *= 32;
    if (digit >= 32) continue;
    found.push(value);
    value = 0;
    weight = 1;
  }
  return found;
}
