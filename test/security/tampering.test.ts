/** STRIDE, tampering and repudiation: nothing is written that was not previewed and approved, and the record cannot be edited unseen (T-1, T-2, T-4, R-1). */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWhole, post, preview, type Whole } from './whole.ts';

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole();
});
afterAll(() => whole.close());
const notes = () => whole.ehr.allResources('DocumentReference');

describe('T-1: a script in the page', () => {
  it('cannot write without a preview, nor with a guessed hash', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const shown = await preview(browser, launchId);
    const tries = [
      { approvalId: 'A'.repeat(22), hash: 'a'.repeat(64) },
      { approvalId: shown.approvalId, hash: '0'.repeat(64) },
    ];
    for (const body of tries) expect((await post(browser, launchId, '/write-back/approve', body)).status).toBe(409);
    expect(notes()).toEqual([]);
  });

  it('cannot write through the relay, by any method or type', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    for (const path of ['/fhir/DocumentReference', '/fhir/MedicationRequest', '/fhir/', '/fhir/Observation'])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const answer = await browser.inLaunch(launchId, path, { method, body: '{"resourceType":"DocumentReference"}' });
        expect([400, 403, 404, 405]).toContain(answer.status);
      }
    expect(notes()).toEqual([]);
  });
});

describe('T-2: an approval that does not fit its launch', () => {
  it('is refused and recorded, whichever part of it is another’s', async () => {
    const [one, two] = [whole.browser(), whole.browser()];
    const alba = await one.launch({ patientId: 'alba' });
    const bruno = await two.launch({ patientId: 'bruno' });
    const shown = await preview(one, alba);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          approvalId: fc.constantFrom(shown.approvalId, 'B'.repeat(22)),
          hash: fc.constantFrom(shown.hash, 'f'.repeat(64)),
          own: fc.boolean(),
        }),
        async ({ own, ...body }) => {
          fc.pre(!(own && body.approvalId === shown.approvalId && body.hash === shown.hash));
          const answer = own
            ? await post(one, alba, '/write-back/approve', body)
            : await post(two, bruno, '/write-back/approve', body);
          // Another launch’s approval does not exist there at all.
          expect([404, 409]).toContain(answer.status);
        },
      ),
      { numRuns: 20 },
    );
    expect(notes()).toEqual([]);
    expect((await whole.files()).includes('refused')).toBe(true);
  });
});

describe('R-1: “I did not approve this”', () => {
  it('is answered by the record: who, when, the hash of what was shown, and what the EHR called it', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const shown = await preview(browser, launchId);
    const answer = (await (
      await post(browser, launchId, '/write-back/approve', { approvalId: shown.approvalId, hash: shown.hash })
    ).json()) as { state: string; reference: string };
    expect(answer.state).toBe('confirmed');
    const database = new DatabaseSync(join(whole.dataDir, 'attune.sqlite'), { readOnly: true });
    const events = database
      .prepare('SELECT event FROM audit ORDER BY seq')
      .all()
      .map(({ event }) => JSON.parse(String(event)));
    database.close();
    const about = events.filter(({ payloadHash }) => payloadHash === shown.hash);
    expect(about.map(({ type }) => type)).toEqual(expect.arrayContaining(['previewed', 'approved', 'written']));
    expect(about.at(-1)).toMatchObject({
      user: 'Practitioner/practice-okafor',
      reference: answer.reference,
      at: expect.any(String),
    });
    expect(await whole.verify()).toMatchObject({ whole: true });
  });
});

describe('V11: the beginning and the end of a visit', () => {
  it('are on the record with who and when, the patient as a keyed hash', async () => {
    const own = await openWhole();
    try {
      const browser = own.browser();
      const launchId = await browser.launch({ patientId: 'alba' });
      await post(browser, launchId, '/logout', {});
      const database = new DatabaseSync(join(own.dataDir, 'attune.sqlite'), { readOnly: true });
      const events = database
        .prepare('SELECT event FROM audit ORDER BY seq')
        .all()
        .map(({ event }) => JSON.parse(String(event)));
      database.close();
      expect(events.map(({ type }) => type)).toEqual(['launched', 'read', 'ended']);
      expect(new Set(events.map(({ user }) => user))).toEqual(new Set(['Practitioner/practice-okafor']));
      expect(JSON.stringify(events)).not.toMatch(/alba|ZZTEST/);
      expect(await own.verify()).toMatchObject({ whole: true });
    } finally {
      await own.close();
    }
  });
});

describe('T-4: someone with the database file', () => {
  it.each([
    [
      'an event altered',
      `UPDATE audit SET event = replace(event, 'Practitioner/practice-okafor', 'Practitioner/nobody00000') WHERE seq = 2`,
    ],
    ['an event removed', 'DELETE FROM audit WHERE seq = 2'],
    ['the last event removed', 'DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)'],
    [
      'two events in each other’s place',
      'UPDATE audit SET event = (SELECT event FROM audit a WHERE a.seq = 5 - audit.seq) WHERE seq IN (2, 3)',
    ],
  ])('%s is found', async (_, statement) => {
    const own = await openWhole();
    try {
      const browser = own.browser();
      const launchId = await browser.launch({ patientId: 'alba' });
      for (let times = 0; times < 4; times++)
        await post(browser, launchId, '/events', {
          type: 'shown',
          recommendationId: `r${times}`,
          indicator: 'info',
          libraryDigest: 'sha256:abcdefgh',
        });
      expect(await own.verify()).toMatchObject({ whole: true });
      const database = new DatabaseSync(join(own.dataDir, 'attune.sqlite'));
      database.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;');
      database.exec(statement);
      database.close();
      expect(await own.verify()).toMatchObject({ whole: false });
    } finally {
      await own.close();
    }
  });
});
