/** Our own relay: what it refuses before any EHR is asked, and what it leaves out, in the shape of a vendor's codes. */
import type { Vendor } from './vendor.ts';

export const RELAY_CODE_SYSTEM = 'urn:attune:relay';

export const relay: Vendor = {
  id: 'relay',
  name: 'Attune',
  outcomeCodes: [
    {
      system: RELAY_CODE_SYSTEM,
      meanings: {
        'not-granted': 'not-granted',
        'someone-else': 'someone-else',
        'page-elsewhere': 'page-elsewhere',
      },
    },
  ],
};
