import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { Hono } from 'hono';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedRecommendation, ApiError, Preview, WriteOutcome } from '../../launch/api.ts';
import { type Audit, createAudit } from '../../server/audit.ts';
import { type Launched, type LaunchedEnv, SessionEnded } from '../../server/launched.ts';
import { type KeyRing, keyRing, newKeyRing } from '../../server/store/keys.ts';
import { sqliteStore } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { purge, recover } from '../../server/write-back/recovery.ts';
import { createEventRoutes, createWriteBackRoutes } from '../../server/write-back/routes.ts';
import { BASE, Dropped, Ehr, launchOf, metformin, NOW } from './write-back-ehr.ts';

let ehr: Ehr;
const network = setupServer(
  http.all(`${BASE}/*`, async ({ request }) => {
    try {
      return await ehr.answer(request);
    } catch (error) {
      if (error instanceof Dropped) return HttpResponse.error();
      throw error;
    }
  }),
);
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }));
afterEach(() => network.resetHandlers());
afterAll(() => network.close());

let directory: string;
let keys: KeyRing;
let store: Store;
let audit: Audit;
let clock: Date;
let app: Hono<LaunchedEnv>;
let launched: Launched;

beforeEach(async () => {
  ehr = new Ehr();
  directory = await mkdtemp(join(tmpdir(), 'attune-write-back-'));
  keys = keyRing(newKeyRing());
  clock = NOW;
  launched = launchOf();
  start();
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

/** A server process over the data in `directory`. */
function start(): void {
  store = sqliteStore({ path: join(directory, 'attune.db'), keys });
  audit = createAudit({ store, keys, clock: () => clock });
  const deps = { store, keys, audit, clock: () => clock, sleep: async () => {}, timeout: 200 };
  app = new Hono<LaunchedEnv>()
    .use(async (c, next) => {
      c.set('launch', launched);
      c.set('requestId', 'request-1');
      await next();
    })
    .route('/write-back', createWriteBackRoutes(deps))
    .route('/events', createEventRoutes({ audit }));
}

/** The process dies and another one starts on the same data. */
async function restart(): Promise<{ unknown: number; expired: number }> {
  await store.close();
  start();
  return recover({ store, now: new Date(clock.getTime() + 1_000) });
}

/** Three request limits later: nothing that was sent before can still be on its way. */
function quietPasses(): void {
  clock = new Date(clock.getTime() + 600);
}

async function post<T>(path: string, body: unknown = {}): Promise<{ status: number; body: T }> {
  const response = await app.request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
}
const previewOf = async (recommendation: AcceptedRecommendation = metformin) =>
  (await post<Preview>('/write-back/preview', { recommendation })).body;
const approve = ({ approvalId, hash }: Pick<Preview, 'approvalId' | 'hash'>) =>
  post<WriteOutcome & ApiError>('/write-back/approve', { approvalId, hash });
const reconcile = async () => (await post<WriteOutcome[]>('/write-back/reconcile')).body;
const resend = (approvalId: string) => post<WriteOutcome & ApiError>('/write-back/resend', { approvalId });
const outcomes = async () => (await (await app.request('/write-back')).json()) as WriteOutcome[];
const events = async () => (await store.recorded(0, 1_000)).map(({ event }) => JSON.parse(event) as { type: string });
const types = async () => (await events()).map(({ type }) => type);

describe('an approved note', () => {
  it('is in the chart exactly as previewed, was read back, and the clinician is told its id and that no order was placed', async () => {
    const preview = await previewOf();
    expect(preview.hash).toBe(createHash('sha256').update(preview.resource).digest('hex'));
    expect(preview.destination).toBe('Clinical note (DocumentReference) in Practice EHR');
    const { status, body } = await approve(preview);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'confirmed', reference: 'DocumentReference/n1', versionId: '1' });
    expect(body.message).toBe('Note saved (n1). No order was placed.');
    expect(ehr.arrived.map((each) => each.body)).toEqual([preview.resource]);
    expect(body.text).toBe(preview.text);
    const [note] = ehr.notes;
    expect(Buffer.from(note?.content[0]?.attachment.data ?? '', 'base64').toString('utf8')).toBe(preview.text);
    expect(note?.subject).toEqual({ reference: 'Patient/p1' });
    expect(note?.author).toEqual([{ reference: 'Practitioner/user-1', display: 'Dr Ada Example' }]);
    expect(note?.date).toBe('2026-11-22T10:16:05+01:00');
  });

  it('is on disk, as being sent, before the EHR hears of it', async () => {
    let seen: string | undefined;
    const preview = await previewOf();
    ehr.onCreate = async () => {
      const other = sqliteStore({ path: join(directory, 'attune.db'), keys });
      const row = await other.find('practice', preview.approvalId);
      seen = row?.state;
      expect(row?.payloadHash).toBe(preview.hash);
      await other.close();
    };
    await approve(preview);
    expect(seen).toBe('sending');
  });

  it('leaves a record of what was shown, approved and written, with one hash for all three', async () => {
    const preview = await previewOf();
    await approve(preview);
    const recorded = await events();
    expect(recorded.map(({ type }) => type)).toEqual(['previewed', 'approved', 'written']);
    for (const event of recorded)
      expect(event).toMatchObject({ payloadHash: preview.hash, user: `${BASE}/Practitioner/user-1` });
    expect(await audit.verify()).toMatchObject({ whole: true, events: 3 });
  });

  it('carries a conditional create only where the EHR declares it', async () => {
    await approve(await previewOf());
    expect(ehr.arrived[0]?.ifNoneExist).toBeNull();
    ehr = new Ehr();
    ehr.conditionalCreate = true;
    clock = new Date(clock.getTime() + 700_000);
    const preview = await previewOf({ ...metformin, id: 'another' });
    await approve(preview);
    const sent = JSON.parse(preview.resource) as DocumentReference;
    expect(ehr.arrived[0]?.ifNoneExist).toBe(`identifier=urn:attune:write-back|${sent.identifier?.[0]?.value}`);
  });

  it('is one note when the clinician clicks twice at once, and both clicks get the same answer', async () => {
    const preview = await previewOf();
    const [first, second, third] = await Promise.all([approve(preview), approve(preview), approve(preview)]);
    expect(ehr.arrived).toHaveLength(1);
    expect(first.body.state).toBe('confirmed');
    expect(second.body).toEqual(first.body);
    expect(third.body).toEqual(first.body);
  });

  it('is one note when the answer was lost and the browser asks again', async () => {
    const preview = await previewOf();
    const first = await approve(preview);
    const again = await approve(preview);
    expect(again).toEqual(first);
    expect(ehr.notes).toHaveLength(1);
  });

  it('is not written a second time by a second preview of the same words', async () => {
    const [one, other] = [await previewOf(), await previewOf({ ...metformin, id: 'other' })];
    await approve(one);
    expect((await post<ApiError>('/write-back/preview', { recommendation: metformin })).body.code).toBe(
      'already-written',
    );
    expect((await approve(other)).body.state).toBe('confirmed');
    expect(ehr.notes).toHaveLength(2);
  });

  it('is written anew when the recommendation stands on a new result', async () => {
    await approve(await previewOf());
    const [egfr, sex] = metformin.inputs;
    if (!egfr || !sex) throw new Error('no inputs');
    const worse = { ...metformin, inputs: [{ ...egfr, value: '22 mL/min/{1.73_m2}', effective: '2026-11-22' }, sex] };
    expect((await approve(await previewOf(worse))).body.state).toBe('confirmed');
    expect(ehr.notes).toHaveLength(2);
  });

  it('contains no trace of the patient or the note in any file of the server', async () => {
    ehr.faults = ['drop-after'];
    const preview = await previewOf();
    await approve(preview);
    await approve(await previewOf({ ...metformin, id: 'second' }));
    for (const name of await readdir(directory)) {
      const bytes = (await readFile(join(directory, name))).toString('latin1');
      for (const canary of [
        'Zzcanary',
        'Testpatient',
        'metformin and plan',
        'eGFR 24',
        'Patient/p1',
        preview.text.slice(0, 40),
      ]) {
        expect(bytes.includes(canary), `${canary} in ${name}`).toBe(false);
      }
      expect(bytes.includes(Buffer.from(preview.text).toString('base64').slice(0, 60))).toBe(false);
    }
  });
});

