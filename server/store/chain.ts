/** The hash chain of the append-only record: `hash_n = SHA-256(hash_{n-1} ‖ canonical(event))` (interop V11). */
import { createHash } from 'node:crypto';
import { setImmediate as letOthers } from 'node:timers/promises';
import type { Recorded, Store } from './store.ts';

/** What the first link is chained to. */
export const GENESIS = '0'.repeat(64);

const PAGE = 1_000;

/** JSON with sorted keys and no spaces: the same event is always the same bytes. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Hex hash of the next link. */
export function link(previousHash: string, event: string): string {
  return createHash('sha256').update(previousHash).update(event).digest('hex');
}

/** A place in the chain: the last event that is known, and its hash. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** How far the chain holds: to its end, or up to the first link that does not. */
export type Followed =
  | ({ readonly whole: true } & Link)
  | { readonly whole: false; readonly seq: number; readonly why: string };

/** Recomputes every hash after `from`. `see` is shown each link that fits, and may object to it in words. */
export async function follow(
  store: Pick<Store, 'recorded'>,
  options: { readonly from?: Link; readonly see?: (recorded: Recorded) => string | undefined } = {},
): Promise<Followed> {
  let { seq, hash } = options.from ?? { seq: 0, hash: GENESIS };
  for (let page = await store.recorded(seq, PAGE); page.length > 0; page = await store.recorded(seq, PAGE)) {
    for (const recorded of page) {
      if (recorded.seq !== seq + 1) return { whole: false, seq: seq + 1, why: 'the event is missing' };
      hash = link(hash, recorded.event);
      seq = recorded.seq;
      if (recorded.hash !== hash) return { whole: false, seq, why: 'the event or its place in the order was altered' };
      const why = options.see?.(recorded);
      if (why !== undefined) return { whole: false, seq, why };
    }
    // SQLite answers at once: without a pause a long record would keep every request waiting.
    await letOthers();
  }
  return { whole: true, seq, hash };
}
