/** `audit verify [--data DIR]`: is the append-only record whole, from its first event to its signed head? */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createAudit } from '../audit.ts';
import { openKeyRing } from '../store/keys.ts';
import { openStore } from '../store/open.ts';
import { type Command, UsageError } from './command.ts';

/** `intact` with the count, or the first broken link and exit 1. */
export const auditVerifyCommand: Command = async ({ args, terminal }) => {
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' } }, strict: true });
  const data = values.data ?? (await configured(process.env.ATTUNE_CONFIG)) ?? '.data';
  const databaseUrl = values.data ? undefined : process.env.DATABASE_URL;
  const path = join(data, 'attune.sqlite');
  // Opening a missing store would make an empty one, and an empty record is always intact.
  if (!databaseUrl && !existsSync(path)) throw new UsageError(`no audit store in ${data}; name its folder with --data`);
  const keys = openKeyRing(join(data, 'keys.json'));
  const { store } = await openStore({ dataDir: data, keys, databaseUrl });
  try {
    const verdict = await createAudit({ store, keys }).verify();
    terminal.out(
      JSON.stringify(
        verdict.whole
          ? { status: 'intact', events: verdict.events }
          : { status: 'broken', firstBroken: verdict.seq, reason: verdict.why },
      ),
    );
    return verdict.whole ? 0 : 1;
  } finally {
    await store.close();
  }
};

async function configured(path: string | undefined): Promise<string | undefined> {
  if (!path) return undefined;
  const config = z.looseObject({ dataDir: z.string() }).parse(JSON.parse(await readFile(path, 'utf8')));
  return resolve(dirname(path), config.dataDir);
}
