/** The append-only record, and the checkpoints beside it, as a command finds them: by option, by the configuration, or in `.data`. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { CHECKPOINTS } from '../checkpoints/file.ts';
import { PUBLIC } from '../checkpoints/key.ts';
import { type KeyRing, openKeyRing } from '../store/keys.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { UsageError } from './command.ts';

/** Opens the store, lets `use` work on it, and closes it. Throws a `UsageError` where there is none. A copy of the record may come without its keys. */
export async function withAuditStore<T>(
  data: string | undefined,
  use: (opened: { readonly store: Store; readonly keys?: KeyRing }) => Promise<T>,
): Promise<T> {
  const { dataDir } = await placesOf(data);
  const databaseUrl = data ? undefined : process.env.DATABASE_URL;
  // Opening a missing store would make an empty one, and an empty record is always intact.
  if (!databaseUrl && !existsSync(join(dataDir, 'attune.sqlite')))
    throw new UsageError(`no audit store in ${dataDir}; name its folder with --data`);
  const ring = join(dataDir, 'keys.json');
  const keys = existsSync(ring) ? openKeyRing(ring) : undefined;
  const { store } = await openStore({ dataDir, keys: keys ?? { sign: unsigned }, databaseUrl });
  try {
    return await use({ store, ...(keys && { keys }) });
  } finally {
    await store.close();
  }
}

/** Checkpoints as text, where each text came from, and the keys that may have signed them. */
export interface SignedFiles {
  readonly names: readonly string[];
  readonly texts: readonly string[];
  readonly keys: readonly KeyObject[];
}

/** The named files and keys; else the configured ones; else those in the data folder, where there are any. */
export async function signedFiles(given: {
  readonly data: string | undefined;
  readonly checkpoints: readonly string[] | undefined;
  readonly publicKeys: readonly string[] | undefined;
}): Promise<SignedFiles> {
  const { dataDir, checkpoints } = await placesOf(given.data);
  const names = given.checkpoints ?? [checkpoints].filter(existsSync);
  if (names.length === 0) return { names: [], texts: [], keys: [] };
  const keyFiles = given.publicKeys ?? [join(dataDir, PUBLIC)].filter(existsSync);
  if (keyFiles.length === 0) throw new UsageError('no key to check the checkpoints with; name one with --public-key');
  return {
    names,
    texts: await Promise.all(names.map((path) => readFile(path, 'utf8'))),
    keys: await Promise.all(keyFiles.map(async (path) => createPublicKey(await readFile(path, 'utf8')))),
  };
}

const Configured = z.looseObject({
  dataDir: z.string(),
  audit: z.looseObject({ checkpoints: z.string().optional() }).optional(),
});

/** The data folder and the checkpoints' file: given, configured, or `.data`. */
export async function placesOf(data: string | undefined): Promise<{ dataDir: string; checkpoints: string }> {
  const path = process.env.ATTUNE_CONFIG;
  const config = path ? Configured.parse(JSON.parse(await readFile(path, 'utf8'))) : undefined;
  const at = (name: string) => resolve(dirname(path ?? '.'), name);
  const dataDir = data ?? (config ? at(config.dataDir) : '.data');
  const elsewhere = data === undefined ? config?.audit?.checkpoints : undefined;
  return { dataDir, checkpoints: elsewhere === undefined ? join(dataDir, CHECKPOINTS) : at(elsewhere) };
}

function unsigned(): never {
  throw new Error('this copy of the record has no key');
}
