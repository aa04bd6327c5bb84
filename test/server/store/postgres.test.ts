/** The PostgreSQL store keeps the same contract as SQLite's. Needs `DATABASE_URL`, an empty database; `.ci/run` starts one. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createAudit } from '../../../server/audit.ts';
import { keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { migratePostgres, openPostgres } from '../../../server/store/postgres.ts';
import { row, storeContract } from '../../contracts/store.ts';

const url = process.env.DATABASE_URL ?? '';
const keys = keyRing(newKeyRing());
const reset = async () => {
  await migratePostgres({ url, to: 0 });
};

describe.skipIf(url === '')('With a PostgreSQL', () => {
  beforeEach(reset);
  afterAll(reset);
  const open = async () => (await openPostgres({ url, keys })).store;

  storeContract('PostgreSQL', { open, reset });

  it('migrations go forward and back, and forward again; two servers that start at once agree', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.approve(row(), {});
    await Promise.all([one.close(), other.close()]);
    await migratePostgres({ url, to: 1 });
    await migratePostgres({ url, to: 2 });
    const again = await open();
    expect(await again.recorded(0, 10)).toHaveLength(1);
    await again.close();
    await migratePostgres({ url, to: 0 });
    const empty = await open();
    expect(await empty.recorded(0, 10)).toEqual([]);
    await empty.close();
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

  it('keeps sessions for every server, until their time', async () => {
    let now = 1_000;
    const { sessions, store } = await openPostgres({ url, keys, now: () => now });
    await sessions.set('k', 'sealed', 2_000);
    expect(await sessions.get('k')).toBe('sealed');
    const taken = await Promise.all([sessions.take('k'), sessions.take('k')]);
    expect(taken.filter(Boolean)).toEqual(['sealed']);
    await sessions.set('k', 'sealed', 2_000);
    now = 2_000;
    expect(await sessions.get('k')).toBeUndefined();
    await store.close();
  });
});

it('a server without PostgreSQL does not load its driver', async () => {
  const { readFileSync } = await import('node:fs');
  const text = readFileSync(new URL('../../../server/store/postgres.ts', import.meta.url), 'utf8');
  expect(text.match(/^import (?!type).*'pg'/m)).toBeNull();
  await expect(openPostgres({ url: 'postgres://nobody@127.0.0.1:1/none', keys })).rejects.toThrow();
});
