/** From an EHR's documents to what works there. Pure: the same documents always give the same report. */
import { checksOf } from './checks.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Documents } from './documents.ts';
import { featuresOf, scopesAsked, verdictOf } from './features.ts';
import { type Known, rehearsalCheck } from './rehearsal.ts';
import { rungsOf } from './rungs.ts';

/** The whole report. */
export function examine(documents: Documents, known: Known): Diagnosis {
  const checks = [...checksOf(documents, known), rehearsalCheck(documents, known)];
  const features = featuresOf(documents, checks);
  const { from, live } = documents;
  const scopes = scopesAsked(documents);
  return {
    from,
    live,
    verdict: verdictOf(features),
    checks,
    scopes,
    features,
    writeBack: rungsOf(documents, known),
  };
}
