/** What an expression saw, told in words: `Potassium 5.6 mmol/L; eGFR 41 mL/min/{1.73_m2}`. */
import type { Input } from '../evaluation.ts';
import { basisOf } from './basis.ts';
import type { Seen } from './view.ts';

/** The facts that were there, with value and unit. */
export function valuesIn(seen: Seen): string {
  return told(seen).values;
}

/** The facts that were not, and why. */
export function missingIn(seen: Seen): readonly string[] {
  return told(seen).missing;
}

/** Four figures: enough to see on which side of a limit a value lies. A bound is told as a bound. */
export function labelled({ label, comparator, value, unit }: Input): string {
  const figure = typeof value === 'number' ? Number(value.toPrecision(4)) : value;
  return `${label} ${comparator ?? ''}${figure}${unit && unit !== '1' && unit !== 'a' ? ` ${unit}` : ''}`;
}

interface Told {
  readonly values: string;
  readonly missing: readonly string[];
}

// What was seen of one patient is told in many findings.
const known = new WeakMap<Seen, Told>();

function told(seen: Seen): Told {
  const found = known.get(seen);
  if (found) return found;
  const { resolved } = seen;
  const made = {
    values: resolved.flatMap((each) => (each.state === 'known' ? [labelled(each.input)] : [])).join('; '),
    missing: basisOf(resolved).missing.map(({ text }) => text),
  };
  known.set(seen, made);
  return made;
}
