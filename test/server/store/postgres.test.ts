/** The PostgreSQL store keeps the same contract as SQLite's. Needs `DATABASE_URL`, an empty database; `.ci/run` starts one. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAudit } from '../../../server/audit.ts';
import { promisesIn } from '../../../server/promises/book.ts';
import { keptIn } from '../../../server/store/kept-in.ts';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { migratePostgres, openPostgres } from '../../../server/store/postgres.ts';
import { archiveContract } from '../../contracts/archive.ts';
import { cardContract } from '../../contracts/cards.ts';
import { keptContract } from '../../contracts/kept.ts';
import { promiseContract } from '../../contracts/promises.ts';
import { serversContract } from '../../contracts/servers.ts';
import { row, storeContract } from '../../contracts/store.ts';

const url = process.env.DATABASE_URL ?? '';
const keys = keyRing(newKeyRing());
const run = promisify(execFile);
const reset = async () => {
  await migratePostgres({ url, to: 0 });
};

describe.skipIf(url === '')('With a PostgreSQL', () => {
  beforeEach(reset);
  afterAll(reset);
  const open = async () => (await openPostgres({ url, keys })).store;

  storeContract('PostgreSQL', { open, reset });

  describe('What every server shares', () => {
    const servers: Awaited<ReturnType<typeof openPostgres>>[] = [];
    const sql = async () => {
      const server = await openPostgres({ url, keys });
      servers.push(server);
      return server.sql;
    };
    const kept = (table: 'kept' | 'card') => ({
      open: async (now: () => number) => keptIn(await sql(), { table, now }),
      reset,
    });
    afterEach(async () => {
      await Promise.all(servers.splice(0).map(({ store }) => store.close()));
    });

    archiveContract('PostgreSQL', { open, reset, keys, run: async (statement) => (await sql())(statement) });
    keptContract('PostgreSQL', kept('kept'));
    cardContract('PostgreSQL', kept('card'));
    serversContract('PostgreSQL', { servers: 3, ...kept('kept') });
    promiseContract('PostgreSQL', { open: async () => promisesIn(await sql()), reset });
  });

  it('two servers that start at once agree on the schema', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.approve(row(), {});
    expect(await other.recorded(0, 10)).toHaveLength(1);
    await Promise.all([one.close(), other.close()]);
  });

  const version = async (set?: number): Promise<number> => {
    const { store, sql } = await openPostgres({ url, keys });
    if (set !== undefined) await sql('UPDATE attune_schema SET version = $1', set);
    const [found] = await sql('SELECT version FROM attune_schema');
    await store.close();
    return Number(found?.version);
  };

  it('the schema goes back step by step and forward again; what is older than the step stays', async () => {
    const store = await open();
    await store.approve(row(), {});
    await store.close();
    const newest = await version();
    expect(newest).toBeGreaterThan(2);
    for (let to = newest; to >= 1; to -= 1) await migratePostgres({ url, to });
    for (let to = 1; to <= newest; to += 1) await migratePostgres({ url, to });
    const again = await open();
    expect(await again.recorded(0, 10)).toHaveLength(1);
    await again.close();
    await migratePostgres({ url, to: 0 });
    const empty = await open();
    expect(await empty.recorded(0, 10)).toEqual([]);
    await empty.close();
  });

  it('data of a newer version are refused, in words that say what to do', async () => {
    const known = await version();
    await version(99);
    await expect(openPostgres({ url, keys })).rejects.toThrow(/newer version \(99\).*Start the newer server/);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('UPDATE attune_schema SET version = $1', [known]);
    await client.end();
  });

  it('three servers that send one row at once send it once, and their record is one whole chain', async () => {
    const servers = await Promise.all([open(), open(), open()]);
    const [first] = servers;
    const rows = Array.from({ length: 20 }, () => row());
    for (const each of rows) await first?.approve(each, { type: 'approved' });
    const claims = rows.flatMap(({ approvalId }) =>
      servers.map((server) =>
        server.move(
          { approvalId, from: ['approved'], attempts: 0, set: { state: 'sending', attempts: 1 } },
          { type: 'sending', approvalId },
        ),
      ),
    );
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(20);
    if (!first) throw new Error('no server');
    expect(await createAudit({ store: first, keys }).verify()).toMatchObject({ whole: true, events: 40 });
    await Promise.all(servers.map((server) => server.close()));
  });

  it('the restore drill: a dump without the sessions, in another database, has all the rest', async () => {
    const { store, sql } = await openPostgres({ url, keys });
    const now = () => 0;
    const approved = row();
    await store.approve(approved, { type: 'approved' });
    await promisesIn(sql).make('pk', { path: 'observation.inr', made: 1, due: 2 });
    await keptIn(sql, { table: 'card', now }).set('answered:a', '', 1);
    await keptIn(sql, { table: 'kept', now }).set('launch:ZZCANARY', 'ZZCANARY', 1);
    const folder = await mkdtemp(join(tmpdir(), 'attune-dump-'));
    const dump = join(folder, 'dump.sql');
    await run('pg_dump', ['--exclude-table-data=kept', `--file=${dump}`, url]);
    expect(await readFile(dump, 'utf8')).not.toContain('ZZCANARY');
    const elsewhere = new URL(url);
    elsewhere.pathname = '/attune_restored';
    await sql('DROP DATABASE IF EXISTS attune_restored');
    await sql('CREATE DATABASE attune_restored');
    await run('psql', ['--quiet', '--set=ON_ERROR_STOP=1', `--file=${dump}`, elsewhere.href]);
    const restored = await openPostgres({ url: elsewhere.href, keys });
    expect(await restored.store.find('t', approved.approvalId)).toEqual(approved);
    expect(await createAudit({ store: restored.store, keys }).verify()).toMatchObject({ whole: true, events: 1 });
    expect(await promisesIn(restored.sql).of('pk')).toHaveLength(1);
    expect(await keptIn(restored.sql, { table: 'card', now }).get('answered:a')).toBe('');
    expect(await keptIn(restored.sql, { table: 'kept', now }).under('')).toEqual(new Map());
    await expect(restored.sql(`UPDATE audit SET event = '{}'`)).rejects.toThrow('append-only');
    await restored.store.close();
    await sql('DROP DATABASE attune_restored');
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('two servers that approve the same intent at once take it once', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const intent = { intentKey: 'same' };
    const results = await Promise.all([one.approve(row(intent), {}), other.approve(row(intent), {})]);
    expect(results.filter(({ inserted }) => inserted)).toHaveLength(1);
    await Promise.all([one.close(), other.close()]);
  });

  it('lets nobody change, delete or truncate the record by ordinary means', async () => {
    const store = await open();
    await store.append({ n: 1 });
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const sql of [`UPDATE audit SET event = '{}'`, 'DELETE FROM audit', 'TRUNCATE audit'])
      await expect(client.query(sql)).rejects.toThrow('append-only');
    await client.end();
    await store.close();
  });
});

it('a server without PostgreSQL does not load its driver', async () => {
  const { readFileSync } = await import('node:fs');
  const text = readFileSync(new URL('../../../server/store/postgres.ts', import.meta.url), 'utf8');
  expect(text.match(/^import (?!type).*'pg'/m)).toBeNull();
  await expect(openPostgres({ url: 'postgres://nobody@127.0.0.1:1/none', keys })).rejects.toThrow();
});
