/**
 * Results that were filed without a category, or under another: a search by category passes them by. What no category
 * brought is asked for once more by its codes alone, before it is called absent.
 */
import { ANALYTES } from './analytes.ts';
import { PREGNANCY_STATUS_CODES, SMOKING_STATUS_CODES } from './coded.ts';
import { isObject, type Json } from './json.ts';
import type { Query } from './queries.ts';

/** Codes that mean one thing: a result under any of them is an answer. */
const MEANINGS: readonly (readonly string[])[] = [
  ...ANALYTES.map(({ codes }) => codes.map(({ loinc }) => loinc)),
  SMOKING_STATUS_CODES,
  PREGNANCY_STATUS_CODES,
];

/** The search for whatever none of `resources` speaks of; `undefined` when nothing is wanting. */
export function uncategorised(resources: readonly unknown[]): Query | undefined {
  const seen = new Set<unknown>();
  for (const resource of resources) if (isObservation(resource)) addCodes(resource, seen);
  const codes = MEANINGS.filter((meaning) => !meaning.some((code) => seen.has(code))).flat();
  if (codes.length === 0) return undefined;
  return {
    id: 'uncategorised',
    resourceType: 'Observation',
    label: 'Results filed without a category',
    params: { code: [...new Set(codes)].join(','), _sort: '-date,_id', _count: '100' },
    pages: 10,
    ifTaken: 'this EHR is searched by category only; results that it files without one are not here',
  };
}

function isObservation(resource: unknown): resource is Json {
  return isObject(resource) && resource.resourceType === 'Observation';
}

/** Nobody vouches for these resources, and the reader will say what is wrong with them. */
function addCodes({ code, component }: Json, seen: Set<unknown>): void {
  const codings = isObject(code) && Array.isArray(code.coding) ? code.coding : [];
  for (const coding of codings) if (isObject(coding)) seen.add(coding.code);
  if (Array.isArray(component)) for (const part of component) if (isObject(part)) addCodes({ code: part.code }, seen);
}
