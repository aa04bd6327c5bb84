/**
 * Whether creatinine is steady enough for a clearance to mean anything. KDIGO's acute kidney injury, either way round:
 * a fall as fast as that is a kidney on the move too.
 */
import type { ObservationFact } from '../facts/facts.ts';

const HOUR = 3_600_000;
/** mg/dL within 48 h */
const ABSOLUTE = 0.3;
/** times within 7 days */
const RELATIVE = 1.5;
/** Rounding of the laboratory's own decimals must not hide a rise of exactly 0.3. */
const ROUNDING = 1e-9;

/** `moving` with the two values that show it; `unknown` when the last week holds a single value. */
export type Steadiness =
  | { readonly is: 'steady' }
  | { readonly is: 'unknown' }
  | { readonly is: 'moving'; readonly from: ObservationFact; readonly to: ObservationFact };

/** @param creatinine in mg/dL, any order @param now ms since the epoch */
export function steadiness(creatinine: readonly ObservationFact[], now: number): Steadiness {
  const week = creatinine
    .filter(({ effective, comparator }) => comparator === undefined && now - effective.start <= 7 * 24 * HOUR)
    .sort((a, b) => a.effective.start - b.effective.start);
  for (const [index, to] of week.entries())
    for (const from of week.slice(0, index)) {
      const hours = (to.effective.start - from.effective.end) / HOUR;
      const change = Math.abs(to.value - from.value);
      const ratio = Math.max(to.value, from.value) / Math.min(to.value, from.value);
      if ((hours <= 48 && change >= ABSOLUTE - ROUNDING) || ratio >= RELATIVE - ROUNDING)
        return { is: 'moving', from, to };
    }
  return { is: week.length > 1 ? 'steady' : 'unknown' };
}
