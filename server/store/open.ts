/** What this deployment remembers, and where: in PostgreSQL if `DATABASE_URL` is set, else in one SQLite file. */
import { join } from 'node:path';
import { type PromiseBook, promisesIn } from '../promises/book.ts';
import type { Kept } from './kept.ts';
import { keptIn } from './kept-in.ts';
import type { KeyRing } from './keys.ts';
import type { Sql } from './sql.ts';
import { storeIn } from './sqlite.ts';
import { openBeside, openFile, sqlIn } from './sqlite-file.ts';
import type { Store } from './store.ts';

/** Everything that is remembered. Closing `store` closes what they all stand on. */
export interface Opened {
  /** The outbox and the record. */
  readonly store: Store;
  /** Sessions, and previews that wait: not in a backup. */
  readonly kept: Kept;
  /** The cards of CDS Hooks. */
  readonly cards: Kept;
  readonly promises: PromiseBook;
  /** Whether other servers may be working on the same. */
  readonly shared: boolean;
}

export async function openStore(options: {
  dataDir: string;
  keys: Pick<KeyRing, 'sign'>;
  /** `postgres://…`; absent or empty: SQLite in `dataDir`. */
  databaseUrl?: string | undefined;
  /** Epoch milliseconds. */
  now?: () => number;
}): Promise<Opened> {
  const { dataDir, keys, databaseUrl, now = Date.now } = options;
  const all = (store: Store, sql: Sql, sessions: Sql): Omit<Opened, 'shared'> => ({
    store,
    kept: keptIn(sessions, { table: 'kept', now }),
    cards: keptIn(sql, { table: 'card', now }),
    promises: promisesIn(sql),
  });
  if (databaseUrl) {
    const { openPostgres } = await import('./postgres.ts');
    const { store, sql } = await openPostgres({ url: databaseUrl, keys });
    return { ...all(store, sql, sql), shared: true };
  }
  const path = join(dataDir, 'attune.sqlite');
  const file = openFile(path);
  const beside = openBeside(path);
  const store = storeIn(file, keys);
  const close = async () => {
    beside.close();
    await store.close();
  };
  return { ...all({ ...store, close }, sqlIn(file), sqlIn(beside)), shared: false };
}
