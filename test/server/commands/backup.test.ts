/** `attune backup` and `attune migrate`: what IT does with the data, on a folder as a server leaves it (V12, V13, V17). */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAudit } from '../../../server/audit.ts';
import { run } from '../../../server/cli.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { type Opened, openStore } from '../../../server/store/open.ts';
import { row } from '../../contracts/store.ts';

let folder: string;
let live: Opened;
const data = () => join(folder, 'live');
const opened = (dataDir: string) => openStore({ dataDir, keys: openKeyRing(join(dataDir, 'keys.json')) });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-backup-'));
  live = await opened(data());
});
afterEach(async () => {
  await live.store.close().catch(() => undefined);
  rmSync(folder, { recursive: true });
});

async function attune(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    stdin: async () => '',
  };
  const code = await run([...argv, '--data', data()], terminal);
  return { code, err: err.join('\n'), answer: out[0] === undefined ? undefined : (JSON.parse(out[0]) as unknown) };
}

it('a copy is made while the server runs, opens with the keys beside it, and holds no session', async () => {
  const approved = row();
  await live.store.approve(approved, { type: 'approved' });
  await live.kept.set('launch:l1', 'ZZCANARY', Date.now() + 60_000);
  for (const name of ['session.key', 'app-keys.json']) writeFileSync(join(data(), name), name, { mode: 0o600 });
  mkdirSync(join(data(), 'rehearsals'));
  writeFileSync(join(data(), 'rehearsals', 'north.json'), '{}');
  const copy = join(folder, 'copy');
  expect(await attune('backup', copy)).toMatchObject({
    code: 0,
    answer: { folder: copy, copied: ['app-keys.json', 'attune.sqlite', 'keys.json', 'rehearsals'] },
  });
  expect(readFileSync(join(copy, 'rehearsals', 'north.json'), 'utf8')).toBe('{}');
  expect(statSync(copy).mode & 0o777).toBe(0o700);
  for (const name of ['app-keys.json', 'attune.sqlite', 'keys.json'])
    expect(statSync(join(copy, name)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(copy, 'attune.sqlite'), 'latin1')).not.toContain('ZZCANARY');
  const restored = await opened(copy);
  expect(await restored.store.find('t', approved.approvalId)).toEqual(approved);
  const audit = createAudit({ store: restored.store, keys: openKeyRing(join(copy, 'keys.json')) });
  expect(await audit.verify()).toMatchObject({ whole: true, events: 1 });
  await restored.store.close();
});

it('a copy that is there is never written over', async () => {
  const copy = join(folder, 'copy');
  await attune('backup', copy);
  const before = readFileSync(join(copy, 'attune.sqlite'));
  expect(await attune('backup', copy)).toMatchObject({ code: 1, err: expect.stringContaining('left as it is') });
  expect(readFileSync(join(copy, 'attune.sqlite')).equals(before)).toBe(true);
});

it('where there is nothing to copy, nothing is made', async () => {
  rmSync(join(data(), 'attune.sqlite'));
  expect(await attune('backup', join(folder, 'copy'))).toMatchObject({ code: 2 });
});

it('the schema is taken back and forward, and says from where to where; the record stays whole', async () => {
  await live.store.append({ n: 1 });
  await live.store.close();
  expect(await attune('migrate', '1')).toMatchObject({ code: 0, answer: { to: 1 } });
  expect(await attune('migrate', '2')).toEqual({ code: 0, err: '', answer: { from: 1, to: 2 } });
  live = await opened(data());
  expect(await live.store.recorded(0, 10)).toHaveLength(1);
});

it.each([
  ['a version that nobody knows', '99', 1, 'knows versions up to'],
  ['the version without any table', '0', 2, 'version, 1 or above'],
  ['no version', 'back', 2, 'version, 1 or above'],
])('%s is refused in words, and nothing is changed', async (_, version, code, words) => {
  await live.store.append({ n: 1 });
  await live.store.close();
  expect(await attune('migrate', version)).toMatchObject({ code, err: expect.stringContaining(words) });
  live = await opened(data());
  expect(await live.store.recorded(0, 10)).toHaveLength(1);
});

it('data of a newer server are refused in words that say what to do', async () => {
  await live.store.close();
  const database = new DatabaseSync(join(data(), 'attune.sqlite'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(await attune('migrate', '1')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Start the newer server'),
  });
  await expect(opened(data())).rejects.toThrow('newer version (99)');
});
