/** Does a code mean what a value set means? */
import type { ValueSet } from '../library.ts';
import { canonicalSystem } from './codings.ts';
import type { Coding } from './facts.ts';

interface Index {
  readonly exact: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

/** Value sets are frozen knowledge and indexed once. */
const INDEXES = new WeakMap<ValueSet, Index>();

/** True when any coding is in the value set: by exact code, or by prefix where the value set says so (ICD, with or without its point). */
export function inValueSet(codings: readonly Coding[], valueSet: ValueSet): boolean {
  const { exact, prefixes } = indexOf(valueSet);
  return codings.some(({ system, code }) => {
    if (system === undefined || code === undefined) return false;
    const key = keyOf(system, code);
    return exact.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
  });
}

function indexOf(valueSet: ValueSet): Index {
  const known = INDEXES.get(valueSet);
  if (known !== undefined) return known;
  const index = {
    exact: new Set(valueSet.codes.filter(({ prefix }) => !prefix).map(({ system, code }) => keyOf(system, code))),
    prefixes: valueSet.codes.filter(({ prefix }) => prefix).map(({ system, code }) => keyOf(system, code)),
  };
  INDEXES.set(valueSet, index);
  return index;
}

function keyOf(system: string, code: string): string {
  const canonical = canonicalSystem(system);
  return `${canonical}|${canonical.includes('/sid/icd-') ? code.replace('.', '').toUpperCase() : code}`;
}
