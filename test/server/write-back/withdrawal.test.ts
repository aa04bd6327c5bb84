/** WB7, WB8, X6: taking back what is in the chart. What is said to be withdrawn was read back as withdrawn; every doubt is shown. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import type { ApiError, Preview, Withdrawal, WriteOutcome } from '../../../launch/api.ts';
import type { RungSetting } from '../../../models/engine/proposals/ladder.ts';
import type { FhirRequest, Launched } from '../../../server/launched.ts';
import { type KeyRing, keyRing, newKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';
import { purge } from '../../../server/write-back/recovery.ts';
import { signIn, startEhr } from '../../fixtures/session.ts';
import { launchOf, metformin } from '../write-back-ehr.ts';
import { type Asked, routesOf } from './routes-of.ts';

const ALL = 'patient/*.crus';
const NO_UPDATE = 'patient/*.crs';
const reason = 'wrong-chart';

let directory: string;
let keys: KeyRing;
let store: Store;
let ehr: PracticeEhr;
let asked: Asked;
let launched: Launched;
/** What is done to a request before the EHR has it, and to its answer. */
let around: (request: FhirRequest, next: Launched['fhir']) => Promise<Response>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'attune-withdrawal-'));
  keys = keyRing(newKeyRing());
  ehr = await startEhr();
  around = (request, next) => next(request);
  await open();
});
afterEach(async () => {
  await store.close();
  await ehr.close();
  await rm(directory, { recursive: true });
});

/** A launch with these scopes, and a server over the data of this test. */
async function open(scope = ALL, rungs?: readonly RungSetting[]): Promise<void> {
  const token = await signIn(ehr, { scope: `openid fhirUser launch ${scope}` });
  const plain = launchOf({
    patientId: 'a',
    base: ehr.fhirBase,
    scope: (token.scope ?? '').split(' '),
    now: new Date(),
    transport: (request) => {
      request.headers.set('Authorization', `Bearer ${token.access_token}`);
      return ehr.fetch(request);
    },
  });
  launched = { ...plain, fhir: (request) => around(request, plain.fhir), ...(rungs && { rungs }) };
  restart();
}

function restart(): void {
  store = sqliteStore({ path: join(directory, 'attune.db'), keys });
  asked = routesOf({ store, keys, launched: () => launched });
}

const post: Asked['post'] = (path, body) => asked.post(path, body);
const approve = ({ approvalId, hash }: Preview) => post<WriteOutcome>('approve', { approvalId, hash });
const written = async () => (await approve((await post<Preview>('preview', { recommendation: metformin })).body)).body;
const withdraw = ({ approvalId }: WriteOutcome, why: string = reason) =>
  post<WriteOutcome & ApiError>('withdraw', { approvalId, reason: why });
const planOf = async ({ approvalId }: WriteOutcome) => (await post<Withdrawal>('withdrawal', { approvalId })).body;
const outcomes = () => asked.outcomes();
const stateOf = async ({ approvalId }: WriteOutcome) =>
  (await outcomes()).find((one) => one.approvalId === approvalId)?.state;
const inChart = ({ reference = '' }: WriteOutcome) => ehr.readResource(reference) as DocumentReference;
const events = async () =>
  (await store.recorded(0, 1_000)).map(({ event }) => JSON.parse(event) as { type: string; reason?: string });

/** The answer to the update is lost; before or after the EHR has done it. */
function losesTheAnswer(done: 'before' | 'after'): void {
  around = async (request, next) => {
    if (request.method !== 'PUT') return next(request);
    if (done === 'after') await next(request);
    throw new TypeError('connection reset');
  };
}

