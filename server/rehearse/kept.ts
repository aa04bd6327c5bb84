/** The kept reports as a running server asks them: read again when they have changed, judged by the registry in force. */
import type { Tenants } from '../../launch/tenants.ts';
import type { TriedOf } from '../write-back/ladder.ts';
import { triedFrom } from './counts.ts';
import { createReports } from './report.ts';

/** `now` in milliseconds. Reports lie in `dataDir` of each server; where several run, each needs its own copy. */
export function createTriedOf(options: { dataDir: string; tenants: Tenants; now: () => number }): TriedOf {
  const { dataDir, tenants, now } = options;
  const reportOf = createReports(dataDir);
  return async ({ tenantId, statement, settings, recommendation }) => {
    const tenant = tenants.byId(tenantId);
    if (!tenant) return () => ({ passed: false, code: 'not-tried', why: 'this EHR is no longer registered' });
    const kept = await reportOf(tenantId);
    return triedFrom({ kept, tenant, statement, now: now(), ...(settings && { settings }) }, recommendation);
  };
}
