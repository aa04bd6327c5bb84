import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Audit, createAudit } from '../../server/audit.ts';
import { canonical, GENESIS, link } from '../../server/store/chain.ts';
import { keyRing, newKeyRing } from '../../server/store/keys.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { launchOf, NOW } from './write-back-ehr.ts';

const directory = await mkdtemp(join(tmpdir(), 'attune-audit-'));
afterAll(() => rm(directory, { recursive: true }));
const keys = keyRing(newKeyRing());
let file = 0;
let path: string;
let store: Store;
let audit: Audit;

beforeEach(async () => {
  file += 1;
  path = join(directory, `${file}.db`);
  store = sqliteStore({ path, keys });
  audit = createAudit({ store, keys, clock: () => NOW });
  for (const recommendationId of ['a', 'b', 'c', 'd']) {
    await audit.record(audit.entry(launchOf(), { type: 'shown', recommendationId, indicator: 'info' }));
  }
});
afterEach(() => store.close());

/** Someone with the file, who takes the guards off first. */
function tamper(...statements: readonly string[]): void {
  const database = new DatabaseSync(path);
  database.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;');
  for (const statement of statements) database.exec(statement);
  database.close();
}

describe('the audit record (T-4)', () => {
  it('verifies when nobody touched it', async () => {
    expect(await audit.verify()).toMatchObject({ whole: true, events: 4 });
  });

  it('verifies when it is empty', async () => {
    const empty = sqliteStore({ path: join(directory, 'empty.db'), keys });
    expect(await createAudit({ store: empty, keys }).verify()).toEqual({ whole: true, events: 0, head: GENESIS });
    await empty.close();
  });

  it.each<[string, readonly string[], number]>([
    ['an altered event', [`UPDATE audit SET event = replace(event, '"b"', '"x"') WHERE seq = 2`], 2],
    ['a removed event', ['DELETE FROM audit WHERE seq = 2'], 2],
    ['the removed last event', ['DELETE FROM audit WHERE seq = 4'], 4],
    ['a removed first event', ['DELETE FROM audit WHERE seq = 1'], 1],
    [
      'two events in each other’s place',
      [
        'UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 9',
      ],
      2,
    ],
    [
      'a removed event with the rest renumbered',
      ['DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2'],
      2,
    ],
    ['everything removed', ['DELETE FROM audit'], 1],
    ['a removed head', ['DELETE FROM audit_head'], 4],
  ])('finds %s', async (_what, statements, seq) => {
    tamper(...statements);
    expect(await audit.verify()).toMatchObject({ whole: false, seq });
  });

  it('finds a chain that was recomputed by someone without the key', async () => {
    const [first] = await store.recorded(0, 1);
    const event = canonical({ type: 'shown', forged: true });
    const hash = link(first?.hash ?? '', event);
    tamper(
      'DELETE FROM audit WHERE seq > 1',
      `INSERT INTO audit VALUES (2, '${event}', '${hash}')`,
      `UPDATE audit_head SET seq = 2, hash = '${hash}'`,
    );
    expect(await audit.verify()).toEqual({ whole: false, seq: 2, why: 'the head is not signed with this key' });
  });

  it('finds nothing wrong in more events than are read at once', async () => {
    for (let n = 0; n < 1_100; n += 1) await store.append({ n });
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    });
    expect(await audit.verify()).toMatchObject({ whole: true, events: 1_104 });
    clearInterval(turning);
    // Between two pages others had their turn.
    expect(turns).toBeGreaterThan(0);
  });

  it('names the clinician, keys the patient, and keys a user who is the patient', async () => {
    const [recorded] = await store.recorded(0, 1);
    const event = JSON.parse(recorded?.event ?? '') as Record<string, string>;
    expect(event.user).toContain('Practitioner/user-1');
    expect(event.patient).toBe(keys.lookup('patient', 'practice', 'p1'));
    const launched = launchOf();
    const user = { ...launched.context.user, fhirUser: 'Patient/p1' };
    const entry = audit.entry({ ...launched, context: { ...launched.context, user } }, { type: 'shown' });
    expect(JSON.stringify(entry)).not.toContain('Patient/p1');
  });

  it('hashes the same event the same, whatever the order of its fields', () => {
    expect(canonical({ b: [1, { d: 1, c: 2 }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":2,"d":1}]}');
    expect(canonical({ a: 'x', b: [1, { c: 2, d: 1 }] })).toBe(canonical({ b: [1, { d: 1, c: 2 }], a: 'x' }));
  });
});
