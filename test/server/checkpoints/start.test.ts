/** Checkpoints of a running server (V11): signed while it works, said when they cannot be, and never in anybody's way. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startCheckpoints } from '../../../server/checkpoints/start.ts';
import { run } from '../../../server/cli.ts';
import { memoryKept } from '../../../server/store/kept.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';

let dir: string;
let elsewhere: string;
let store: Store;
let logged: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'running-'));
  elsewhere = join(dir, 'other-disk', 'attune.checkpoints');
  mkdirSync(join(dir, 'other-disk'));
  store = sqliteStore({ path: join(dir, 'attune.sqlite'), keys: openKeyRing(join(dir, 'keys.json')) });
  logged = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await store.close();
  rmSync(dir, { recursive: true });
});

const start = () =>
  startCheckpoints({
    dataDir: dir,
    settings: { checkpoints: elsewhere, every: 10, minutes: 10 },
    opened: { store, kept: memoryKept(Date.now), shared: false },
    log: ({ level, event, errCode }) => logged.push(`${level} ${event} ${errCode}`),
    now: Date.now,
  });
const lines = () => readFileSync(elsewhere, 'utf8').trimEnd().split('\n');

it('signs by itself as soon as so many events have come, while they go on coming', async () => {
  const checkpoints = start();
  const working = checkpoints.watch(store);
  await Promise.all(Array.from({ length: 25 }, (_, n) => working.append({ type: 'shown', n })));
  await expect.poll(() => lines().length).toBeGreaterThanOrEqual(1);
  await checkpoints.last();
  expect(JSON.parse(lines().at(-1) ?? '').seq).toBeGreaterThanOrEqual(25);
  expect(logged).toEqual([]);
});

it('says in the log and to /readyz that a place is not there, works on, and signs when it is back', async () => {
  const checkpoints = start();
  rmSync(join(dir, 'other-disk'), { recursive: true });
  const working = checkpoints.watch(store);
  await working.append({ type: 'shown' });
  await checkpoints.look();
  expect(logged).toEqual(['error checkpoint checkpoint-failed']);
  expect(checkpoints.trouble()).toBe('checkpoint-failed');
  await working.append({ type: 'shown' });
  mkdirSync(join(dir, 'other-disk'));
  await checkpoints.look();
  expect(checkpoints.trouble()).toBeUndefined();
  expect(lines()).toHaveLength(1);
});

it('says that the record was altered under it, each time it looks', async () => {
  const checkpoints = start();
  await store.append({ type: 'shown' });
  await checkpoints.look();
  const database = new DatabaseSync(join(dir, 'attune.sqlite'));
  database.exec(`DROP TRIGGER audit_no_update; UPDATE audit SET hash = '${'0'.repeat(64)}' WHERE seq = 1`);
  database.close();
  await checkpoints.look();
  await checkpoints.look();
  expect(logged).toEqual(['error checkpoint record-broken', 'error checkpoint record-broken']);
  expect(checkpoints.trouble()).toBe('record-broken');
});

it('`audit verify` finds the file where the configuration puts it', async () => {
  const checkpoints = start();
  await store.append({ type: 'shown' });
  await checkpoints.last();
  const config = { dataDir: '.', audit: { checkpoints: 'other-disk/attune.checkpoints' } };
  writeFileSync(join(dir, 'attune.json'), JSON.stringify(config));
  vi.stubEnv('ATTUNE_CONFIG', join(dir, 'attune.json'));
  vi.stubEnv('DATABASE_URL', undefined);
  const out: string[] = [];
  const terminal = { out: (line: string) => out.push(line), err: () => {}, stdin: async () => '' };
  expect(await run(['audit', 'verify'], terminal)).toBe(0);
  expect(JSON.parse(out[0] ?? '')).toMatchObject({ status: 'intact', events: 2, checkpoints: 1, signedThrough: 1 });
  rmSync(elsewhere);
  expect(await run(['audit', 'verify'], terminal)).toBe(1);
});
