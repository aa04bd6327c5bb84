/**
 * The vendors of whom something is known. A vendor is recognised by its own code systems, never by its name: nothing has
 * to be configured, and an EHR that hides behind another's gateway is still understood.
 */
import { epic } from './epic.ts';
import { generic } from './generic.ts';
import { relay } from './relay.ts';
import type { OutcomeCodes, Vendor } from './vendor.ts';

export const vendors: readonly Vendor[] = [epic, generic, relay];

/** What every vendor's own outcome codes mean. */
export function outcomeCodes(): readonly OutcomeCodes[] {
  return vendors.flatMap((vendor) => vendor.outcomeCodes);
}
