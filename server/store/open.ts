/** The store that this deployment uses: PostgreSQL where `DATABASE_URL` is set, else one SQLite file. */
import { join } from 'node:path';
import type { SessionStore } from '../sessions.ts';
import type { KeyRing } from './keys.ts';
import { sqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

/** The outbox and the record; and the sessions, where other servers need them too. */
export interface Opened {
  readonly store: Store;
  /** Only with PostgreSQL. */
  readonly sessions?: SessionStore;
}

export async function openStore(options: {
  dataDir: string;
  keys: Pick<KeyRing, 'sign'>;
  /** `postgres://…`; absent or empty: SQLite in `dataDir`. */
  databaseUrl?: string | undefined;
}): Promise<Opened> {
  const { dataDir, keys, databaseUrl } = options;
  if (!databaseUrl) return { store: sqliteStore({ path: join(dataDir, 'attune.sqlite'), keys }) };
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres({ url: databaseUrl, keys });
}
