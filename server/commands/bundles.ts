/** Bundles from files, folders or standard input: a JSON document, NDJSON with one Bundle a line, or a bulk export. */
import { stat } from 'node:fs/promises';
import { isObject } from '../../models/engine/facts/json.ts';
import { BulkExport, chartFiles, textOf } from './folder.ts';

/** One Bundle with the name under which its results are told, or what kept it from being read. */
export type ReadBundle =
  | { readonly source: string; readonly bundle: unknown }
  | { readonly source: string; readonly problem: string };

/** Every Bundle of the named files and folders (`-`: standard input), in order. */
export async function* readBundles(names: readonly string[], stdin: () => Promise<string>): AsyncGenerator<ReadBundle> {
  for (const name of names) {
    try {
      if (name === '-') yield* bundlesIn(await stdin(), 'stdin');
      else if ((await stat(name)).isDirectory()) yield* bundlesOfFolder(name);
      else yield* bundlesIn(await textOf(name), name);
    } catch (error) {
      yield { source: name === '-' ? 'stdin' : name, problem: unreadable(error) };
    }
  }
}

function unreadable(error: unknown): string {
  return error instanceof Error && 'code' in error ? `cannot be read (${error.code})` : 'cannot be read';
}

/** Bundles as they stand; loose resources, as a bulk export has them, by patient. */
async function* bundlesOfFolder(folder: string): AsyncGenerator<ReadBundle> {
  const files = await chartFiles(folder);
  if (files.length === 0) yield { source: folder, problem: 'holds no .json or .ndjson file' };
  const loose = new BulkExport();
  for (const file of files) {
    for (const read of documentsIn(await textOf(file), file)) {
      if ('problem' in read || isBundle(read.value)) yield checked(read);
      else if (!loose.add(read.value)) yield { source: read.source, problem: 'not a FHIR resource' };
    }
  }
  for (const { patientId, bundle } of loose.bundles()) yield { source: `${folder}#Patient/${patientId}`, bundle };
}

function* bundlesIn(text: string, source: string): Generator<ReadBundle> {
  for (const read of documentsIn(text, source)) yield checked(read);
}

type Document =
  | { readonly source: string; readonly value: unknown }
  | { readonly source: string; readonly problem: string };

function* documentsIn(text: string, source: string): Generator<Document> {
  const whole = parse(text);
  if (whole !== undefined) {
    yield { source, value: whole };
    return;
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parse(line);
    const at = `${source}:${index + 1}`;
    yield value === undefined ? { source: at, problem: 'not JSON' } : { source: at, value };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isBundle(value: unknown): boolean {
  return isObject(value) && value.resourceType === 'Bundle';
}

function checked(read: Document): ReadBundle {
  if ('problem' in read) return read;
  const { source, value } = read;
  if (isBundle(value)) return { source, bundle: value };
  const isResource = isObject(value) && typeof value.resourceType === 'string';
  // The way to feed a bulk export is worth saying where somebody meets it.
  return {
    source,
    problem: isResource ? 'not a FHIR Bundle; name the folder to read a bulk export' : 'not a FHIR Bundle',
  };
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
