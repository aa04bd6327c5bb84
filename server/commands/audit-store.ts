/** The append-only record as a command finds it: by `--data`, by the configuration, or in `.data`. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type KeyRing, openKeyRing } from '../store/keys.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { UsageError } from './command.ts';

/** Opens the store, lets `use` work on it, and closes it. Throws a `UsageError` where there is none. */
export async function withAuditStore<T>(
  folder: string | undefined,
  use: (opened: { readonly store: Store; readonly keys: KeyRing }) => Promise<T>,
): Promise<T> {
  const data = folder ?? (await configured(process.env.ATTUNE_CONFIG)) ?? '.data';
  const databaseUrl = folder ? undefined : process.env.DATABASE_URL;
  // Opening a missing store would make an empty one, and an empty record is always intact.
  if (!databaseUrl && !existsSync(join(data, 'attune.sqlite')))
    throw new UsageError(`no audit store in ${data}; name its folder with --data`);
  const keys = openKeyRing(join(data, 'keys.json'));
  const { store } = await openStore({ dataDir: data, keys, databaseUrl });
  try {
    return await use({ store, keys });
  } finally {
    await store.close();
  }
}

async function configured(path: string | undefined): Promise<string | undefined> {
  if (!path) return undefined;
  const config = z.looseObject({ dataDir: z.string() }).parse(JSON.parse(await readFile(path, 'utf8')));
  return resolve(dirname(path), config.dataDir);
}