describe('WB8: what withdrawing would do is said before anything is done', () => {
  it('marked as entered in error, where the EHR lets an app update it', async () => {
    const outcome = await written();
    const plan = await planOf(outcome);
    expect(plan.how).toBe('marked');
    expect(plan.text).toMatch(/will be marked as entered in error\. It stays in the record; nothing is deleted/);
    expect(plan.reasons.map(({ word }) => word)).toContain('Wrong patient or visit');
    expect(inChart(outcome).status).toBe('current');
    expect(await stateOf(outcome)).toBe('confirmed');
  });

  it('by a correcting note, where it does not', async () => {
    await open(NO_UPDATE);
    expect((await planOf(await written())).how).toBe('corrected');
  });

  it('by hand, where no note may be written either', async () => {
    await open(NO_UPDATE, [{ write: 'Communication', lost: [] }]);
    const plan = await planOf(await written());
    expect(plan.how).toBe('by-hand');
    expect(plan.text).toContain('Correct it in the chart');
  });

  it('by a correcting note, where the right was granted but the EHR offers no update', async () => {
    around = async (request, next) => {
      if (request.path !== 'metadata') return next(request);
      const statement = JSON.stringify(await (await next(request)).json());
      return new Response(statement.replaceAll('{"code":"update"}', '{"code":"vread"}'));
    };
    await open();
    expect((await planOf(await written())).how).toBe('corrected');
  });
});

describe('WB8: marked as entered in error', () => {
  it('is called withdrawn once the EHR has shown it so, with the time, and its reason is on the record', async () => {
    const outcome = await written();
    const { body } = await withdraw(outcome);
    expect(body.state).toBe('withdrawn');
    expect(body.message).toMatch(
      /^Withdrawn in the EHR at \d\d:\d\d \(UTC[+-]\d\d:\d\d\): read back as entered in error\./,
    );
    expect(body.mayWithdraw).toBe(false);
    expect(inChart(outcome).status).toBe('entered-in-error');
    expect((await events()).slice(-2)).toMatchObject([
      { type: 'withdrawing', reason },
      { type: 'withdrawn', reason },
    ]);
  });

  it.each(['before', 'after'] as const)('is in doubt when the answer is lost %s it was done', async (done) => {
    const outcome = await written();
    losesTheAnswer(done);
    const { status, body } = await withdraw(outcome);
    expect(status).toBe(200);
    expect(body.state).toBe('withdrawal-in-doubt');
    expect(body.message).toMatch(/has not confirmed that the note is withdrawn/);
    expect(body.message).not.toMatch(/^Withdrawn/);
  });

  it('the doubt outlives the server, and a look ends it where it was done', async () => {
    const outcome = await written();
    losesTheAnswer('after');
    await withdraw(outcome);
    await store.close();
    restart();
    expect(await stateOf(outcome)).toBe('withdrawal-in-doubt');
    around = (request, next) => next(request);
    expect((await post<WriteOutcome[]>('reconcile')).body[0]?.state).toBe('withdrawn');
  });

  it('a doubt is not forgotten a day later, unlike what is certain (V13)', async () => {
    const outcome = await written();
    losesTheAnswer('before');
    await withdraw(outcome);
    const now = new Date(Date.now() + 25 * 60 * 60 * 1000);
    await purge({ store, now });
    expect(await stateOf(outcome)).toBe('withdrawal-in-doubt');
    around = (request, next) => next(request);
    await withdraw(outcome);
    await purge({ store, now });
    expect(await stateOf(outcome)).toBeUndefined();
  });

  it('a look does not end the doubt where it was not done, and asking again does it', async () => {
    const outcome = await written();
    losesTheAnswer('before');
    await withdraw(outcome);
    around = (request, next) => next(request);
    expect((await post<WriteOutcome[]>('reconcile')).body[0]?.state).toBe('withdrawal-in-doubt');
    expect((await withdraw(outcome)).body.state).toBe('withdrawn');
  });

  it('an EHR that answers "done" and shows it unchanged is not believed', async () => {
    const outcome = await written();
    around = async (request, next) => (request.method === 'PUT' ? new Response('{}', { status: 200 }) : next(request));
    expect((await withdraw(outcome)).body.state).toBe('withdrawal-in-doubt');
  });

  it.each([
    [403, 'not-taken'],
    [422, 'not-taken'],
    [412, 'changed-meanwhile'],
    [409, 'changed-meanwhile'],
  ])('a refusal (%i) says that nothing was withdrawn, and the note stays saved', async (status, code) => {
    const outcome = await written();
    around = async (request, next) => (request.method === 'PUT' ? new Response('{}', { status }) : next(request));
    const { body } = await withdraw(outcome);
    expect(body).toMatchObject({ code, message: expect.stringContaining('nothing was withdrawn') });
    expect(await stateOf(outcome)).toBe('confirmed');
    expect(inChart(outcome).status).toBe('current');
  });

  it('an EHR that does not show it before it is asked is not asked, and that is no doubt', async () => {
    const outcome = await written();
    let asked = 0;
    around = async (request, next) => {
      if (request.method === 'PUT') asked += 1;
      return request.path === outcome.reference ? new Response('', { status: 503 }) : next(request);
    };
    expect((await withdraw(outcome)).body.code).toBe('not-shown');
    expect(asked).toBe(0);
    around = (request, next) => next(request);
    expect(await stateOf(outcome)).toBe('confirmed');
  });

  it('half withdrawn is in doubt, never "nothing was withdrawn"', async () => {
    await open(ALL, [{ write: 'Bundle', lost: [] }]);
    const outcome = await written();
    around = async (request, next) =>
      request.method === 'PUT' && request.path.startsWith('DetectedIssue')
        ? new Response('{}', { status: 403 })
        : next(request);
    expect((await withdraw(outcome)).body.state).toBe('withdrawal-in-doubt');
    expect(inChart(outcome).status).toBe('entered-in-error');
  });

  it.each(['', 'because', 'x'.repeat(200), undefined])('needs one of the reasons: %j is refused', async (why) => {
    const outcome = await written();
    const { approvalId } = outcome;
    expect((await post('withdraw', { approvalId, reason: why })).status).toBe(400);
    expect(inChart(outcome).status).toBe('current');
  });

  it('twice in a row is once', async () => {
    const outcome = await written();
    const [first, second] = await Promise.all([withdraw(outcome), withdraw(outcome)]);
    expect([first.body.state, second.body.state]).toEqual(['withdrawn', 'withdrawn']);
    expect((await withdraw(outcome)).body.code).toBe('not-saved');
    expect((await events()).filter(({ type }) => type === 'withdrawn')).toHaveLength(1);
  });
});

