/** R1, W1–W3: the server makes the draft and keeps what became of it; the browser hands it to the EHR's frame. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceRequest } from 'fhir/r4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import type { ApiError, Preview, ScratchpadAnswer, WriteOutcome } from '../../../launch/api.ts';
import type { Launched } from '../../../server/launched.ts';
import { type KeyRing, keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';
import { recover } from '../../../server/write-back/recovery.ts';
import { signIn, startEhr } from '../../fixtures/session.ts';
import { launchOf, metformin } from '../write-back-ehr.ts';
import { type Asked, routesOf } from './routes-of.ts';

const due = { ...metformin, kind: 'monitoring' } as const;
const messaging = { handle: 'handle-1', origin: 'https://ehr.example.org', ui: true };

let directory: string;
let keys: KeyRing;
let store: Store;
let ehr: PracticeEhr;
let asked: Asked;
let launched: Launched;
/** Requests that the server itself made to the EHR. */
let made: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'attune-scratchpad-'));
  keys = keyRing(newKeyRing());
  ehr = await startEhr();
  made = [];
  const token = await signIn(ehr, { scope: 'openid fhirUser launch patient/*.crus' });
  const plain = launchOf({
    patientId: 'a',
    base: ehr.fhirBase,
    scope: (token.scope ?? '').split(' '),
    now: new Date(),
    transport: (request) => {
      made.push(`${request.method} ${new URL(request.url).pathname}`);
      request.headers.set('Authorization', `Bearer ${token.access_token}`);
      return ehr.fetch(request);
    },
  });
  launched = { ...plain, context: { ...plain.context, webMessaging: messaging } };
  start();
});
afterEach(async () => {
  await store.close();
  await ehr.close();
  await rm(directory, { recursive: true });
});

function start(): void {
  store = sqliteStore({ path: join(directory, 'attune.db'), keys });
  asked = routesOf({ store, keys, launched: () => launched });
}

const post: Asked['post'] = (path, body) => asked.post(path, body);
const previewOf = async (recommendation: object = due, able: object = { messaging: true }) =>
  (await post<Preview>('preview', { recommendation, ...able })).body;
const approve = async ({ approvalId, hash }: Preview) =>
  (await post<WriteOutcome>('approve', { approvalId, hash })).body;
const tell = ({ approvalId }: Pick<Preview, 'approvalId'>, answer: ScratchpadAnswer['answer']) =>
  post<WriteOutcome & ApiError>('scratchpad', { approvalId, answer });
const outcomes = () => asked.outcomes();
const types = async () =>
  (await store.recorded(0, 1_000)).map(({ event }) => (JSON.parse(event) as { type: string }).type);
const created = { is: 'answered', status: '201 Created', location: 'ServiceRequest/draft-7' } as const;

async function handed(): Promise<Preview> {
  const preview = await previewOf();
  expect((await approve(preview)).state).toBe('sending');
  return preview;
}

describe('R1: the scratchpad comes first', () => {
  it('for a test that is due, as a draft proposal and never as an order (WB4)', async () => {
    const preview = await previewOf();
    expect(preview).toMatchObject({ via: 'scratchpad', resourceType: 'ServiceRequest', heading: 'Will be proposed' });
    expect(preview.destination).toContain('in your scratchpad');
    expect(JSON.parse(preview.resource) as ServiceRequest).toMatchObject({
      status: 'draft',
      intent: 'proposal',
      subject: { reference: 'Patient/a' },
    });
  });

  it.each([
    ['the frame has not answered', due, {}, messaging],
    ['it says that it has, but the launch was granted nothing (W1)', due, { messaging: true }, undefined],
    ['it is about a medicine (WB4)', metformin, { messaging: true }, messaging],
    ['it is a score', { ...metformin, kind: 'risk' }, { messaging: true }, messaging],
  ])('and not where %s', async (_name, recommendation, able, granted) => {
    const { webMessaging: _, ...context } = launched.context;
    launched = { ...launched, context: { ...context, ...(granted && { webMessaging: granted }) } };
    const preview = await previewOf(recommendation, able);
    expect(preview).toMatchObject({ resourceType: 'DocumentReference', button: 'Write 1 note' });
    expect(preview.via).toBeUndefined();
  });
});

