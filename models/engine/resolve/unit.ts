/** A measured fact in another unit. */
import type { ObservationFact } from '../facts/facts.ts';

/** The value in `unit`; `undefined` when the two units do not measure the same kind of quantity. */
export function inUnit(fact: ObservationFact, unit: string, _key: string): number | undefined {
  return fact.unit === unit ? fact.value : undefined;
}
