/**
 * What was read of a chart, on the record: one event for each resource type, summed up, not one for each request. It is
 * counted in memory and written when the launch ends, every few minutes while it lasts, and when the server stops; a
 * crash loses what was not written yet.
 */
import { setImmediate as letOthers } from 'node:timers/promises';
import type { Audit } from '../audit.ts';
import type { Ledger, Visit } from './ledger.ts';

/** Writes what was read since the last time. */
export function createReadRecord({ ledger, audit }: { readonly ledger: Ledger; readonly audit: Audit }) {
  const of = async (visit: Visit): Promise<void> => {
    for (const read of ledger.newlyRead(visit.context.launchId))
      await audit.record(audit.entry(visit, { type: 'read', ...read }));
  };
  return {
    of,
    /** Of every launch that this server answers for. */
    ofAll: async (): Promise<void> => {
      for (const visit of ledger.open()) {
        await of(visit);
        // Thousands of launches come due together.
        await letOthers();
      }
      ledger.forget();
    },
    /** Of a launch that is over; what was still under way follows with the next round. */
    last: async (visit: Visit): Promise<void> => {
      await of(visit);
      ledger.close(visit.context.launchId);
    },
  };
}
