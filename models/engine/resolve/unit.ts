/** A measured fact in another unit. */
import { ANALYTE_BY_KEY } from '../facts/analytes.ts';
import type { ObservationFact } from '../facts/facts.ts';
import { convert } from '../facts/units.ts';

/** The value in `unit`; `undefined` when the two units do not measure the same kind of quantity. */
export function inUnit(fact: ObservationFact, unit: string, key: string): number | undefined {
  if (fact.unit === unit) return fact.value;
  const analyte = ANALYTE_BY_KEY.get(key);
  return analyte && convert({ analyte, value: fact.value, from: fact.unit, to: unit });
}
