/** Observations → numbers with unit, date and source, or unread with the reason. */
import type { Comparator, UcumUnit } from '../measured.ts';
import { ANALYTE_BY_LOINC, type Analyte, type AnalyteCode } from './analytes.ts';
import { type Chart, readEach, refuseModifiers, sourceOf } from './chart.ts';
import type { CodeMapIndex, LocalMatch } from './code-map.ts';
import { canonicalSystem, LOINC } from './codings.ts';
import { effectiveOf } from './dates.ts';
import type { ObservationFact, UnreadReason } from './facts.ts';
import { type Json, Malformed, object, objects, string } from './json.ts';
import { conversionFor, ucumUnit } from './units.ts';
import { type NumberRead, readValue, saidOf } from './values.ts';

interface Draft {
  readonly fact: ObservationFact;
  readonly issued: number;
  readonly identifiers: readonly string[];
}

/** All measurements by key, newest first. What could not be used is added to `chart.unread`. */
export function readObservations(chart: Chart): Readonly<Record<string, readonly ObservationFact[]>> {
  const drafts = new Map<string, Draft[]>();
  const found: { key: string; draft: Draft }[] = [];
  readEach(chart, 'Observation', 'subject', (resource) => {
    // A resource is used whole or not at all: nothing is kept until its last part was read.
    found.length = 0;
    forEachMeasured(resource, chart.codeMap, (part, match) => {
      const draft = readPart(chart, resource, part, match);
      if (draft !== undefined) found.push({ key: match.analyte.key, draft });
    });
    for (const { key, draft } of found) {
      const list = drafts.get(key);
      if (list === undefined) drafts.set(key, [draft]);
      else list.push(draft);
    }
  });
  return Object.fromEntries(
    [...drafts].map(([key, list]) => [
      key,
      withoutSuperseded(chart, list)
        .sort(newestFirst)
        .map(({ fact }) => fact),
    ]),
  );
}

/** The observation itself and its components, as far as they are measurements that can be read. */
function forEachMeasured(
  resource: Json,
  codeMap: CodeMapIndex | undefined,
  use: (part: Json, match: LocalMatch) => void,
): void {
  const own = matchOf(resource, codeMap);
  const components = resource.component === undefined ? undefined : objects(resource.component);
  // A panel has no value of its own; that is normal and nothing is missing.
  const isPanel = (components?.length ?? 0) > 0 || resource.hasMember !== undefined;
  if (own !== undefined && !(isPanel && !hasValue(resource))) use(resource, own);
  for (const component of components ?? []) {
    const match = matchOf(component, codeMap);
    if (match === undefined) continue;
    refuseModifiers(component);
    use(component, match);
  }
}

function hasValue(part: Json): boolean {
  return part.dataAbsentReason !== undefined || Object.keys(part).some((name) => name.startsWith('value'));
}

/** What is measured: by any LOINC coding, else by the site's own map. @throws Malformed for codes of two measurements */
export function matchOf(part: Json, codeMap: CodeMapIndex | undefined): LocalMatch | undefined {
  const code = object(part.code);
  if (code?.coding === undefined) return undefined;
  let found: LocalMatch | undefined;
  let hasLoinc = false;
  for (const coding of objects(code.coding)) {
    if (typeof coding.code !== 'string' || typeof coding.system !== 'string') continue;
    if (coding.system !== LOINC && canonicalSystem(coding.system) !== LOINC) continue;
    hasLoinc = true;
    found = same(found, ANALYTE_BY_LOINC.get(coding.code));
  }
  if (hasLoinc || codeMap === undefined) return found;
  for (const { system, code: local } of objects(code.coding))
    if (typeof system === 'string' && typeof local === 'string') found = same(found, codeMap.match(system, local));
  return found;
}

function same(found: LocalMatch | undefined, match: LocalMatch | undefined): LocalMatch | undefined {
  if (found === undefined || match === undefined) return found ?? match;
  if (found.analyte !== match.analyte) throw new Malformed('codes of two different measurements');
  return found;
}

