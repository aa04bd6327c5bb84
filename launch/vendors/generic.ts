/** An EHR of which nothing is known but that it speaks FHIR. Every warning of it means that something may be missing. */
import type { Vendor } from './vendor.ts';

export const generic: Vendor = { id: 'generic', name: 'FHIR R4', outcomeCodes: [] };
