/** The hash chain of the append-only record: `hash_n = SHA-256(hash_{n-1} ‖ canonical(event))` (interop V11). */
import { createHash } from 'node:crypto';

/** What the first link is chained to. */
export const GENESIS = '0'.repeat(64);

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
