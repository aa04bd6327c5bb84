/** What a restart and the passing of time mean for the outbox (interop X2, X7, V13, V17). */
import type { AuditEntry } from '../audit.ts';
import type { Store } from '../store/store.ts';

/** Contents of settled rows are kept this long, in milliseconds; hashes stay. */
const KEEP = 24 * 60 * 60 * 1000;

/**
 * Run once at start, before requests are served: what was being sent is in doubt, what was not sent yet has expired
 * (the token that would have sent it is gone). Where other servers share the store, only what was untouched for
 * `untouchedFor` milliseconds: the rest is theirs. Answers how many of each.
 */
export async function recover(deps: {
  store: Store;
  now: Date;
  untouchedFor?: number;
}): Promise<{ unknown: number; expired: number }> {
  const { store, now, untouchedFor = 0 } = deps;
  const count = { unknown: 0, expired: 0 };
  const at = now.toISOString();
  for (const row of await store.interrupted(new Date(now.getTime() - untouchedFor).toISOString())) {
    const sent = row.state === 'sending';
    const state = sent ? 'unknown' : 'expired';
    const detail = sent ? 'interrupted' : 'never-sent';
    const { approvalId, tenantId: tenant, patientKey: patient, payloadHash } = row;
    const moved = await store.move(
      { approvalId, from: [row.state], attempts: row.attempts, set: { state, detail, settledAt: sent ? null : at } },
      { type: 'recovered', at, tenant, patient, approvalId, payloadHash, reason: detail } satisfies AuditEntry,
    );
    if (moved) count[state] += 1;
  }
  return count;
}

/** Forgets the contents of what was settled a day ago. Run every hour. */
export function purge(deps: { store: Store; now: Date }): Promise<number> {
  return deps.store.purge(new Date(deps.now.getTime() - KEEP).toISOString());
}
