/** What is kept runs out: one task that forgets it. Every server runs it; several at once forget the same. */
import type { Opened } from './store/open.ts';
import { purge } from './write-back/recovery.ts';

const DAY_MS = 86_400_000;

/** How many of each were forgotten. */
export interface Forgotten {
  /** Contents of notes that were settled a day ago; their hashes stay (V13). */
  readonly notes: number;
  /** Sessions, and previews that nobody approved. */
  readonly sessions: number;
  readonly cards: number;
  readonly promises: number;
}

/** Run every minute. `promiseDays`: how long after its day a promised test is still somebody's. */
export async function forget(
  { store, kept, cards, promises }: Pick<Opened, 'store' | 'kept' | 'cards' | 'promises'>,
  { now, promiseDays }: { readonly now: number; readonly promiseDays: number },
): Promise<Forgotten> {
  return {
    notes: await purge({ store, now: new Date(now) }),
    sessions: await kept.purge(),
    cards: await cards.purge(),
    promises: await promises.purge(now - promiseDays * DAY_MS),
  };
}