describe('nothing is sent', () => {
  afterEach(() => expect(ehr.arrived).toEqual([]));

  it('when the hash is not the one that was previewed (409)', async () => {
    const preview = await previewOf();
    const refused = await approve({ ...preview, hash: 'ab'.repeat(32) });
    expect(refused).toMatchObject({ status: 409, body: { code: 'preview-differs', requestId: 'request-1' } });
    expect(await types()).toEqual(['previewed', 'refused']);
  });

  it('without a preview (409, T-1)', async () => {
    expect(await approve({ approvalId: 'x'.repeat(32), hash: 'ab'.repeat(32) })).toMatchObject({ status: 409 });
  });

  it('after ten minutes (409)', async () => {
    const preview = await previewOf();
    expect(preview.expiresAt).toBe('2026-11-22T09:26:05.000Z');
    clock = new Date(NOW.getTime() + 600_000);
    expect(await approve(preview)).toMatchObject({ status: 409, body: { code: 'not-previewed' } });
  });

  it('when a newer preview of the same card has taken the place of this one', async () => {
    const old = await previewOf();
    await previewOf({ ...metformin, comment: 'reworded' });
    expect(await approve(old)).toMatchObject({ status: 409, body: { code: 'not-previewed' } });
  });

  it.each([
    ['another launch', launchOf({ launchId: 'launch-2' }), 404],
    ['another user in the same launch', launchOf({ userId: 'user-2' }), 403],
    ['another patient in the same launch (T-2)', launchOf({ patientId: 'p2' }), 422],
  ])('when %s brings the approval', async (_who, other, status) => {
    const preview = await previewOf();
    launched = other;
    expect((await approve(preview)).status).toBe(status);
    expect((await types()).at(-1)).toBe('refused');
  });

  it.each([
    ['creating notes was not granted', { scope: ['patient/DocumentReference.rs'] }, 'not-granted'],
    ['only old read scopes were granted', { scope: ['patient/*.read'] }, 'not-granted'],
    ['a note could not be read back', { scope: ['patient/DocumentReference.c'] }, 'not-granted'],
    ['the site has switched write-back off', { writeBack: false }, 'write-back-off'],
    ['the user may not approve (E-2)', { mayApprove: false }, 'may-not-approve'],
  ])('when %s, and the screen learns it before any approval', async (_why, options, code) => {
    launched = launchOf(options);
    expect(await post('/write-back/preview', { recommendation: metformin })).toMatchObject({
      status: 403,
      body: { code },
    });
  });

  it('when the grant was narrowed between preview and approval', async () => {
    const preview = await previewOf();
    launched = launchOf({ scope: ['patient/DocumentReference.rs'] });
    expect(await approve(preview)).toMatchObject({ status: 403, body: { code: 'not-granted' } });
  });

  it('when the EHR does not offer it', async () => {
    ehr.offersCreate = false;
    const refused = await post<ApiError>('/write-back/preview', { recommendation: metformin });
    expect(refused).toMatchObject({ status: 409, body: { code: 'not-offered' } });
  });

  it('when the EHR does not say what it accepts; and it is asked again next time', async () => {
    network.use(http.get(`${BASE}/metadata`, () => HttpResponse.error(), { once: true }));
    const refused = await post<ApiError>('/write-back/preview', { recommendation: metformin });
    expect(refused).toMatchObject({ status: 502, body: { code: 'capability-unread' } });
    expect((await post('/write-back/preview', { recommendation: metformin })).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['markup', { ...metformin, comment: 'see <img src=x onerror=alert(1)>' }],
    ['a bare tag', { ...metformin, comment: 'see <b>this</b>' }],
    ['a link', { ...metformin, detail: '<a href="https://x.example">x</a>' }],
    ['a right-to-left override', { ...metformin, summary: 'Stop \u202Enimrofem' }],
    [
      'a value without a date that does not say why',
      { ...metformin, inputs: [{ label: 'K', value: '6.2 mmol/L', effective: null }] },
    ],
    ['a field nobody agreed on', { ...metformin, html: 'x' }],
    ['a text without end', { ...metformin, detail: 'x'.repeat(5_000) }],
  ])('on a body with %s (400), and the answer does not repeat it', async (_what, recommendation) => {
    const { status, body } = await post<ApiError>('/write-back/preview', { recommendation });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toMatch(/onerror|nimrofem|6\.2|xxxx/);
  });

  it('on a body over 64 KB (413) or that is not JSON (400)', async () => {
    expect((await post('/write-back/preview', { x: 'y'.repeat(70_000) })).status).toBe(413);
    expect((await app.request('/write-back/preview', { method: 'POST', body: '{' })).status).toBe(400);
  });

  it('and plain comparisons such as "< 30" are not taken for markup', async () => {
    const recommendation = { ...metformin, detail: 'eGFR <30 and K < 3.5; x<y', comment: 'BP <target today, HR >100' };
    expect((await post('/write-back/preview', { recommendation })).status).toBe(200);
  });
});

describe('when the EHR or the network fails', () => {
  it('a note that the EHR stored differently is never called saved, and cannot be sent again', async () => {
    ehr.faults = ['altered'];
    const { body } = await approve(await previewOf());
    expect(body.state).toBe('unknown');
    expect(body.message).toBe(
      'Not saved as approved: the EHR holds note n1 with a different status, docStatus. Check and correct it in the chart. Do not send again.',
    );
    await reconcile();
    expect((await resend(body.approvalId)).status).toBe(409);
    expect(ehr.notes).toHaveLength(1);
  });

  it.each(['drop-after', 'hang-after', '500-after', 'no-location', 'foreign-location'] as const)(
    '%s: the note is in doubt, is found again, and is one note',
    async (fault) => {
      ehr.faults = [fault];
      const preview = await previewOf();
      const { body } = await approve(preview);
      expect(body).toMatchObject({ state: 'unknown', text: preview.text });
      expect(body.message).toBe('Sent 10:16 (UTC+01:00), not yet confirmed. Do not send again.');
      const [found] = await reconcile();
      expect(found).toMatchObject({ state: 'confirmed', message: 'Note saved (n1). No order was placed.' });
      expect((await resend(body.approvalId)).status).toBe(409);
      expect(ehr.arrived).toHaveLength(1);
      expect(await types()).toEqual(['previewed', 'approved', 'in-doubt', 'written', 'refused']);
    },
  );

  it('an EHR that drops identifiers is searched by fingerprint', async () => {
    ehr.keepsIdentifier = false;
    ehr.faults = ['drop-after'];
    await approve(await previewOf());
    const [found] = await reconcile();
    expect(found?.state).toBe('confirmed');
    expect(ehr.searches.at(-1)).toContain('date=ge');
  });

  it.each(['drop-before', 'hang-before', '500-before'] as const)(
    '%s: the note is in doubt, is looked for three times, and is one note after the clinician resent it',
    async (fault) => {
      ehr.faults = [fault];
      const preview = await previewOf();
      const { body } = await approve(preview);
      expect(body.state).toBe('unknown');
      expect((await resend(body.approvalId)).status).toBe(409);
      const [looked] = await reconcile();
      expect(looked).toMatchObject({ state: 'unknown', text: preview.text, mayResend: false });
      expect(looked?.message).toContain('It may still arrive; if it does not, it can be sent again from 10:16');
      expect((await resend(body.approvalId)).status).toBe(409);
      quietPasses();
      expect((await outcomes())[0]?.message).toContain(
        'looked for 3 times and not found. Not confirmed: check the chart. Resend?',
      );
      const [once, twice] = await Promise.all([resend(body.approvalId), resend(body.approvalId)]);
      expect(once.body).toMatchObject({ state: 'confirmed', reference: 'DocumentReference/n1' });
      expect(twice.body).toEqual(once.body);
      expect(ehr.arrived.map((each) => each.body)).toEqual([preview.resource, preview.resource]);
      expect(ehr.notes).toHaveLength(1);
    },
  );

  it('a note that turned up late is found at the last moment and not sent again', async () => {
    ehr.faults = ['drop-before'];
    const preview = await previewOf();
    await approve(preview);
    await reconcile();
    quietPasses();
    ehr.notes.push({ ...(JSON.parse(preview.resource) as DocumentReference), id: 'late' });
    expect((await resend(preview.approvalId)).body).toMatchObject({
      state: 'confirmed',
      reference: 'DocumentReference/late',
    });
    expect(ehr.arrived).toHaveLength(1);
  });

  it('and when the last look before resending gets no answer, nothing is sent', async () => {
    ehr.faults = ['drop-before'];
    const { body } = await approve(await previewOf());
    await reconcile();
    quietPasses();
    ehr.readsFail = true;
    expect((await resend(body.approvalId)).body).toMatchObject({ state: 'unknown' });
    expect(ehr.arrived).toHaveLength(1);
  });

  it('an EHR that does not answer the search proves nothing: still in doubt, not cleared for resending', async () => {
    ehr.faults = ['drop-before'];
    ehr.readsFail = true;
    const { body } = await approve(await previewOf());
    const [looked] = await reconcile();
    expect(looked?.message).toContain('not yet confirmed. Do not send again.');
    expect((await resend(body.approvalId)).status).toBe(409);
  });

  it('a note that the network delivered twice is shown as two, not as saved, and cannot be sent again', async () => {
    ehr.faults = ['delivered-twice'];
    const { body } = await approve(await previewOf());
    const [looked] = await reconcile();
    expect(looked?.state).toBe('unknown');
    expect(looked?.message).toContain('the chart holds more than one copy. Check the chart. Do not send again.');
    expect((await resend(body.approvalId)).status).toBe(409);
  });

  it('and where the EHR offers conditional create, a note that the network delivered twice is one', async () => {
    ehr.conditionalCreate = true;
    ehr.faults = ['delivered-twice'];
    await approve(await previewOf());
    expect((await reconcile())[0]?.state).toBe('confirmed');
    expect(ehr.notes).toHaveLength(1);
  });

  it('a note that was created but not shown back is in doubt until it is', async () => {
    ehr.readsFail = true;
    const { body } = await approve(await previewOf());
    expect(body).toMatchObject({ state: 'unknown', reference: 'DocumentReference/n1' });
    expect(body.message).toContain('the EHR named it n1 but has not shown it back yet');
    ehr.readsFail = false;
    expect((await reconcile())[0]?.state).toBe('confirmed');
  });

  it('a refusal (4xx) is final, its text is kept, and the card can be approved anew', async () => {
    ehr.faults = ['refused'];
    const preview = await previewOf();
    const { body } = await approve(preview);
    expect(body).toMatchObject({ state: 'rejected', text: preview.text });
    expect(body.message).toBe('Note not saved: the EHR refused it (403). Nothing was written; the text is kept.');
    expect((await approve(await previewOf())).body.state).toBe('confirmed');
    expect(ehr.notes).toHaveLength(1);
  });

  it('a session that ended before sending leaves the note unsent and says so (X7)', async () => {
    const preview = await previewOf();
    launched = launchOf({
      transport: async () => {
        throw new SessionEnded();
      },
    });
    const { body } = await approve(preview);
    expect(body).toMatchObject({ state: 'expired', text: preview.text });
    expect(body.message).toContain('the session ended first. Nothing was written');
  });

  it('a new preview of words that are in doubt is refused, so that doubt cannot become two notes', async () => {
    ehr.faults = ['drop-after'];
    await approve(await previewOf());
    const refused = await post<ApiError>('/write-back/preview', { recommendation: metformin });
    expect(refused).toMatchObject({ status: 409, body: { code: 'in-doubt' } });
  });
});

describe('the next launch', () => {
  beforeEach(async () => {
    ehr.faults = ['drop-after'];
    await approve(await previewOf());
  });

  it('shows this clinician what the last one left in doubt for this patient', async () => {
    launched = launchOf({ launchId: 'launch-2' });
    const [left] = await outcomes();
    expect(left).toMatchObject({ state: 'unknown', summary: metformin.summary });
    expect((await reconcile())[0]?.state).toBe('confirmed');
  });

  it.each([
    ['another patient', { patientId: 'p2' }],
    ['another clinician (I-4)', { userId: 'user-2' }],
  ])('shows nothing of it for %s', async (_who, other) => {
    const [mine] = await outcomes();
    launched = launchOf({ launchId: 'launch-2', ...other });
    expect(await outcomes()).toEqual([]);
    expect((await resend(mine?.approvalId ?? '')).status).toBe(404);
    expect((await approve({ approvalId: mine?.approvalId ?? '', hash: 'ab'.repeat(32) })).status).toBe(404);
  });
});

describe('a server that dies', () => {
  it('while sending: the row is in doubt at the restart, and is found', async () => {
    const preview = await previewOf();
    ehr.onCreate = () => new Promise(() => {});
    void approve(preview);
    await expect.poll(async () => (await store.find('practice', preview.approvalId))?.state).toBe('sending');
    expect(await restart()).toEqual({ unknown: 1, expired: 0 });
    ehr.notes.push({ ...(JSON.parse(preview.resource) as DocumentReference), id: 'n1' });
    expect((await outcomes())[0]).toMatchObject({ state: 'unknown', text: preview.text });
    expect((await reconcile())[0]?.state).toBe('confirmed');
    expect(await types()).toContain('recovered');
    expect(await audit.verify()).toMatchObject({ whole: true });
  });

  it('between approval and sending: the row has expired, nothing was written, the text is kept', async () => {
    const preview = await previewOf();
    await approve(preview);
    const row = await store.find('practice', preview.approvalId);
    if (!row) throw new Error('no row');
    const other = { ...row, approvalId: 'unsent', key: 'K2', intentKey: 'other', state: 'approved' as const };
    const sealed = keys.seal(keys.open(row.sealed ?? never(), ['practice', row.key, '1']), ['practice', 'K2', '1']);
    await store.approve({ ...other, sealed, attempts: 0, sentAt: null }, {});
    expect(await restart()).toEqual({ unknown: 0, expired: 1 });
    expect((await outcomes()).find(({ approvalId }) => approvalId === 'unsent')).toMatchObject({
      state: 'expired',
      text: preview.text,
    });
  });

  it('and comes back without the key says that something failed, and not what', async () => {
    const file = newKeyRing();
    keys = keyRing(file);
    await restart();
    await approve(await previewOf());
    keys = keyRing({ ...newKeyRing(), lookup: file.lookup });
    await restart();
    const response = await app.request('/write-back');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      code: 'internal',
      message: 'Something failed here. Look in the chart for the note before you approve it again.',
      requestId: 'request-1',
    });
  });

  it('does not lose the answer to a repeated approval', async () => {
    const preview = await previewOf();
    const first = await approve(preview);
    await restart();
    expect((await approve(preview)).body).toEqual(first.body);
    expect(ehr.arrived).toHaveLength(1);
  });
});

