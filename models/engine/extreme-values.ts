/**
 * Values that are possible and terrible: verify them before anything is concluded from them.
 * Only the newest value of a measurement is asked about; an old one was seen by somebody.
 */
import type { Evaluation, Finding, Input, LogicLine } from './evaluation.ts';
import { ANALYTE_BY_KEY } from './facts/analytes.ts';
import type { Facts, ObservationFact } from './facts/facts.ts';
import type { Citation } from './measured.ts';
import { before } from './resolve/period.ts';
import { emptyBasis } from './risk/inputs.ts';

/** Changes with the words or limits below. */
const VERSION = '1.0.0';
/**
 * Within this time an extreme value may be today's emergency and is `critical`; later it is history to be put right,
 * a `warning`. The limit is ours: it decides how loudly to ask for verification, not what to do.
 */
const RECENT = 'P30D';

/** Two laboratories' lists of results that are telephoned at once; every limit of ours on those sides is farther out. */
const ALARM_LISTS: readonly Citation[] = [
  {
    text: 'A hospital laboratory’s critical values: potassium below 3.0 or above 6.1 mmol/L, sodium below 120 or above 160 mmol/L, glucose below 55 or above 450 mg/dL, haemoglobin below 7 or above 21 g/dL, platelets below 20 or above 1000 ×10³/µL, INR above 5.0',
    url: 'https://info.5y1.org/append-to-a-list_1_3bce24.html',
    place: 'Critical values list CORP-APPEND-0104A, rev. 34, page 1',
    basis: 'opened',
    opened: '2026-11-22',
  },
  {
    text: 'Another laboratory’s critical results: creatinine 6.0 mg/dL or more; potassium 6.0 mmol/L or more',
    url: 'https://www.starlingphysicians.com/starling-labs-shares-updated-values/',
    place: 'Laboratory critical results',
    basis: 'opened',
    opened: '2026-11-22',
  },
];

/** Analytes of which only a high value is on those lists: a low one is odd, and asked about more quietly. */
const HIGH_ONLY = new Set(['observation.creatinine', 'observation.inr']);

/** One finding for each measurement whose newest value is extreme. `now` in ms since the epoch. */
export function extremeValues(facts: Facts, now: number): readonly Evaluation[] {
  return Object.values(facts.observation).flatMap(([newest]) => (newest?.extreme ? [evaluationOf(newest, now)] : []));
}

function evaluationOf(fact: ObservationFact, now: number): Evaluation {
  const key = fact.path.slice(fact.path.indexOf('.') + 1);
  const analyte = ANALYTE_BY_KEY.get(key);
  const label = analyte?.label ?? key;
  return {
    id: `extreme-value/${fact.path}`,
    kind: 'extreme-value',
    title: `Extreme ${inSentence(label)}`,
    version: VERSION,
    status: 'finding',
    finding: findingOf(fact, { label, now, ...(analyte?.extreme ? { limits: analyte.extreme } : {}) }),
  };
}

function findingOf(
  fact: ObservationFact,
  { label, limits, now }: { readonly label: string; readonly limits?: readonly [number, number]; readonly now: number },
): Finding {
  const unit = fact.unit === '1' ? '' : ` ${fact.unit}`;
  const shown = asCharted(fact);
  const alarming = telephoned(fact, limits);
  const recent = fact.effective.end >= before(now, RECENT);
  const input: Input = {
    path: fact.path,
    label,
    value: fact.value,
    unit: fact.unit,
    ...(fact.comparator ? { comparator: fact.comparator } : {}),
    effective: fact.effective,
    sources: [fact.source],
  };
  const range = limits ? `outside ${limits[0]} to ${limits[1]}${unit}` : 'outside its limits';
  const logic: LogicLine[] = [
    { text: `${label} ${range}`, held: 'met', value: shown },
    { text: 'Measured in the last 30 days', held: recent ? 'met' : 'not-met' },
    { text: 'On the side that laboratories telephone at once', held: alarming ? 'met' : 'not-met' },
  ];
  return {
    indicator: recent && alarming ? 'critical' : 'warning',
    summary: `Verify ${inSentence(label)} ${shown}: repeat the sample or confirm it with the laboratory`,
    detail: `The newest value is ${range}. It is either an emergency or an error, so no model was fed with it.`,
    because: [input],
    action: { kind: 'note', text: `Confirm or repeat ${inSentence(label)}.` },
    logic,
    basis: { ...emptyBasis(), excluded: [{ ...input, reason: 'extreme value, verify first' }] },
    limitation: 'The limit is a laboratory alarm limit; it cannot tell a true emergency from a bad sample.',
    citations: ALARM_LISTS,
    mergeKey: `extreme-${fact.path}`,
    verifyFirst: true,
  };
}

function telephoned({ path, value }: ObservationFact, limits?: readonly [number, number]): boolean {
  return limits !== undefined && (!HIGH_ONLY.has(path) || value > limits[1]);
}

/** The number that the physician finds in the chart, and beside it what it was converted to. */
function asCharted({ value, unit, comparator, original }: ObservationFact): string {
  const text = (number: number, of: string) => `${comparator ?? ''}${number}${of === '1' ? '' : ` ${of}`}`;
  if (!original) return text(Number(value.toPrecision(6)), unit);
  return `${text(original.value, original.unit)} (${text(Number(value.toPrecision(3)), unit)})`;
}

/** `Potassium` → `potassium`, `INR` stays. */
function inSentence(label: string): string {
  return /^[A-Z][a-z]/.test(label) ? `${label.charAt(0).toLowerCase()}${label.slice(1)}` : label;
}