function readPart(chart: Chart, resource: Json, part: Json, match: LocalMatch): Draft | undefined {
  const { analyte, code, path } = match;
  const source = sourceOf(resource);
  const effective = effectiveOf(resource, chart.dates);
  const refuse = (reason: UnreadReason, text?: string): undefined => {
    const when = effective === undefined ? {} : { effective: effective.when };
    chart.unread.push({ source, reason, path, ...(text === undefined ? {} : { text }), ...when });
    return undefined;
  };

  const status = string(resource.status);
  if (status === 'entered-in-error' || status === 'cancelled') return refuse('entered-in-error', status);
  if (status !== 'final' && status !== 'amended' && status !== 'corrected') return refuse('status-not-final', status);
  const disagreement = namingDisagreement(resource, part, analyte, code);
  if (disagreement !== undefined) return refuse(disagreement.reason, disagreement.text);
  const read = readValue(part, chart.codeMap?.decimalComma);
  if ('reason' in read) return refuse(read.reason, read.text);
  const measured = inCanonicalUnit(read, match, chart.codeMap);
  if ('reason' in measured) return refuse(measured.reason, saidOf(read));
  if (effective === undefined) return refuse('no-date', saidOf(read));
  if (chart.dates.isFuture(effective.when, chart.now)) return refuse('future-date', saidOf(read));
  const { value, unit } = measured;
  // Field by field: a chart has ten thousand of these, and copying objects is what costs.
  const fact: Writable<ObservationFact> = { path, value, unit, status, effective: effective.when, source };
  if (measured.comparator !== undefined) fact.comparator = measured.comparator;
  if (measured.original !== undefined) fact.original = measured.original;
  if (measured.extreme !== undefined) fact.extreme = measured.extreme;
  if (code.variant !== undefined) fact.variant = code.variant;
  if (effective.from === 'issued') fact.dateFrom = 'issued';
  const high = analyte.ranged && upperLimit(part, measured.original?.unit ?? unit, analyte);
  if (high !== undefined && high > 0) fact.high = high;
  return { fact, issued: issuedAt(resource, chart), identifiers: identifiersOf(resource) };
}