it('a day after it was settled a note is forgotten here, but not its hash, and it is not written again', async () => {
  const preview = await previewOf();
  await approve(preview);
  expect(await purge({ store, now: new Date(NOW.getTime() + 25 * 3_600_000) })).toBe(1);
  expect(await outcomes()).toEqual([]);
  expect((await store.find('practice', preview.approvalId))?.payloadHash).toBe(preview.hash);
  expect((await approve(preview)).status).toBe(404);
});

describe('what was shown and answered', () => {
  const shown = { type: 'declined', recommendationId: 'r/1', indicator: 'warning', libraryDigest: 'sha256-0123456789' };

  it('is recorded with who and when, and with the patient as a keyed hash', async () => {
    expect((await post('/events', { ...shown, reason: 'already-done' })).status).toBe(204);
    const [event] = await events();
    expect(event).toMatchObject({ ...shown, reason: 'already-done', at: NOW.toISOString(), tenant: 'practice' });
    expect(JSON.stringify(event)).not.toContain('"p1"');
  });

  it.each([
    { ...shown, type: 'written' },
    { ...shown, reason: 'Because Mrs Smith said so' },
    { ...shown, note: 'x' },
  ])('is refused when it claims or tells more than it may: %j', async (event) => {
    expect((await post('/events', event)).status).toBe(400);
    expect(await events()).toEqual([]);
  });
});

function never(): never {
  throw new Error('unreachable');
}
