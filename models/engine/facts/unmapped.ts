/** The informaticist's view of a chart: local codes that mean nothing here yet, and units that were refused, counted. */
import { type Chart, openChart, readEach } from './chart.ts';
import { canonicalSystem, LOINC } from './codings.ts';
import type { FactPath, UnreadReason } from './facts.ts';
import { type Json, object, objects } from './json.ts';
import { inCanonicalUnit, matchOf } from './observations.ts';
import type { ReadRequest } from './request.ts';
import { readValue } from './values.ts';

/** One line of the report. No patient, no value: only how the site writes its codes and units. */
export interface Unmapped {
  /** `code`: no LOINC code and not in the map; `unit`: known measurement, refused unit. */
  readonly kind: 'code' | 'unit';
  /** Of the first coding, as the map wants it; absent when the chart gives words only, which cannot be mapped. */
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
  /** As written; absent when the result has none. */
  readonly unit?: string;
  /** For `unit`: what would have been read, and why it was not. */
  readonly path?: FactPath;
  readonly reason?: UnreadReason;
  readonly count: number;
}

/** Numbers of a chart that a map could make readable, most frequent first. */
export function unmapped(request: Omit<ReadRequest, 'drugs' | 'sources'>): readonly Unmapped[] {
  const chart = openChart(request);
  const counted = new Map<string, Unmapped>();
  readEach(chart, 'Observation', 'subject', (resource) => {
    for (const part of [resource, ...objects(resource.component)]) {
      const line = lineOf(chart, part);
      if (line === undefined) continue;
      const key = JSON.stringify(line);
      counted.set(key, { ...line, count: (counted.get(key)?.count ?? 0) + 1 });
    }
  });
  return mostFrequentFirst([...counted.values()]);
}

/** The reports of several charts as one. */
export function mergeUnmapped(reports: readonly (readonly Unmapped[])[]): readonly Unmapped[] {
  const counted = new Map<string, Unmapped>();
  for (const { count, ...line } of reports.flat()) {
    const key = JSON.stringify(line);
    counted.set(key, { ...line, count: count + (counted.get(key)?.count ?? 0) });
  }
  return mostFrequentFirst([...counted.values()]);
}

function mostFrequentFirst(lines: readonly Unmapped[]): readonly Unmapped[] {
  return [...lines].sort((a, b) => b.count - a.count || ((a.code ?? '') < (b.code ?? '') ? -1 : 1));
}

function lineOf(chart: Chart, part: Json): Omit<Unmapped, 'count'> | undefined {
  const read = readValue(part, chart.codeMap?.decimalComma);
  if ('reason' in read) return undefined;
  const match = matchOf(part, chart.codeMap);
  const unit = read.unitText ?? read.unitCode;
  const told = { ...nameOf(part), ...(unit === undefined ? {} : { unit }) };
  if (match === undefined) return hasLoinc(part) ? undefined : { kind: 'code', ...told };
  const measured = inCanonicalUnit(read, match, chart.codeMap);
  if (!('reason' in measured) || !measured.reason.startsWith('unit-')) return undefined;
  return { kind: 'unit', ...told, path: match.path, reason: measured.reason };
}

function codingsIn(part: Json): readonly Json[] {
  return objects(object(part.code)?.coding);
}

function hasLoinc(part: Json): boolean {
  return codingsIn(part).some(({ system }) => typeof system === 'string' && canonicalSystem(system) === LOINC);
}

function nameOf(part: Json): Pick<Unmapped, 'system' | 'code' | 'display'> {
  const local = codingsIn(part).find(({ system, code }) => typeof system === 'string' && typeof code === 'string');
  const text = [local?.display, object(part.code)?.text].find((each) => typeof each === 'string');
  return {
    ...(local === undefined ? {} : { system: String(local.system), code: String(local.code) }),
    ...(typeof text === 'string' ? { display: text } : {}),
  };
}
