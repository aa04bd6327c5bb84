/** From an EHR's documents to what works there. Pure: the same documents always give the same report. */
import type { Tenant } from '../../launch/tenants.ts';
import { checksOf } from './checks.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Documents } from './documents.ts';
import { featuresOf, scopesAsked, verdictOf } from './features.ts';
import { rungsOf } from './rungs.ts';

/** `now` in milliseconds; `tenant` is this EHR's line in our own registry, where there is one. */
export function examine(documents: Documents, options: { readonly now: number; readonly tenant?: Tenant }): Diagnosis {
  const checks = checksOf(documents, options);
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
    writeBack: rungsOf(documents, options.tenant),
  };
}
