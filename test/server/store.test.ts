import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { keyRing, newKeyRing, openKeyRing } from '../../server/store/keys.ts';
import { migrateSqlite, sqliteStore } from '../../server/store/sqlite.ts';
import { storeContract } from '../contracts/store.ts';

const directory = await mkdtemp(join(tmpdir(), 'attune-store-'));
afterAll(() => rm(directory, { recursive: true }));
const keys = keyRing(newKeyRing());
let file = 0;

storeContract('SQLite', {
  open: async () => sqliteStore({ path: join(directory, `${file}.db`), keys }),
  reset: async () => {
    file += 1;
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

  it('syncs to disk at every commit', async () => {
    const path = join(directory, 'sync.db');
    const store = sqliteStore({ path, keys });
    await store.close();
    const database = new DatabaseSync(path);
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    database.close();
    expect(readFileSync('server/store/sqlite.ts', 'utf8')).toContain('PRAGMA synchronous = FULL');
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

it('the schema of the SQLite file goes back and forward again', async () => {
  const path = join(directory, 'migrated.db');
  const store = sqliteStore({ path, keys });
  await store.append({ n: 1 });
  await store.close();
  migrateSqlite({ path });
  const same = sqliteStore({ path, keys });
  expect(await same.recorded(0, 10)).toHaveLength(1);
  await same.close();
  migrateSqlite({ path, to: 0 });
  const empty = sqliteStore({ path, keys });
  expect(await empty.recorded(0, 10)).toEqual([]);
  await empty.close();
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
