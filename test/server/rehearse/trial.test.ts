/** WB2, X3, X8: what an EHR may do to one write, and what a rehearsal makes of it. In process, without the waits. */
import type { Bundle, FhirResource } from 'fhir/r4';
import { afterEach, describe, expect, it } from 'vitest';
import type { PracticeEhr } from '../../../fixtures/ehr/ehr.ts';
import { type QuirkCall, type Quirks, rewritten } from '../../../fixtures/ehr/vendors/mode.ts';
import type { RungSetting } from '../../../models/engine/proposals/ladder.ts';
import type { AuditEvent } from '../../../server/audit.ts';
import type { Launched } from '../../../server/launched.ts';
import { rehearse } from '../../../server/rehearse/rehearse.ts';
import type { RehearsalReport } from '../../../server/rehearse/report.ts';
import { signIn, startEhr } from '../../fixtures/session.ts';
import { launchOf } from '../write-back-ehr.ts';

let ehr: PracticeEhr;
let recorded: AuditEvent[];
afterEach(() => ehr.close());

async function rehearsed(
  around: NonNullable<Quirks['around']>,
  rungs: readonly RungSetting[] = [{ write: 'DocumentReference' }],
  more: { signal?: AbortSignal; change?: (launched: Launched) => Launched } = {},
): Promise<RehearsalReport> {
  recorded = [];
  ehr = await startEhr({ quirks: { id: 'awkward', around } });
  const token = await signIn(ehr, { scope: 'openid fhirUser launch patient/*.crus' });
  const launched: Launched = {
    ...launchOf({
      patientId: 'a',
      base: ehr.fhirBase,
      scope: (token.scope ?? '').split(' '),
      now: new Date(),
      transport: (request) => {
        request.headers.set('Authorization', `Bearer ${token.access_token}`);
        return ehr.fetch(request);
      },
    }),
    rungs,
  };
  return rehearse({
    version: '0.1.0',
    library: { version: '2026.11', digest: 'sha256-0123456789abcdef' },
    launched: more.change?.(launched) ?? launched,
    patientKey: 'k',
    record: async (event) => recorded.push(event),
    sleep: async () => {},
    timeout: 500,
    ...(more.signal && { signal: more.signal }),
  });
}

const isCreate = ({ request, type }: QuirkCall) => request.method === 'POST' && type !== '';
const isSearch = ({ request, rest }: QuirkCall) => request.method === 'GET' && rest === '';
const tried = ({ rungs }: RehearsalReport) => rungs.filter(({ shown, why }) => shown ?? !/switched on/.test(why));
const written = (type = 'DocumentReference') =>
  (ehr.allResources(type) as readonly (FhirResource & { status?: string })[]).filter(
    ({ meta }) => meta?.security?.length,
  );

