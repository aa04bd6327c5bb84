/** One at a time, whichever servers share the store. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kept } from './kept.ts';

/**
 * A server that died holds what it held for this long. Twice the longest request to an EHR (30 s), so that nobody loses
 * a turn that is still being used, and servers' clocks may differ by the other half.
 */
const LEASE_MS = 60_000;
const POLL_MS = 25;

/**
 * Runs `work` while nobody else runs any under this name. Waits for whoever does; throws after as long as a lease lasts,
 * without having run it.
 */
export async function alone<T>(
  { kept, now }: { readonly kept: Kept; readonly now: () => number },
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const key = `alone:${name}`;
  const holder = randomUUID();
  for (let waited = 0; !(await kept.replace(key, undefined, holder, now() + LEASE_MS)); waited += POLL_MS) {
    if (waited >= LEASE_MS) throw new Error('store: somebody else has been at it for too long');
    await wait(POLL_MS);
  }
  try {
    return await work();
  } finally {
    // Given back only while it is ours: after a lease that ran out it may be another's turn. What cannot be given back runs out.
    await kept.replace(key, holder, '', now()).catch(() => false);
  }
}