describe('W3: what the browser reports', () => {
  it('a draft that was taken is proposed, with its place, and nowhere called saved or written', async () => {
    const { body } = await tell(await handed(), created);
    expect(body).toMatchObject({ state: 'proposed', reference: 'ServiceRequest/draft-7', mayWithdraw: false });
    expect(body.message).toMatch(/^Draft proposed at \d\d:\d\d.*not in the chart until you sign it there/);
    expect(body.message).not.toMatch(/saved|written/i);
    expect((await types()).slice(-2)).toEqual(['approved', 'proposed']);
  });

  it('the server sends nothing itself, not when it is approved and not when it is looked for', async () => {
    const preview = await handed();
    await tell(preview, { is: 'no-answer' });
    await post('reconcile');
    expect((await post<ApiError>('resend', { approvalId: preview.approvalId })).body.code).toBe('not-cleared');
    expect(made.filter((request) => !request.endsWith('/metadata'))).toEqual([]);
  });

  it('is on disk before the browser may hand it over: a server that stops then leaves a doubt, not nothing', async () => {
    const preview = await handed();
    await store.close();
    start();
    await recover({ store, now: new Date(Date.now() + 1_000) });
    expect((await outcomes())[0]).toMatchObject({
      approvalId: preview.approvalId,
      state: 'unknown',
      via: 'scratchpad',
      mayResend: false,
    });
  });

  it.each([
    ['4xx', { is: 'answered', status: '422' }, 'rejected'],
    ['5xx', { is: 'answered', status: '500 Oops' }, 'unknown'],
    ['success without a place', { is: 'answered', status: '200 OK' }, 'unknown'],
    ['a place of another kind', { ...created, location: 'MedicationRequest/1' }, 'unknown'],
    ['a place elsewhere', { ...created, location: 'https://evil.example/ServiceRequest/1' }, 'unknown'],
    ['words that are no status', { is: 'answered', status: 'fine' }, 'unknown'],
    ['no answer', { is: 'no-answer' }, 'unknown'],
  ] as const)('%s', async (_name, answer, state) => {
    expect((await tell(await handed(), answer)).body.state).toBe(state);
  });

  it('a late answer ends the doubt; after that nothing changes it', async () => {
    const preview = await handed();
    await tell(preview, { is: 'no-answer' });
    expect((await tell(preview, created)).body.state).toBe('proposed');
    expect((await tell(preview, { is: 'answered', status: '422' })).body.state).toBe('proposed');
    expect((await types()).filter((type) => type === 'proposed')).toHaveLength(1);
  });

  it.each([
    [true, 'proposed'],
    [false, 'expired'],
  ])('the clinician who looked (there: %s) ends the doubt', async (there, state) => {
    const preview = await handed();
    await tell(preview, { is: 'no-answer' });
    expect((await tell(preview, { is: 'looked', there })).body.state).toBe(state);
  });

  it('in doubt, the same is not drafted a second time; settled, it may be', async () => {
    const preview = await handed();
    expect((await post<ApiError>('preview', { recommendation: due, messaging: true })).body.code).toBe('in-doubt');
    await tell(preview, created);
    expect((await previewOf()).via).toBe('scratchpad');
  });

  it('the same approval twice is one draft, and never a second row', async () => {
    const preview = await handed();
    expect((await approve(preview)).state).toBe('sending');
    expect(await outcomes()).toHaveLength(1);
  });

  it('nobody else may answer for it, and nothing that was not handed over has an answer', async () => {
    const preview = await handed();
    const mine = launched;
    launched = { ...launched, userId: 'somebody-else' };
    expect((await tell(preview, created)).status).toBe(404);
    launched = mine;
    const note = await previewOf({ ...metformin, id: 'another/1' });
    await approve(note);
    expect((await tell(note, created)).body.code).toBe('not-in-scratchpad');
    expect((await tell({ approvalId: 'x'.repeat(30) }, created)).status).toBe(404);
  });

  it.each([
    { is: 'answered' },
    { is: 'answered', status: 'x'.repeat(61) },
    { is: 'answered', status: '200', location: 'x'.repeat(301) },
    { is: 'answered', status: '200', more: 1 },
    { is: 'looked' },
    { is: 'sent' },
  ])('%j is not understood', async (answer) => {
    const preview = await handed();
    expect((await post('scratchpad', { approvalId: preview.approvalId, answer })).status).toBe(400);
    expect((await outcomes())[0]?.state).toBe('sending');
  });
});
