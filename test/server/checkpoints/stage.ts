/** A record with checkpoints in a folder of its own, on SQLite or PostgreSQL, and someone who can do to it what a thief of all its keys can. */

import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CheckpointDeps, createCheckpoints } from '../../../server/checkpoints/checkpoints.ts';
import { CHECKPOINTS, checkpointFile } from '../../../server/checkpoints/file.ts';
import { openSigningKey, PUBLIC } from '../../../server/checkpoints/key.ts';
import { type KeyRing, openKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';

export const MINUTE = 60_000;

/** A record in a fresh folder, its clock at 09:00, a checkpoint due after three events or ten minutes. */
export function openSigned(open?: (keys: KeyRing) => Promise<Store>) {
  const dir = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  const keys = openKeyRing(join(dir, 'keys.json'));
  const path = join(dir, CHECKPOINTS);
  const key = openSigningKey({ dataDir: dir });
  let now = Date.parse('2026-11-23T09:00:00Z');
  const opened = open ? open(keys) : Promise.resolve(sqliteStore({ path: join(dir, 'attune.sqlite'), keys }));
  return opened.then((store) => {
    const signer = (deps: Partial<CheckpointDeps> = {}) =>
      createCheckpoints({
        store,
        file: checkpointFile(path),
        key,
        every: 3,
        maxAge: 10 * MINUTE,
        alone: (work) => work(),
        clock: () => new Date(now),
        ...deps,
      });
    return {
      dir,
      keys,
      key,
      path,
      store,
      signer,
      publicKey: createPublicKey(readFileSync(join(dir, PUBLIC), 'utf8')),
      pass: (ms: number) => {
        now += ms;
      },
      happen: async (count: number) => {
        for (let n = 0; n < count; n += 1)
          await store.append({
            type: 'shown',
            at: new Date(now).toISOString(),
            tenant: 't',
            recommendationId: `r${n}`,
          });
      },
      text: () => readFileSync(path, 'utf8'),
      lines: () => readFileSync(path, 'utf8').trimEnd().split('\n'),
      overwrite: (lines: readonly string[]) => writeFileSync(path, lines.map((line) => `${line}\n`).join('')),
      close: async () => {
        await store.close();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  });
}

export type SignedRecord = Awaited<ReturnType<typeof openSigned>>;
