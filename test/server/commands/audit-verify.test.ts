/** `attune audit verify` with checkpoints (V11, T-4): what a thief of every key can do to the record, and what shows it. */

import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSigningKey } from '../../../server/checkpoints/key.ts';
import { run } from '../../../server/cli.ts';
import { GENESIS, link } from '../../../server/store/chain.ts';
import { openSigned, type SignedRecord } from '../checkpoints/stage.ts';

let record: SignedRecord;
/** Events 1 to 3 signed; 4 says so; 5 to 7 signed; 8 says so; 9 and 10 not signed yet. */
beforeEach(async () => {
  record = await openSigned();
  const { sign } = record.signer();
  for (const count of [3, 3, 2]) {
    await record.happen(count);
    await sign();
  }
});
afterEach(() => record.close());

async function verify(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    stdin: async () => '',
  };
  const code = await run(['audit', 'verify', ...argv], terminal);
  return {
    code,
    err: err.join('\n'),
    ...(out[0] === undefined ? {} : (JSON.parse(out[0]) as Record<string, unknown>)),
  };
}
const here = () => verify('--data', record.dir);

/** Someone with the database, who takes the guards off first. */
function tamper(...statements: readonly string[]): void {
  const database = new DatabaseSync(join(record.dir, 'attune.sqlite'));
  database.exec('DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete;');
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Someone who has the HMAC key as well: writes the chain and its head anew from these events. */
function writeAnew(events: readonly string[]): void {
  let hash = GENESIS;
  const rows = events.map((event, index) => {
    hash = link(hash, event);
    return `INSERT INTO audit VALUES (${index + 1}, '${event.replaceAll("'", "''")}', '${hash}')`;
  });
  const mac = record.keys.sign(`${events.length}|${hash}`);
  tamper(
    'DELETE FROM audit',
    ...rows,
    `UPDATE audit_head SET seq = ${events.length}, hash = '${hash}', mac = '${mac}'`,
  );
}
const events = async () => (await record.store.recorded(0, 100)).map(({ event }) => event);

describe('A record that nobody touched', () => {
  it('is intact, with how many events there are and how far they are signed', async () => {
    expect(await here()).toMatchObject({
      code: 0,
      status: 'intact',
      events: 10,
      checkpoints: 2,
      signedThrough: 7,
      head: 'checked',
    });
  });

  it('is intact for someone who has a copy of it, the checkpoints and the public key, and no secret', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'third-party-'));
    try {
      new DatabaseSync(join(record.dir, 'attune.sqlite')).exec(`VACUUM INTO '${join(copy, 'attune.sqlite')}'`);
      const pem = join(copy, 'their.pem');
      copyFileSync(join(record.dir, 'checkpoint-key.pub.pem'), pem);
      const given = ['--data', copy, '--checkpoints', record.path, '--public-key', pem];
      expect(await verify(...given)).toMatchObject({
        code: 0,
        status: 'intact',
        signedThrough: 7,
        head: 'not-checked',
      });
      expect(await verify('--data', copy)).toMatchObject({ code: 2 });
      writeAnew((await events()).with(1, '{"forged":true}'));
      rmSync(join(copy, 'attune.sqlite'));
      new DatabaseSync(join(record.dir, 'attune.sqlite')).exec(`VACUUM INTO '${join(copy, 'attune.sqlite')}'`);
      expect(await verify(...given)).toMatchObject({ code: 1, status: 'broken', firstBroken: 3 });
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('says which checkpoints were made elsewhere and are not looked at here', async () => {
    const other = openSigningKey({ dataDir: mkdtempSync(join(tmpdir(), 'other-')) });
    const { checkpointFile } = await import('../../../server/checkpoints/file.ts');
    const file = checkpointFile(join(record.dir, 'other.checkpoints'));
    await record.signer({ key: other, file }).sign(true);
    expect(await here()).toMatchObject({ code: 0, checkpoints: 2, checkpointsElsewhere: 1 });
  });
});

describe('With the database alone', () => {
  it.each<[string, string, number]>([
    ['an altered event', `UPDATE audit SET event = replace(event, '"r1"', '"rx"') WHERE seq = 2`, 2],
    ['a removed event', 'DELETE FROM audit WHERE seq = 6', 6],
    [
      'two events in each other’s place',
      'UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99',
      2,
    ],
    [
      'an inserted event',
      `UPDATE audit SET seq = -seq; UPDATE audit SET seq = CASE WHEN seq <= -5 THEN 1 - seq ELSE -seq END; INSERT INTO audit VALUES (5, '{}', '${'0'.repeat(64)}')`,
      5,
    ],
    ['the last events, since the last checkpoint, removed', 'DELETE FROM audit WHERE seq > 8', 9],
  ])('%s is found', async (_what, statements, firstBroken) => {
    tamper(statements);
    expect(await here()).toMatchObject({ code: 1, status: 'broken', firstBroken });
  });
});

describe('With the database and the HMAC key, only the checkpoints show', () => {
  it('an altered event in a chain that was written anew', async () => {
    writeAnew((await events()).map((event, index) => (index === 4 ? event.replace('r0', 'rx') : event)));
    expect(await here()).toMatchObject({
      code: 1,
      firstBroken: 7,
      reason: expect.stringContaining('signed something else'),
    });
  });

  it('events removed from the middle, or put in, or in another order', async () => {
    const before = await events();
    const [first = '', second = '', ...rest] = before;
    for (const forged of [before.toSpliced(4, 1), before.toSpliced(4, 0, '{}'), [second, first, ...rest]]) {
      writeAnew(forged);
      expect(await here()).toMatchObject({ code: 1, status: 'broken' });
    }
  });

  it('a record cut off before the last checkpoint', async () => {
    writeAnew((await events()).slice(0, 6));
    expect(await here()).toMatchObject({ code: 1, firstBroken: 7, reason: expect.stringContaining('missing') });
  });

  it('not what was done since the last checkpoint: so much is in nobody’s hands but the key’s', async () => {
    writeAnew((await events()).slice(0, 9));
    expect(await here()).toMatchObject({ code: 0, events: 9, signedThrough: 7 });
  });
});

describe('A file of checkpoints that was touched', () => {
  it.each<[string, (lines: string[]) => string[], object]>([
    [
      'its last line gone',
      (lines) => lines.slice(0, -1),
      { firstBroken: 8, reason: expect.stringContaining('not in the file') },
    ],
    ['its first line gone', (lines) => lines.slice(1), { checkpoint: expect.stringMatching(/:1$/) }],
    ['all of it gone', () => [], { reason: expect.stringContaining('no checkpoint is here') }],
    ['a line overwritten with noise', ([first = '']) => [first, 'noise'], { firstBroken: 8 }],
    [
      'a number altered',
      (lines) => lines.map((line) => line.replace('"seq":7', '"seq":6')),
      { checkpoint: expect.stringMatching(/:2$/), reason: expect.stringContaining('signature') },
    ],
  ])('%s is found', async (_what, change, found) => {
    record.overwrite(change(record.lines()));
    expect(await here()).toMatchObject({ code: 1, status: 'broken', ...found });
  });

  it('removed altogether is found', async () => {
    rmSync(record.path);
    expect(await here()).toMatchObject({ code: 1, status: 'broken' });
  });

  it('signed by another key is found', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = join(record.dir, 'another.pem');
    writeFileSync(pem, publicKey.export({ format: 'pem', type: 'spki' }));
    expect(await verify('--data', record.dir, '--public-key', pem)).toMatchObject({
      code: 1,
      reason: expect.stringContaining('a key that was not given'),
    });
  });
});

describe('Several servers', () => {
  it('that sign at the same moment in one file harm nothing: both checkpoints stand', async () => {
    await record.happen(3);
    await Promise.all([record.signer().sign(true), record.signer().sign(true)]);
    await record.happen(3);
    await record.signer().sign(true);
    expect(await here()).toMatchObject({ code: 0, status: 'intact' });
    expect(record.lines().length).toBeGreaterThanOrEqual(4);
  });
});
