import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { promisesIn } from '../../server/promises/book.ts';
import { type Kept, memoryKept } from '../../server/store/kept.ts';
import { keptIn } from '../../server/store/kept-in.ts';
import { keyRing, newKeyRing, openKeyRing } from '../../server/store/keys.ts';
import { assertOwnKeys } from '../../server/store/own-keys.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import { backUp, migrateSqlite, openBeside, openFile, sqlIn } from '../../server/store/sqlite-file.ts';
import { archiveContract } from '../contracts/archive.ts';
import { cardContract } from '../contracts/cards.ts';
import { keptContract } from '../contracts/kept.ts';
import { promiseContract } from '../contracts/promises.ts';
import { row, storeContract } from '../contracts/store.ts';

const directory = await mkdtemp(join(tmpdir(), 'attune-store-'));
afterAll(() => rm(directory, { recursive: true }));
const keys = keyRing(newKeyRing());
let file = 0;

const reset = async () => {
  file += 1;
};
const path = () => join(directory, `${file}.db`);
const kept = (table: 'kept' | 'card') => ({
  open: async (now: () => number) => keptIn(sqlIn(openFile(path())), { table, now }),
  reset,
});

storeContract('SQLite', { open: async () => sqliteStore({ path: path(), keys }), reset });
archiveContract('SQLite', {
  open: async () => sqliteStore({ path: path(), keys }),
  reset,
  keys,
  run: async (statement) => {
    const database = new DatabaseSync(path());
    try {
      database.exec(statement);
    } finally {
      database.close();
    }
  },
});
keptContract('SQLite', kept('kept'));
cardContract('SQLite', kept('card'));
promiseContract('SQLite', { open: async () => promisesIn(sqlIn(openFile(path()))), reset });

let memory: Map<() => number, Kept>;
keptContract('Memory', {
  // Two ways to one memory are the same one.
  open: async (now) => {
    const one = memory.get(now) ?? memoryKept(now);
    memory.set(now, one);
    return one;
  },
  reset: async () => {
    memory = new Map();
  },
});