describe('An EHR that', () => {
  it('never shows it to a search is not usable: a lost answer would be sent again', async () => {
    const report = await rehearsed(async (call, next) => {
      const answer = await next(call.request);
      return isSearch(call) ? rewritten<Bundle>(answer, (bundle) => ({ ...bundle, entry: [] })) : answer;
    });
    expect(tried(report)).toMatchObject([
      {
        verdict: 'unusable',
        why: expect.stringContaining('could end in two'),
        shown: { lagMs: null, foundBy: 'nothing' },
      },
    ]);
    expect(written().map(({ status }) => status)).toEqual(['entered-in-error']);
  });

  it('lets nobody search is usable, and a lost answer is said to stay in doubt', async () => {
    const report = await rehearsed(async (call, next) =>
      isSearch(call) ? new Response('no', { status: 403 }) : next(call.request),
    );
    expect(tried(report)).toMatchObject([
      {
        verdict: 'usable',
        remarks: expect.arrayContaining([expect.stringContaining('stays in doubt until somebody looks')]),
      },
    ]);
  });

  it.each([
    ['', (answer: Response) => answer],
    [', and whose answer is lost,', () => new Response(null, { status: 502 })],
  ])(
    'has a network that sends a request twice%s is not usable, and both copies are taken back',
    async (_, answered) => {
      const report = await rehearsed(async (call, next) => {
        if (isCreate(call)) {
          const headers = new Headers(call.request.headers);
          headers.delete('If-None-Exist');
          const again = new Request(call.request.clone(), { headers });
          await next(again);
          return answered(await next(new Request(call.request, { headers })));
        }
        return next(call.request);
      });
      expect(tried(report)).toMatchObject([{ verdict: 'unusable', why: 'the EHR made more than one of it' }]);
      expect(written().length).toBeGreaterThan(1);
      expect(written().every(({ status }) => status === 'entered-in-error')).toBe(true);
      expect(report.remains).toEqual([]);
    },
  );

  it('names another server as the place of it is looked through, and what it made is taken back', async () => {
    const report = await rehearsed(async (call, next) => {
      const answer = await next(call.request);
      if (!isCreate(call)) return answer;
      return new Response(null, {
        status: 201,
        headers: { Location: 'https://elsewhere.example/fhir/DocumentReference/1' },
      });
    });
    expect(tried(report)).toMatchObject([{ shown: { named: false } }]);
    expect(written().map(({ status }) => status)).toEqual(['entered-in-error']);
  });

  it('takes it, never answers, and never shows it: told as perhaps in the chart, and in the record as in doubt', async () => {
    const report = await rehearsed(async (call, next) => {
      if (isSearch(call)) return rewritten<Bundle>(await next(call.request), (bundle) => ({ ...bundle, entry: [] }));
      const answer = await next(call.request);
      return isCreate(call) ? new Promise<Response>(() => {}) : answer;
    });
    expect(tried(report)).toMatchObject([
      { verdict: 'unusable', why: expect.stringContaining('look in the chart for REHEARSAL') },
    ]);
    expect(report.doubtful).toEqual(['DocumentReference']);
    expect(recorded.map(({ type }) => type)).toEqual(['in-doubt']);
    expect(written()).toHaveLength(1);
  });

  it('X4: keeps a part of a transaction only is not usable', async () => {
    const report = await rehearsed(
      async (call, next) => {
        const answer = await next(call.request);
        return call.type === 'Provenance' && isSearch(call)
          ? rewritten<Bundle>(answer, (bundle) => ({ ...bundle, entry: [] }))
          : answer;
      },
      [{ write: 'Bundle' }],
    );
    expect(tried(report).map(({ verdict }) => verdict)).toEqual(['unusable', 'unusable']);
    expect(tried(report)[0]?.why).toMatch(/did not keep Provenance/);
  });

  it('X4: alters the assessment of a transaction is not usable, although the note came back whole', async () => {
    const report = await rehearsed(
      async (call, next) => {
        const answer = await next(call.request);
        return call.type === 'RiskAssessment' && isSearch(call)
          ? rewritten<Bundle>(answer, (bundle) => ({
              ...bundle,
              entry: (bundle.entry ?? []).map((entry) => ({
                ...entry,
                resource: { ...entry.resource, prediction: [{ probabilityDecimal: 0.9 }] } as never,
              })),
            }))
          : answer;
      },
      [{ write: 'Bundle' }],
    );
    expect(tried(report).map(({ verdict, why }) => [verdict, why])).toEqual([
      ['usable', 'every critical field came back'],
      ['unusable', 'the EHR did not keep RiskAssessment.prediction'],
    ]);
  });

  it('shows it once and then forgets it is not usable', async () => {
    const report = await rehearsed(async (call, next) =>
      call.request.method === 'GET' && call.rest !== '' && call.type === 'DocumentReference'
        ? new Response('{}', { status: 404 })
        : next(call.request),
    );
    expect(tried(report)).toMatchObject([{ verdict: 'unusable', why: 'it could not be read back' }]);
    // Nobody saw it as entered in error, so it is told as standing.
    expect(report.remains.length).toBeGreaterThan(0);
  });
});

it('interrupted, it finishes what is under way and takes it back, and tries nothing further', async () => {
  const stop = new AbortController();
  const report = await rehearsed(
    async (call, next) => {
      if (isCreate(call)) stop.abort();
      return next(call.request);
    },
    [{ write: 'Communication' }, { write: 'DocumentReference' }],
    { signal: stop.signal },
  );
  expect(tried(report).map(({ write, verdict, why }) => [write, verdict, why])).toEqual([
    ['Communication', 'usable', 'every critical field came back'],
    ['DocumentReference', 'not-tried', 'the rehearsal was interrupted first'],
  ]);
  expect(written('Communication').map(({ status }) => status)).toEqual(['entered-in-error']);
  expect(written()).toEqual([]);
});

it('a right to update that was not granted is not tried', async () => {
  const report = await rehearsed(async ({ request }, next) => next(request), [{ write: 'DocumentReference' }], {
    change: (launched) => ({
      ...launched,
      grants: (type, interaction) => interaction !== 'u' && launched.grants(type, 'c'),
    }),
  });
  expect(ehr.requests.map(({ method }) => method)).not.toContain('PUT');
  expect(report.correction?.state).toBe('confirmed');
});
