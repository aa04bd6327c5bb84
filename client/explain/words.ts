/** How an explanation is put in words: every number with its unit and its horizon. */
import type { Outcome } from '../../models/engine/evaluation.ts';
import { tierOf } from '../../models/engine/explain/tiers.ts';
import type { DecisionTiers, RiskModel } from '../../models/engine/library.ts';
import { horizonText, outcomeParts, outcomeText } from '../ui/measured.tsx';

const NBSP = '\u00a0';

/** A difference of probabilities in percentage points: `+3.4 pp`, `−0.2 pp`, `0.0 pp`. */
export function pointsText(value: number): string {
  const points = Math.abs(value * 100).toFixed(1);
  const sign = points === '0.0' ? '' : value > 0 ? '+' : '−';
  return `${sign}${points}${NBSP}pp`;
}

/** `5.1–9.3 % over 10 years`. */
export function rangeText(outcome: Outcome, { low, high }: { readonly low: number; readonly high: number }): string {
  const [from, to] = [low, high].map((value) => outcomeParts({ ...outcome, value }).number);
  return `${from}–${to}${NBSP}% ${overText(outcome)}`.trim();
}

/** `over 10 years`. */
export function overText({ horizon }: Pick<Outcome, 'horizon'>): string {
  return horizon ? `over ${horizonText(horizon)}` : '';
}

/** `6.2 % over 10 years`. */
export function riskText(outcome: Outcome, value = outcome.value): string {
  return `${outcomeText({ ...outcome, value })} ${overText(outcome)}`.trim();
}

/** `a woman of 55`: who the reference person is, before her values. */
export function whoText(model: RiskModel, values: Readonly<Record<string, number>>): string {
  const coded = (fact: string) => model.inputs.find((input) => input.fact === fact);
  const age = values[coded('patient.age')?.name ?? ''];
  const sex = coded('patient.sex');
  const word = sex && Object.entries(sex.codes ?? {}).find(([, code]) => code === values[sex.name])?.[0];
  const who = word === 'female' ? 'woman' : word === 'male' ? 'man' : 'person of the same sex';
  return age === undefined ? `${who} of the same age` : `${who} of ${age}`;
}

/** `a, b and c`. */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** A number under a threshold; where both round to the same digits it says so: `just below 7.5 % over 10 years`. */
export function belowText(outcome: Outcome, decision: DecisionTiers, value: number): string {
  const above = decision.tiers[tierOf(decision, value) + 1]?.from;
  const same = above !== undefined && outcomeText({ ...outcome, value }) === outcomeText({ ...outcome, value: above });
  return `${same ? 'just below ' : ''}${riskText(outcome, value)}`;
}
