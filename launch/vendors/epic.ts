/**
 * Epic. Its severities do not say whether an answer is whole: `information` may mean "cut at 100 results", and a warning
 * comes with nearly every answer that is complete. So its own codes are read.
 *
 * Source of the codes: Epic on FHIR, specification pages, section "FHIR Error Codes" (https://fhir.epic.com/Specifications),
 * opened 2026-11-22 as stored text. 4119 on ordinary answers: onc-healthit/inferno-program issue 229. 59204 and 59205 are
 * described by an app developer only, so they are read in the cautious direction. Never tried against a live Epic.
 */
import type { Vendor } from './vendor.ts';

export const epic: Vendor = {
  id: 'epic',
  name: 'Epic',
  outcomeCodes: [
    {
      // Epic's own arc; the rest of the OID differs by customer and environment.
      system: 'urn:oid:1.2.840.114350.',
      meanings: {
        4101: 'nothing-found',
        4118: 'not-authorised',
        4119: 'view-limited',
        4122: 'parameter-ignored',
        4127: 'truncated',
        4130: 'restricted',
        4131: 'restricted',
        4134: 'restricted',
        4135: 'try-later',
        59100: 'parameter-ignored',
        59101: 'parameter-ignored',
        59109: 'parameter-ignored',
        59133: 'truncated',
        59204: 'not-authorised',
        59205: 'not-authorised',
      },
    },
  ],
};
