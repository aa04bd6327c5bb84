/** Signed checkpoints (V11, T-4): when they are made, what they say, and what they refuse to sign. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linesOf } from '../../../server/checkpoints/checkpoint.ts';
import { RecordBroken, watched } from '../../../server/checkpoints/checkpoints.ts';
import { checkpointFile } from '../../../server/checkpoints/file.ts';
import { openSigningKey } from '../../../server/checkpoints/key.ts';
import { GENESIS } from '../../../server/store/chain.ts';
import { row } from '../../contracts/store.ts';
import { MINUTE, openSigned, type SignedRecord } from './stage.ts';

let record: SignedRecord;
beforeEach(async () => {
  record = await openSigned();
});
afterEach(() => record.close());

const checkpoints = () => linesOf(record.text()).map(({ checkpoint }) => checkpoint);
const types = async () => (await record.store.recorded(0, 100)).map(({ event }) => JSON.parse(event).type as string);

describe('A checkpoint is due', () => {
  it('at once where there is none, and not while nothing happened', async () => {
    const { sign } = record.signer();
    await sign();
    expect(() => record.text()).toThrow('ENOENT');
    await record.happen(1);
    await sign();
    expect(checkpoints()).toMatchObject([{ seq: 1, count: 1, previous: GENESIS, at: '2026-11-23T09:00:00.000Z' }]);
  });

  it('after so many events, whatever the time', async () => {
    const { sign } = record.signer();
    await record.happen(1);
    await sign();
    await record.happen(2);
    await sign();
    expect(checkpoints()).toHaveLength(1);
    await record.happen(1);
    await sign();
    // Events 2 (“a checkpoint was made”) to 5.
    expect(checkpoints().at(-1)).toMatchObject({ seq: 5, count: 4 });
  });

  it('after ten minutes, if anything happened; that a checkpoint was made is nothing', async () => {
    const { sign } = record.signer();
    await record.happen(1);
    await sign();
    record.pass(60 * MINUTE);
    for (let n = 0; n < 3; n += 1) await sign();
    expect(checkpoints()).toHaveLength(1);
    await record.happen(1);
    await sign();
    expect(checkpoints()).toHaveLength(2);
    record.pass(10 * MINUTE - 1);
    await record.happen(1);
    await sign();
    expect(checkpoints()).toHaveLength(2);
    record.pass(1);
    await sign();
    expect(checkpoints()).toHaveLength(3);
  });

  it('for whatever is left when the server stops', async () => {
    const { sign } = record.signer();
    await record.happen(1);
    await sign();
    await record.happen(1);
    await sign(true);
    await sign(true);
    expect(checkpoints().map(({ seq }) => seq)).toEqual([1, 3]);
  });

  it('when the store has taken so many events, by whichever way they came', async () => {
    let looked = 0;
    const store = watched(record.store, {
      every: 2,
      look: () => {
        looked += 1;
      },
    });
    const one = row();
    await store.approve(one, {});
    await store.approve(one, {});
    expect(looked).toBe(0);
    const change = { approvalId: one.approvalId, from: ['approved'], attempts: 0, set: { absences: 1 } } as const;
    await store.move(change);
    await store.move({ ...change, attempts: 7 }, {});
    expect(looked).toBe(0);
    await store.move(change, {});
    expect(looked).toBe(1);
    await store.append({});
    await store.append({});
    expect(looked).toBe(2);
    expect(await store.recorded(0, 10)).toHaveLength(4);
  });
});

describe('What is signed', () => {
  it('names the one before by its digest, and the record names each checkpoint', async () => {
    const { sign } = record.signer();
    for (let n = 0; n < 3; n += 1) {
      await record.happen(3);
      await sign();
    }
    const lines = linesOf(record.text());
    expect(lines.map(({ checkpoint }) => checkpoint.previous)).toEqual([GENESIS, lines[0]?.digest, lines[1]?.digest]);
    const named = (await record.store.recorded(0, 100)).map(({ event }) => JSON.parse(event));
    expect(named.filter(({ type }) => type === 'checkpointed')).toEqual(
      lines.map(({ digest }) => ({
        type: 'checkpointed',
        at: '2026-11-23T09:00:00.000Z',
        tenant: '*',
        series: lines[0]?.digest,
        payloadHash: digest,
      })),
    );
  });

  it('holds no patient, no user and no tenant: numbers, hashes, a time and a signature', async () => {
    await record.store.append({ type: 'shown', tenant: 'ZZTENANT', user: 'Practitioner/ZZUSER', patient: 'ZZKEYED' });
    await record.signer().sign();
    expect(Object.keys(JSON.parse(record.lines()[0] ?? '')).sort()).toEqual(
      ['at', 'count', 'hash', 'key', 'previous', 'seq', 'signature'].sort(),
    );
    expect(record.text()).not.toContain('ZZ');
  });

  it('is also said where a SIEM listens, the same line', async () => {
    const said: string[] = [];
    await record.happen(1);
    await record.signer({ echo: (line) => said.push(line) }).sign();
    expect(said).toEqual(record.lines());
  });

  it('is signed with a key that only its owner may read, made once', () => {
    expect(statSync(join(record.dir, 'checkpoint-key.pem')).mode & 0o777).toBe(0o600);
    expect(openSigningKey({ dataDir: record.dir }).fingerprint).toBe(record.key.fingerprint);
  });

  it('continues after a line that a crash tore', async () => {
    const { sign } = record.signer();
    await record.happen(1);
    await sign();
    const file = checkpointFile(record.path);
    const { appendFileSync } = await import('node:fs');
    appendFileSync(record.path, '{"at":"2026-11-23T09:0');
    await record.happen(3);
    await sign();
    expect(checkpoints()).toHaveLength(2);
    expect((await file.ends())?.last.checkpoint.seq).toBe(5);
  });

  it('is on disk when more lines are in the file than are read of it at once', async () => {
    const { sign } = record.signer({ every: 1 });
    for (let n = 0; n < 30; n += 1) {
      await record.happen(1);
      await sign();
    }
    expect(checkpoints()).toHaveLength(30);
    expect((await checkpointFile(record.path).ends())?.last.checkpoint.seq).toBe(59);
  });
});

describe('What is not signed', () => {
  const tamper = (...statements: readonly string[]) => {
    const database = new DatabaseSync(join(record.dir, 'attune.sqlite'));
    database.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;');
    for (const statement of statements) database.exec(statement);
    database.close();
  };

  it.each([
    ['a record whose signed part was altered', `UPDATE audit SET hash = '${'f'.repeat(64)}' WHERE seq = 1`],
    ['a record whose new part was altered', `UPDATE audit SET event = '{}' WHERE seq = 4`],
    ['a record that ends before its head', 'DELETE FROM audit WHERE seq = 5'],
    ['a record that ends before the last checkpoint', 'DELETE FROM audit'],
  ])('%s', async (_what, statement) => {
    const { sign } = record.signer();
    await record.happen(1);
    await sign();
    await record.happen(3);
    tamper(statement);
    await expect(sign(true)).rejects.toThrow(RecordBroken);
    expect(checkpoints()).toHaveLength(1);
  });

  it('and the next time it is tried again, when a file could not be written', async () => {
    let full = true;
    const file = checkpointFile(record.path);
    const { sign } = record.signer({
      file: { ends: file.ends, append: (line) => (full ? Promise.reject(new Error('ENOSPC')) : file.append(line)) },
    });
    await record.happen(1);
    await expect(sign()).rejects.toThrow('ENOSPC');
    expect(await types()).toEqual(['shown']);
    full = false;
    await sign();
    expect(checkpoints()).toHaveLength(1);
  });
});
