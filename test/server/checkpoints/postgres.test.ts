/** Checkpoints of a record in PostgreSQL, signed by several servers (V11). Needs `DATABASE_URL`, an empty database; `.ci/run` starts one. */
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyRecord } from '../../../server/audit.ts';
import { CHECKPOINTS } from '../../../server/checkpoints/file.ts';
import { PUBLIC } from '../../../server/checkpoints/key.ts';
import { startCheckpoints } from '../../../server/checkpoints/start.ts';
import { readSigned } from '../../../server/checkpoints/verify.ts';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { openStore } from '../../../server/store/open.ts';
import { migratePostgres } from '../../../server/store/postgres.ts';

const url = process.env.DATABASE_URL ?? '';
const keys = keyRing(newKeyRing());

describe.skipIf(url === '')('With a PostgreSQL and three servers', () => {
  const reset = () => migratePostgres({ url, to: 0 });
  let dir: string;
  let logged: string[];
  beforeEach(async () => {
    await reset();
    dir = mkdtempSync(join(tmpdir(), 'checkpoints-pg-'));
    logged = [];
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  afterAll(reset);

  /** Each with a data folder of its own; `shared`: one file of checkpoints and one key for them all. */
  const open = (shared: boolean) =>
    Promise.all(
      [1, 2, 3].map(async (n) => {
        const dataDir = shared ? dir : mkdtempSync(join(dir, `server-${n}-`));
        const opened = await openStore({ dataDir, keys, databaseUrl: url });
        const checkpoints = startCheckpoints({
          dataDir,
          settings: { every: 5, minutes: 10 },
          opened,
          log: ({ errCode }) => logged.push(errCode ?? ''),
          now: Date.now,
        });
        return { dataDir, opened, checkpoints, store: checkpoints.watch(opened.store) };
      }),
    );
  type Server = Awaited<ReturnType<typeof open>>[number];
  const work = (servers: readonly Server[]) =>
    Promise.all(
      servers.map(async ({ store, checkpoints }) => {
        for (let n = 0; n < 12; n += 1) await store.append({ type: 'shown', n });
        await checkpoints.last();
      }),
    );
  const judged = async ([first]: readonly Server[], folders: readonly string[]) => {
    const signed = readSigned(
      folders.map((folder) => readFileSync(join(folder, CHECKPOINTS), 'utf8')),
      folders.map((folder) => createPublicKey(readFileSync(join(folder, PUBLIC), 'utf8'))),
    );
    if (!signed.holds || !first) throw new Error(signed.holds ? 'no server' : signed.why);
    const verdict = await verifyRecord(first.opened.store, { sign: keys.sign, see: signed.see });
    return { verdict, signed, elsewhere: signed.elsewhere() };
  };
  const close = (servers: readonly Server[]) => Promise.all(servers.map(({ opened }) => opened.store.close()));

  it('that share a file sign the record once, one after the other', async () => {
    const servers = await open(true);
    await work(servers);
    const { verdict, signed, elsewhere } = await judged(servers, [dir]);
    expect(verdict).toMatchObject({ whole: true });
    expect(elsewhere).toBe(0);
    const lines = readFileSync(join(dir, CHECKPOINTS), 'utf8').trimEnd().split('\n');
    expect(new Set(lines.map((line) => JSON.parse(line).previous)).size).toBe(lines.length);
    expect(signed.holds && signed.through).toBeGreaterThanOrEqual(36);
    expect(logged).toEqual([]);
    await close(servers);
  });

  it('that each have a file sign it each, and each file stands by itself', async () => {
    const servers = await open(false);
    await work(servers);
    for (const { dataDir } of servers) {
      const { verdict, elsewhere } = await judged(servers, [dataDir]);
      expect(verdict).toMatchObject({ whole: true });
      expect(elsewhere).toBeGreaterThan(0);
    }
    const all = await judged(
      servers,
      servers.map(({ dataDir }) => dataDir),
    );
    expect(all).toMatchObject({ verdict: { whole: true }, elsewhere: 0 });
    expect(logged).toEqual([]);
    await close(servers);
  });

  it('a row altered in the database is found by any of the files, and no server signs on', async () => {
    const servers = await open(false);
    await work(servers);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      `ALTER TABLE audit DISABLE TRIGGER audit_append_only; UPDATE audit SET event = '{}' WHERE seq = 3; ALTER TABLE audit ENABLE TRIGGER audit_append_only`,
    );
    await client.end();
    for (const { dataDir } of servers)
      expect((await judged(servers, [dataDir])).verdict).toMatchObject({ whole: false, seq: 3 });
    await close(servers);
  });
});
