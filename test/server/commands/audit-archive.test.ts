/** `attune audit archive`: old events leave the record for a file; nothing is lost, and what is left still verifies (V11, T-4). */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../../server/cli.ts';
import { GENESIS, link } from '../../../server/store/chain.ts';
import type { Recorded } from '../../../server/store/store.ts';
import { openSigned, type SignedRecord } from '../checkpoints/stage.ts';

const YEAR = 365.25 * 86_400_000;
let record: SignedRecord;
/** Seven and a half years ago 1 to 3, signed, and 4 says so; five ago 5 to 7, signed, and 8 says so; 9 lately. */
beforeEach(async () => {
  record = await openSigned();
  const { sign } = record.signer();
  record.pass(Date.now() - Date.parse('2026-11-23T09:00:00Z') - 7.5 * YEAR);
  await record.happen(3);
  await sign();
  record.pass(2.5 * YEAR);
  await record.happen(3);
  await sign();
  record.pass(5 * YEAR);
  await record.happen(1);
});
afterEach(() => record.close());

async function attune(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    stdin: async () => '',
  };
  const code = await run([...argv, '--data', record.dir], terminal);
  return {
    code,
    err: err.join('\n'),
    ...(out[0] === undefined ? {} : (JSON.parse(out[0]) as Record<string, unknown>)),
  };
}
const file = (name = 'old.ndjson') => join(record.dir, name);
const archive = (...more: string[]) => attune('audit', 'archive', file(), ...more);
const lines = (name?: string) =>
  readFileSync(file(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

it('takes what is older than six years, into a file that its owner alone can read and the record names by digest', async () => {
  const before = await record.store.recorded(0, 100);
  const answer = await archive();
  const sha256 = createHash('sha256').update(readFileSync(file())).digest('hex');
  expect(answer).toEqual({ code: 0, err: '', archived: 4, through: 4, file: file(), sha256 });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(lines()).toEqual(before.slice(0, 4));
  const left = await record.store.recorded(0, 100);
  expect(left.slice(0, 5)).toEqual(before.slice(4));
  expect(JSON.parse(left.at(-1)?.event ?? '')).toMatchObject({ type: 'archived', payloadHash: sha256 });
});

it('leaves a record that verifies with the key, and with the checkpoints; file and record are one chain', async () => {
  await archive();
  expect(await attune('audit', 'verify')).toMatchObject({ code: 0, status: 'intact', events: 10, archived: 4 });
  let hash = GENESIS;
  for (const recorded of [...lines(), ...(await record.store.recorded(0, 100))]) {
    hash = link(hash, recorded.event);
    expect(recorded.hash).toBe(hash);
  }
});

it('is followed by the next checkpoint as if nothing had happened', async () => {
  await archive('--years', '1');
  await record.happen(3);
  await record.signer().sign(true);
  expect(await attune('audit', 'verify')).toMatchObject({ code: 0, checkpoints: 3 });
});

it('never takes the event that the last checkpoint signed, however old', async () => {
  expect(await archive('--years', '1')).toMatchObject({ archived: 6, through: 6 });
});

it('goes on where it stopped', async () => {
  await archive();
  expect(await attune('audit', 'archive', file('next.ndjson'), '--years', '1')).toMatchObject({
    archived: 2,
    through: 6,
  });
  expect(lines('next.ndjson').map(({ seq }) => seq)).toEqual([5, 6]);
  expect(await attune('audit', 'verify')).toMatchObject({ code: 0, archived: 6 });
});

it('where nothing is old enough, takes nothing and writes nothing', async () => {
  expect(await archive('--years', '20')).toEqual({ code: 0, err: '', archived: 0 });
  expect(() => statSync(file())).toThrow('ENOENT');
});

it('of a record that is not whole takes nothing', async () => {
  const database = new DatabaseSync(join(record.dir, 'attune.sqlite'));
  database.exec(`DROP TRIGGER audit_no_update; UPDATE audit SET event = '{"at":"2015"}' WHERE seq = 6`);
  database.close();
  expect(await archive()).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was archived') });
  expect(await record.store.recorded(0, 100)).toHaveLength(9);
});

it('never writes over a file, and takes nothing then', async () => {
  await archive();
  expect((await archive('--years', '1')).code).toBe(1);
  expect(lines()).toHaveLength(4);
  expect(await attune('audit', 'verify')).toMatchObject({ code: 0, archived: 4 });
});

it('wants whole years', async () => {
  for (const years of ['0', '-1', '1.5', 'all']) expect((await archive(`--years=${years}`)).code).toBe(2);
});