describe('WB7, WB8: by a correcting note', () => {
  beforeEach(() => open(NO_UPDATE));
  const correction = ({ approvalId }: WriteOutcome) => post<Preview>('correction', { approvalId, reason });

  it('is previewed, names the note and the reason, and leaves the note itself as it was', async () => {
    const outcome = await written();
    const { body: preview } = await correction(outcome);
    expect(preview.text).toContain(`Withdrawn: ${metformin.summary}`);
    expect(preview.text).toContain(`Disregard ${outcome.reference}.`);
    expect(preview.text).toContain('Reason: Wrong patient or visit.');
    expect(await stateOf(outcome)).toBe('confirmed');
    const { body: approved } = await approve(preview);
    expect(approved).toMatchObject({ state: 'confirmed', mayWithdraw: false });
    const [, first] = await outcomes();
    expect(first).toMatchObject({ approvalId: outcome.approvalId, state: 'withdrawn', mayWithdraw: false });
    expect(first?.message).toContain(
      `a correcting note (${approved.reference?.split('/')[1]}) was saved and read back`,
    );
    expect(inChart(outcome).status).toBe('current');
    expect((await events()).at(-1)).toMatchObject({ type: 'withdrawn', reason: 'corrected' });
  });

  it('is withdrawn only when the correcting note has been read back', async () => {
    const outcome = await written();
    const { body: preview } = await correction(outcome);
    ehr.setFault({ match: { method: 'POST', path: /./ }, kind: 'drop-after-commit', times: 1 });
    expect((await approve(preview)).body.state).toBe('unknown');
    expect(await stateOf(outcome)).toBe('confirmed');
    await post('reconcile');
    expect(await stateOf(outcome)).toBe('withdrawn');
  });

  it('a server that stopped between the two says so at the next look', async () => {
    const outcome = await written();
    const { body: preview } = await correction(outcome);
    const { move } = store;
    // The move that withdraws is the last one, and does not reach the disk.
    store.move = async (change, event) => {
      if (change.approvalId === outcome.approvalId) throw new Error('stopped');
      return move(change, event);
    };
    expect((await approve(preview)).status).toBe(500);
    await store.close();
    restart();
    expect(await stateOf(outcome)).toBe('withdrawn');
  });
});
