/** Our own relay, which refuses some reads before any EHR is asked: its word for that, in the shape of a vendor's. */
import type { Vendor } from './vendor.ts';

export const RELAY_CODE_SYSTEM = 'urn:attune:relay';

export const relay: Vendor = {
  id: 'relay',
  name: 'Attune',
  outcomeCodes: [{ system: RELAY_CODE_SYSTEM, meanings: { 'not-granted': 'not-granted' } }],
};