describe('the SQLite file', () => {
  it('can be read by its owner only, like its write-ahead log', async () => {
    const path = join(directory, 'mode', 'attune.db');
    const store = sqliteStore({ path, keys });
    await store.append({ n: 1 });
    const files = (await readdir(join(directory, 'mode'))).map((name) => join(directory, 'mode', name));
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const each of files) expect(statSync(each).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('syncs approvals, the record, promises and cards to disk at every commit; sessions only with them', async () => {
    const path = join(directory, 'sync.db');
    const store = sqliteStore({ path, keys });
    await store.close();
    const database = new DatabaseSync(path);
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    database.close();
    const opened = openFile(path);
    // 2 is FULL, 1 is NORMAL.
    expect(opened.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    const beside = openBeside(path);
    expect(beside.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 1 });
    beside.close();
    opened.close();
  });

  it('refuses a file of a newer version instead of guessing at it', () => {
    const path = join(directory, 'newer.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => sqliteStore({ path, keys })).toThrow('newer version (99)');
  });

  it('lets nobody change or delete an event by ordinary means', async () => {
    const path = join(directory, 'append-only.db');
    const store = sqliteStore({ path, keys });
    await store.append({ n: 1 });
    const database = new DatabaseSync(path);
    expect(() => database.exec("UPDATE audit SET event = '{}'")).toThrow('append-only');
    expect(() => database.exec('DELETE FROM audit')).toThrow('append-only');
    database.close();
    await store.close();
  });
});

it('data that were kept with other keys are refused at the start, in words that say what to do', async () => {
  const store = sqliteStore({ path: join(directory, 'own-keys.db'), keys });
  await assertOwnKeys(store, keyRing(newKeyRing()));
  await store.append({ n: 1 });
  await assertOwnKeys(store, keys);
  await expect(assertOwnKeys(store, keyRing(newKeyRing()))).rejects.toThrow(
    /not signed with this keys.json. Use the one of the other servers, or of the backup/,
  );
  await store.close();
});

describe('the schema of the SQLite file', () => {
  const migrated = async (name: string) => {
    const path = join(directory, name);
    const store = sqliteStore({ path, keys });
    await store.approve(row(), {});
    await store.close();
    const database = new DatabaseSync(path);
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    database.close();
    return { path, version };
  };
  const events = async (path: string) => {
    const store = sqliteStore({ path, keys });
    const { length } = await store.recorded(0, 10);
    await store.close();
    return length;
  };

  it('goes back step by step and forward again; what is older than the step stays', async () => {
    const { path, version } = await migrated('migrated.db');
    expect(version).toBeGreaterThan(1);
    for (let to = version; to >= 1; to -= 1) migrateSqlite({ path, to });
    for (let to = 1; to <= version; to += 1) migrateSqlite({ path, to });
    expect(await events(path)).toBe(1);
    migrateSqlite({ path, to: 0 });
    expect(await events(path)).toBe(0);
  });

  it('is brought up to date by the server that opens it: what a server of the version before wrote is there', async () => {
    const { path, version } = await migrated('older.db');
    migrateSqlite({ path, to: version - 1 });
    expect(await events(path)).toBe(1);
    await promisesIn(sqlIn(openFile(path))).make('pk', { path: 'observation.inr', made: 1, due: 2 });
  });
});

describe('a copy of the SQLite file', () => {
  it('has the promises and the answered cards, no session and no byte of one; its mode is its own', async () => {
    const from = join(directory, 'live.db');
    const sql = sqlIn(openFile(from));
    const now = () => 0;
    await keptIn(sql, { table: 'kept', now }).set('launch:ZZCANARY', `${'x'.repeat(9_000)}ZZCANARY`, 1);
    await keptIn(sql, { table: 'card', now }).set('answered:a', '', 1);
    await promisesIn(sql).make('pk', { path: 'observation.inr', made: 1, due: 2 });
    const to = join(directory, 'copies', 'live.db');
    backUp({ from, to });
    expect(statSync(to).mode & 0o777).toBe(0o600);
    expect(readFileSync(to, 'latin1')).not.toContain('ZZCANARY');
    const copied = sqlIn(openFile(to));
    expect(await keptIn(copied, { table: 'kept', now }).under('')).toEqual(new Map());
    expect(await keptIn(copied, { table: 'card', now }).get('answered:a')).toBe('');
    expect(await promisesIn(copied).of('pk')).toHaveLength(1);
    expect(await keptIn(sql, { table: 'kept', now }).under('')).toHaveProperty('size', 1);
    expect(() => backUp({ from, to })).toThrow('EEXIST');
  });
});

describe('the key ring', () => {
  it('opens what it sealed, and only for the row it was sealed for', () => {
    const sealed = keys.seal('note', ['tenant', 'K', '1']);
    expect(keys.open(sealed, ['tenant', 'K', '1'])).toBe('note');
    expect(() => keys.open(sealed, ['tenant', 'other K', '1'])).toThrow();
    expect(() => keys.open(sealed, ['other tenant', 'K', '1'])).toThrow();
    const flipped = { ...sealed, data: `${sealed.data.startsWith('A') ? 'B' : 'A'}${sealed.data.slice(1)}` };
    expect(() => keys.open(flipped, ['tenant', 'K', '1'])).toThrow();
  });

  it('never uses a nonce twice', () => {
    const nonces = Array.from({ length: 500 }, () => keys.seal('same', ['t']).nonce);
    expect(new Set(nonces).size).toBe(500);
  });

  it('opens old rows after a key was rotated, and seals new ones with the new key', () => {
    const file = newKeyRing();
    const old = keyRing(file).seal('note', ['t']);
    const rotated = keyRing({ ...file, active: 'k2', encryption: { ...file.encryption, k2: newKeyRing().lookup } });
    expect(rotated.open(old, ['t'])).toBe('note');
    expect(rotated.seal('note', ['t']).keyId).toBe('k2');
  });

  it('does not let neighbouring ids run into each other', () => {
    expect(keys.lookup('patient', 'ab', 'c')).not.toBe(keys.lookup('patient', 'a', 'bc'));
    expect(keys.lookup('patient', 'a', 'b')).not.toBe(keys.lookup('user', 'a', 'b'));
  });

  it('is made on the first run, readable by its owner only, and the same at the next start', () => {
    const path = join(directory, 'data', 'keys.json');
    const first = openKeyRing(path).lookup('patient', 't', 'p');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(openKeyRing(path).lookup('patient', 't', 'p')).toBe(first);
  });

  it('stops the start on a broken key file, without quoting it', () => {
    const path = join(directory, 'broken.json');
    writeFileSync(path, JSON.stringify({ ...newKeyRing(), lookup: 'c2hvcnQ=' }));
    expect(() => openKeyRing(path)).toThrow('256-bit');
    expect(() => openKeyRing(path)).not.toThrow('c2hvcnQ=');
  });
});
