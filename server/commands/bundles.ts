/** Bundles from files or standard input, one at a time: a JSON document, or NDJSON with one Bundle a line. */
import { readFile } from 'node:fs/promises';
import { isObject } from '../../models/engine/facts/json.ts';

/** One Bundle with the name under which its results are told, or what kept it from being read. */
export type ReadBundle =
  | { readonly source: string; readonly bundle: unknown }
  | { readonly source: string; readonly problem: string };

/** Every Bundle of the named files (`-`: standard input), in order. */
export async function* readBundles(files: readonly string[], stdin: () => Promise<string>): AsyncGenerator<ReadBundle> {
  for (const file of files) {
    const source = file === '-' ? 'stdin' : file;
    let text: string;
    try {
      text = file === '-' ? await stdin() : await readFile(file, 'utf8');
    } catch (error) {
      yield {
        source,
        problem: error instanceof Error && 'code' in error ? `cannot be read (${error.code})` : 'cannot be read',
      };
      continue;
    }
    yield* bundlesIn(text, source);
  }
}

function* bundlesIn(text: string, source: string): Generator<ReadBundle> {
  const whole = parse(text);
  if (whole !== undefined) {
    yield checked(whole, source);
    return;
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parse(line);
    const at = `${source}:${index + 1}`;
    yield value === undefined ? { source: at, problem: 'not JSON' } : checked(value, at);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function checked(value: unknown, source: string): ReadBundle {
  const isBundle = isObject(value) && value.resourceType === 'Bundle';
  return isBundle ? { source, bundle: value } : { source, problem: 'not a FHIR Bundle' };
}

/** The fields that say when something happened or was written down; a period's end may lie in the future. */
const DATED = [
  'effectiveDateTime',
  'effectiveInstant',
  'issued',
  'authoredOn',
  'dateAsserted',
  'recordedDate',
  'performedDateTime',
  'occurrenceDateTime',
  'date',
];

/** The moment of the newest dated entry, at the end of its day when only a day is given; `undefined` when nothing is dated. */
export function newestEntry(resources: readonly unknown[]): number | undefined {
  const moments = resources.flatMap((resource) =>
    isObject(resource) ? DATED.flatMap((field) => momentOf(resource[field])) : [],
  );
  const newest = moments.reduce((latest, moment) => Math.max(latest, moment), Number.NEGATIVE_INFINITY);
  return Number.isFinite(newest) ? newest : undefined;
}

function momentOf(value: unknown): readonly number[] {
  if (typeof value !== 'string') return [];
  const moment = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T23:59:59.999Z` : value);
  return Number.isNaN(moment) ? [] : [moment];
}
