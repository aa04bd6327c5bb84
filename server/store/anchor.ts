/** Where a record begins whose older part was archived: the last link of that part, signed so that only we can have put it there. */
import type { Link } from './chain.ts';
import type { KeyRing } from './keys.ts';
import type { Head } from './store.ts';

/** Signed in other words than the head: an old head is no anchor. */
export function anchorAt({ seq, hash }: Link, keys: Pick<KeyRing, 'sign'>): Head {
  return { seq, hash, mac: keys.sign(`archived|${seq}|${hash}`) };
}
