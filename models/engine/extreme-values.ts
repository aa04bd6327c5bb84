/**
 * Values that are possible and terrible: verify them before anything is concluded from them.
 * Only the newest value of a measurement is asked about; an old one was seen by somebody.
 */
import type { Evaluation, Finding, Input, LogicLine } from './evaluation.ts';
import { ANALYTE_BY_KEY } from './facts/analytes.ts';
import type { Facts, ObservationFact } from './facts/facts.ts';
import { before } from './resolve/period.ts';
import { emptyBasis } from './risk/inputs.ts';

/** Changes with the words or limits below. */
const VERSION = '1.0.0';
/**
 * Within this time an extreme value may be today's emergency and is `critical`; later it is history to be put right,
 * a `warning`. The limit is ours: it decides how loudly to ask for verification, not what to do.
 */
const RECENT = 'P30D';

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
  const shown = `${fact.comparator ?? ''}${Number(fact.value.toPrecision(6))}${unit}`;
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
  ];
  return {
    indicator: recent ? 'critical' : 'warning',
    summary: `Verify ${inSentence(label)} ${shown}: repeat the sample or confirm it with the laboratory`,
    detail: `The newest value is ${range}. It is either an emergency or an error, so no model was fed with it.`,
    because: [input],
    action: { kind: 'note', text: `Confirm or repeat ${inSentence(label)}.` },
    logic,
    basis: { ...emptyBasis(), excluded: [{ ...input, reason: 'extreme value, verify first' }] },
    limitation: 'The limit is a laboratory alarm limit; it cannot tell a true emergency from a bad sample.',
    citations: [
      { text: 'Alarm limits as used in hospital laboratories; each laboratory sets its own', basis: 'recalled' },
    ],
    mergeKey: `extreme-${fact.path}`,
    verifyFirst: true,
  };
}

/** `Potassium` → `potassium`, `INR` stays. */
function inSentence(label: string): string {
  return /^[A-Z][a-z]/.test(label) ? `${label.charAt(0).toLowerCase()}${label.slice(1)}` : label;
}
