/** Whether these data were kept with these keys: a second server that made itself a key ring would sign another history. */
import type { KeyRing } from './keys.ts';
import type { Store } from './store.ts';

/** Throws, in words for whoever starts the server, where the head of the record is signed with another key. */
export async function assertOwnKeys(store: Pick<Store, 'head'>, keys: Pick<KeyRing, 'sign'>): Promise<void> {
  const head = await store.head();
  if (head && head.mac !== keys.sign(`${head.seq}|${head.hash}`))
    throw new Error(
      'store: the record is not signed with this keys.json. Use the one of the other servers, or of the backup; if it is the same, see `attune audit verify`',
    );
}