/** The laboratory's upper limit for anybody, in the analyte's unit; of several ranges none is chosen. */
function upperLimit(part: Json, unit: UcumUnit, analyte: Analyte): number | undefined {
  const [range, ...others] = objects(part.referenceRange);
  const high = object(range?.high);
  if (typeof high?.value !== 'number' || others.length > 0 || range?.appliesTo !== undefined) return undefined;
  if (range?.type !== undefined && !objects(object(range.type)?.coding).some(({ code }) => code === 'normal'))
    return undefined;
  const stated = string(high.code) ?? string(high.unit);
  const conversion = conversionFor(analyte, stated === undefined ? unit : (ucumUnit(stated) ?? ''));
  return conversion && high.value * conversion.factor + (conversion.offset ?? 0);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const SPECIMEN_WORDS: ReadonlySet<string> = new Set(['urine', 'csf', 'cerebral', 'stool', 'venous', 'capillary']);

/** The name beside the code says that the code is wrong, or that another specimen was measured. */
function namingDisagreement(
  resource: Json,
  part: Json,
  analyte: Analyte,
  code: AnalyteCode,
): { readonly reason: UnreadReason; readonly text: string } | undefined {
  const specimen = string(object(resource.specimen)?.display)?.toLowerCase();
  if (specimen?.includes('urine') && analyte.category === 'laboratory' && analyte.key !== 'uacr') {
    return { reason: 'specimen-does-not-fit', text: 'urine specimen' };
  }
  if (analyte.mustNotSay === undefined && code.mustSay === undefined) return undefined;
  const name = nameOf(object(part.code));
  const wrong = analyte.mustNotSay?.find((word) => name.includes(word));
  if (wrong !== undefined) {
    return {
      reason: SPECIMEN_WORDS.has(wrong) ? 'specimen-does-not-fit' : 'display-disagrees',
      text: `named "${wrong}"`,
    };
  }
  if (code.mustSay !== undefined && !name.includes(code.mustSay))
    return { reason: 'display-disagrees', text: `not named "${code.mustSay}"` };
  return undefined;
}

function nameOf(code: Json | undefined): string {
  let name = typeof code?.text === 'string' ? code.text : '';
  for (const coding of objects(code?.coding)) if (typeof coding.display === 'string') name += `\n${coding.display}`;
  return name.toLowerCase();
}

type Canonical = Pick<ObservationFact, 'value' | 'unit' | 'comparator' | 'original' | 'extreme'>;

/** The value in the analyte's own unit, checked against what is possible; or why it cannot be. */
export function inCanonicalUnit(
  read: NumberRead,
  match: LocalMatch,
  codeMap: CodeMapIndex | undefined,
): Canonical | { readonly reason: UnreadReason } {
  const { analyte, code } = match;
  const unit = unitOf(read, match, codeMap);
  if (typeof unit !== 'string') return unit;
  if (code.only !== undefined && !code.only.includes(unit)) return { reason: 'unit-does-not-fit' };
  const conversion = conversionFor(analyte, unit);
  if (conversion === undefined) return { reason: 'unit-does-not-fit' };
  let found: { readonly original: number; readonly value: number } | undefined;
  for (const original of read.readings) {
    const value = original * conversion.factor + (conversion.offset ?? 0);
    if (!isPlausible(value, read.comparator, analyte)) continue;
    // `1,234` with two possible meanings means nothing.
    if (found !== undefined) return { reason: 'not-a-number' };
    found = { original, value };
  }
  if (found === undefined) return { reason: 'implausible' };
  const canonical: Writable<Canonical> = { value: found.value, unit: analyte.unit };
  if (read.comparator !== undefined) canonical.comparator = read.comparator;
  if (unit !== analyte.unit) {
    canonical.original = {
      value: found.original,
      unit,
      ...(read.comparator === undefined ? {} : { comparator: read.comparator }),
    };
  }
  if (analyte.extreme !== undefined && (found.value < analyte.extreme[0] || found.value > analyte.extreme[1]))
    canonical.extreme = true;
  return canonical;
}

/**
 * The unit the chart states, as UCUM: code and text must not contradict each other. Without one, what the site declared
 * for its own code.
 */
function unitOf(
  { unitCode, unitText }: NumberRead,
  { analyte, defaultUnit }: LocalMatch,
  codeMap: CodeMapIndex | undefined,
): string | { readonly reason: UnreadReason } {
  if (unitCode === undefined && unitText === undefined) {
    if (defaultUnit !== undefined) return defaultUnit;
    return analyte.dimensionless ? analyte.unit : { reason: 'unit-missing' };
  }
  const coded = unitCode === undefined ? undefined : ucumUnit(unitCode);
  // The site's word for a unit goes before ours: that is what it is for.
  const written = unitText === undefined ? undefined : (codeMap?.unit(unitText) ?? ucumUnit(unitText));
  if (coded !== undefined && written !== undefined && coded !== written) {
    const [a, b] = [conversionFor(analyte, coded), conversionFor(analyte, written)];
    if (a?.factor !== b?.factor || a?.offset !== b?.offset) return { reason: 'unit-does-not-fit' };
  }
  const unit = coded ?? written;
  if (unit === undefined) return { reason: 'unit-unknown' };
  // A ratio or score has no size to convert: `1`, `{INR}` and `{score}` all say so.
  if (analyte.dimensionless && (unit === '1' || unit === '{score}')) return analyte.unit;
  return unit;
}

/** A censored value is a limit: `<0.01` need not itself be a possible value, but it may not lie beyond the other end. */
function isPlausible(value: number, comparator: Comparator | undefined, { plausible: [low, high] }: Analyte): boolean {
  if (comparator === '<' || comparator === '<=') return value > 0 && value <= high;
  return value >= low && value <= high;
}

function issuedAt(resource: Json, chart: Chart): number {
  const issued = string(resource.issued);
  return (issued === undefined ? undefined : chart.dates.when(issued)?.start) ?? 0;
}

const NO_IDENTIFIERS: readonly string[] = [];

function identifiersOf(resource: Json): readonly string[] {
  if (resource.identifier === undefined) return NO_IDENTIFIERS;
  return objects(resource.identifier).flatMap(({ system, value }) =>
    typeof value === 'string' ? [`${system}|${value}`] : [],
  );
}

/** A corrected or amended result takes the place of what was issued before it for the same identifier or the same time. */
function withoutSuperseded(chart: Chart, drafts: readonly Draft[]): Draft[] {
  const corrections = drafts.filter(({ fact }) => fact.status !== 'final');
  if (corrections.length === 0) return [...drafts];
  return drafts.filter((draft) => {
    const superseded = corrections.some((correction) => correction !== draft && supersedes(correction, draft));
    if (superseded) {
      const { source, path, value, unit, effective } = draft.fact;
      chart.unread.push({ source, path, reason: 'superseded', text: `${value} ${unit}`, effective });
    }
    return !superseded;
  });
}

function supersedes(correction: Draft, earlier: Draft): boolean {
  const same =
    correction.identifiers.some((identifier) => earlier.identifiers.includes(identifier)) ||
    correction.fact.effective.text === earlier.fact.effective.text;
  if (!same) return false;
  return (
    correction.issued > earlier.issued || (correction.issued === earlier.issued && earlier.fact.status === 'final')
  );
}

// A value known only by its year may be older than any in that year, so it never counts as the newest of them.
function newestFirst(a: Draft, b: Draft): number {
  return (
    b.fact.effective.start - a.fact.effective.start || b.issued - a.issued || (a.fact.source < b.fact.source ? -1 : 1)
  );
}
