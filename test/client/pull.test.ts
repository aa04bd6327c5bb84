// @vitest-environment jsdom
/** Reading the chart: pages to the end, refusals by their name, and one failure never stops the rest. */
import { delay, HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer, PullRequest } from '../../client/pull.ts';
import { outcomeCodes } from '../../launch/vendors/index.ts';
import type { Query } from '../../models/engine/facts/queries.ts';

const origin = 'http://localhost:3000';
const base = `${origin}/l/launch-0123456789/fhir`;
/** An EHR that says nothing of itself; tests that need a CapabilityStatement answer before this one. */
const server = setupServer(http.get(`${base}/metadata`, () => HttpResponse.json({}, { status: 404 })));
let pull: typeof import('../../client/pull.ts').pull;
let openEhr: typeof import('../../client/pull.ts').openEhr;

beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'error' });
  vi.stubGlobal('FHIRCLIENT_PURE', true);
  // fhirclient keeps the `fetch` it finds when it is first loaded.
  ({ pull, openEhr } = await import('../../client/pull.ts'));
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const labs: Query = {
  id: 'laboratory',
  resourceType: 'Observation',
  params: { category: 'laboratory' },
  label: 'Laboratory results',
};
const problems: Query = { id: 'conditions', resourceType: 'Condition', params: {}, label: 'Problems' };
const context: PullRequest['context'] = { launchId: 'launch-0123456789', patientId: 'p1', features: [] };

async function pulled(queries: readonly Query[], more: Partial<PullRequest> = {}): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  await pull({ origin, context, queries, onAnswer: (answer) => answers.set(answer.query.id, answer), ...more });
  return answers;
}

const observation = (id: string, lastUpdated?: string) => ({
  resource: { resourceType: 'Observation', id, ...(lastUpdated ? { meta: { lastUpdated } } : {}) },
  search: { mode: 'match' },
});
const bundle = (entry: readonly unknown[], next?: string) => ({
  resourceType: 'Bundle',
  entry,
  link: next ? [{ relation: 'next', url: next }] : [],
});

describe('A source is read to its end', () => {
  it('follows every next link, with the launch on every request, and keeps the newest of a repeated resource', async () => {
    const launches: (string | null)[] = [];
    server.use(
      http.get(`${base}/Observation`, ({ request }) => {
        launches.push(request.headers.get('X-Launch'));
        const page = new URL(request.url).searchParams.get('page');
        if (page === '2')
          return HttpResponse.json(bundle([observation('b', '2026-02-01T00:00:00Z'), observation('c')]));
        return HttpResponse.json(
          bundle([observation('a'), observation('b', '2026-01-01T00:00:00Z')], `${base}/Observation?page=2`),
        );
      }),
    );
    const answer = (await pulled([labs])).get('laboratory');
    expect(answer?.report).toMatchObject({ state: 'read', count: 3, pages: 2 });
    expect(launches).toEqual(['launch-0123456789', 'launch-0123456789']);
    expect(answer?.resources).toContainEqual(
      expect.objectContaining({ id: 'b', meta: { lastUpdated: '2026-02-01T00:00:00Z' } }),
    );
  });

  it('stops at a page that repeats itself, and calls the answer incomplete', async () => {
    server.use(
      http.get(`${base}/Observation`, () => HttpResponse.json(bundle([observation('a')], `${base}/Observation?again`))),
    );
    const report = (await pulled([labs])).get('laboratory')?.report;
    expect(report).toMatchObject({ state: 'incomplete', count: 1 });
    expect(report?.reason).toContain('repeated a page');
  });

  it('never fetches a page from another host', async () => {
    let asked = 0;
    server.use(
      http.get(`${base}/Observation`, () =>
        HttpResponse.json(bundle([observation('a')], 'https://elsewhere.example/page')),
      ),
      http.get('https://elsewhere.example/page', () => {
        asked += 1;
        return HttpResponse.json(bundle([observation('b')]));
      }),
    );
    expect((await pulled([labs])).get('laboratory')?.report).toMatchObject({ state: 'incomplete', count: 1 });
    expect(asked).toBe(0);
  });

  it('an OperationOutcome inside a 200 means that part is missing', async () => {
    const warned = {
      resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'incomplete' }] },
    };
    server.use(http.get(`${base}/Observation`, () => HttpResponse.json(bundle([observation('a'), warned]))));
    expect((await pulled([labs])).get('laboratory')?.report).toMatchObject({ state: 'incomplete', count: 1 });
  });

  it('an empty Bundle is "asked, none", not a failure', async () => {
    server.use(http.get(`${base}/Observation`, () => HttpResponse.json(bundle([]))));
    expect((await pulled([labs])).get('laboratory')?.report).toMatchObject({ state: 'empty', count: 0 });
  });

  it('asks the wide question when the server refuses the narrow one as asked', async () => {
    const narrow: Query = {
      ...labs,
      params: { category: 'laboratory', code: '2160-0' },
      fallback: { category: 'laboratory' },
    };
    server.use(
      http.get(`${base}/Observation`, ({ request }) =>
        new URL(request.url).searchParams.has('code')
          ? HttpResponse.json({ resourceType: 'OperationOutcome' }, { status: 400 })
          : HttpResponse.json(bundle([observation('a')])),
      ),
    );
    expect((await pulled([narrow])).get('laboratory')?.report).toMatchObject({ state: 'read', count: 1 });
  });
});

describe('What could not be read has its own name', () => {
  it('403 is refused, never "none found", and the other sources go on', async () => {
    server.use(
      http.get(`${base}/Observation`, () => HttpResponse.json({ resourceType: 'OperationOutcome' }, { status: 403 })),
      http.get(`${base}/Condition`, () =>
        HttpResponse.json(bundle([{ resource: { resourceType: 'Condition', id: 'x' } }])),
      ),
    );
    const answers = await pulled([labs, problems]);
    expect(answers.get('laboratory')?.report).toMatchObject({ state: 'refused', count: 0 });
    expect(answers.get('laboratory')?.report.reason).toContain('restricted in the EHR');
    expect(answers.get('conditions')?.report.state).toBe('read');
  });

  it('what was not granted is not asked for at all', async () => {
    const features = [{ id: 'Laboratory results', available: false, reason: 'not granted: patient/Observation.rs' }];
    // No handler: a request would fail the test.
    const answers = await pulled([labs], { context: { ...context, features } });
    expect(answers.get('laboratory')?.report).toMatchObject({
      state: 'not-asked',
      pages: 0,
      reason: 'not granted: patient/Observation.rs',
    });
  });

  it('a server error is a failure; what came before it is kept and called incomplete', async () => {
    server.use(
      http.get(`${base}/Observation`, ({ request }) =>
        request.url.includes('page=2')
          ? HttpResponse.text('boom', { status: 502 })
          : HttpResponse.json(bundle([observation('a')], `${base}/Observation?page=2`)),
      ),
      http.get(`${base}/Condition`, () => HttpResponse.text('boom', { status: 500 })),
    );
    const answers = await pulled([labs, problems]);
    expect(answers.get('laboratory')?.report).toMatchObject({ state: 'incomplete', count: 1 });
    expect(answers.get('conditions')?.report).toMatchObject({ state: 'failed', reason: 'the EHR answered 500' });
  });

  it('a source that hangs is called slow, then given up, while the others have answered', async () => {
    server.use(
      http.get(`${base}/Observation`, async () => {
        await delay('infinite');
      }),
      http.get(`${base}/Condition`, () => HttpResponse.json(bundle([]))),
    );
    const slow: string[] = [];
    const answers = await pulled([labs, problems], {
      limits: { soft: 20, hard: 120 },
      onSlow: ({ id }) => slow.push(id),
    });
    expect(slow).toEqual(['laboratory']);
    expect(answers.get('laboratory')?.report.state).toBe('failed');
    expect(answers.get('conditions')?.report.state).toBe('empty');
  });
});

/** A CapabilityStatement that offers these types. */
const statement = (types: readonly string[], fhirVersion = '4.0.1') => ({
  resourceType: 'CapabilityStatement',
  fhirVersion,
  rest: [{ mode: 'server', resource: types.map((type) => ({ type, interaction: [{ code: 'search-type' }] })) }],
});
const outcome = (issue: object) => ({ resourceType: 'OperationOutcome', issue: [issue] });
const brief = { pause: () => Promise.resolve() };

describe('What the EHR offers is asked beside the first round, not before it', () => {
  it('a statement that never comes delays nothing', async () => {
    server.use(
      http.get(`${base}/metadata`, () => delay('infinite')),
      http.get(`${base}/Observation`, () => HttpResponse.json(bundle([observation('a')]))),
    );
    const started = performance.now();
    expect((await pulled([labs])).get('laboratory')?.report.state).toBe('read');
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('a type that the EHR does not list is "not offered", in its own words, and is not asked for again', async () => {
    const reported: Query = {
      id: 'medication-statements',
      resourceType: 'MedicationStatement',
      params: {},
      label: 'Reported medicines',
    };
    let asked = 0;
    server.use(
      http.get(`${base}/metadata`, () => HttpResponse.json(statement(['Observation']))),
      http.get(`${base}/MedicationStatement`, () => {
        asked += 1;
        return HttpResponse.json({ resourceType: 'OperationOutcome' }, { status: 404 });
      }),
    );
    const ehr = openEhr({ origin, context });
    for (const _ of [1, 2]) {
      const reports: Answer['report'][] = [];
      await ehr.pull([reported], { onAnswer: ({ report }) => reports.push(report) });
      expect(reports).toEqual([
        expect.objectContaining({
          state: 'not-asked',
          reason: 'the EHR does not offer reported medicines (MedicationStatement)',
        }),
      ]);
    }
    expect(asked).toBe(1);
  });

  it('404 for a type that the EHR does list stays a failure', async () => {
    server.use(
      http.get(`${base}/metadata`, () => HttpResponse.json(statement(['Observation']))),
      http.get(`${base}/Observation`, () => HttpResponse.json({}, { status: 404 })),
    );
    expect((await pulled([labs])).get('laboratory')?.report).toMatchObject({
      state: 'failed',
      reason: 'the EHR answered 404',
    });
  });

  it.each(['3.0.2', '1.0.2', '5.0.0'])(
    'FHIR %s is refused in clear text, also for what had already arrived',
    async (version) => {
      server.use(
        http.get(`${base}/metadata`, async () => {
          await delay(60);
          return HttpResponse.json(statement(['Observation'], version));
        }),
        http.get(`${base}/Observation`, () => HttpResponse.json(bundle([observation('a')]))),
        http.get(`${base}/Condition`, () => delay('infinite')),
      );
      const unsupported: string[] = [];
      const answers = await pulled([labs, problems], {
        limits: { hard: 2_000 },
        onUnsupported: (reason) => unsupported.push(reason),
      });
      expect(unsupported).toEqual([expect.stringContaining(`speaks FHIR ${version}; Attune reads R4 only`)]);
      for (const id of ['laboratory', 'conditions']) {
        expect(answers.get(id)?.report).toMatchObject({ state: 'refused', count: 0, reason: unsupported[0] });
        expect(answers.get(id)?.resources).toEqual([]);
      }
    },
  );

  it.each(['4.0.1', '4.3.0', '4.0.0'])('FHIR %s is read', async (version) => {
    server.use(
      http.get(`${base}/metadata`, () => HttpResponse.json(statement(['Observation'], version))),
      http.get(`${base}/Observation`, () => HttpResponse.json(bundle([observation('a')]))),
    );
    expect((await pulled([labs])).get('laboratory')?.report.state).toBe('read');
  });
});

describe('A question that is refused is asked another way', () => {
  it('without what only shapes the answer, then category by category, and says that others may be missing', async () => {
    const asked: string[] = [];
    server.use(
      http.get(`${base}/Condition`, ({ request }) => {
        const { searchParams } = new URL(request.url);
        searchParams.delete('patient');
        asked.push(searchParams.toString());
        const category = searchParams.get('category');
        return category === null
          ? HttpResponse.json(outcome({ severity: 'fatal', code: 'required' }), { status: 400 })
          : HttpResponse.json(bundle([{ resource: { resourceType: 'Condition', id: category } }]));
      }),
    );
    const answers = await pulled([{ ...problems, params: { _count: '100' } }]);
    expect(asked).toEqual([
      '_count=100',
      '',
      'category=problem-list-item',
      'category=encounter-diagnosis',
      'category=health-concern',
    ]);
    expect(answers.get('conditions')?.report).toMatchObject({ state: 'incomplete', count: 3 });
    expect(answers.get('conditions')?.report.reason).toContain('only asked by category');
  });

  it('a page that is too large is asked for in smaller ones', async () => {
    const counts: (string | null)[] = [];
    server.use(
      http.get(`${base}/Condition`, ({ request }) => {
        const count = new URL(request.url).searchParams.get('_count');
        counts.push(count);
        return Number(count) > 10
          ? HttpResponse.json(outcome({ severity: 'error', code: 'too-long' }), { status: 502 })
          : HttpResponse.json(bundle([{ resource: { resourceType: 'Condition', id: 'x' } }]));
      }),
    );
    const answers = await pulled([{ ...problems, params: { _count: '100' } }]);
    expect(counts).toEqual(['100', '20', '10']);
    expect(answers.get('conditions')?.report.state).toBe('read');
  });

  it('is not asked again after 403: break-the-glass is the clinician’s to break', async () => {
    let asked = 0;
    server.use(
      http.get(`${base}/Observation`, () => {
        asked += 1;
        return HttpResponse.json(outcome({ severity: 'fatal', code: 'suppressed' }), { status: 403 });
      }),
    );
    const narrow = { ...labs, fallback: { category: 'laboratory' } };
    expect((await pulled([narrow])).get('laboratory')?.report.state).toBe('refused');
    expect(asked).toBe(1);
  });
});

describe('Three kinds of 403, none of them "none found"', () => {
  it.each([
    ['suppressed', 'sensitive record'],
    ['security', 'sensitive record'],
    ['forbidden', 'this app or this account may not read it'],
    ['unknown', 'this account may not read it, or the record needs break-the-glass'],
  ])('%s', async (code, words) => {
    server.use(
      http.get(`${base}/Observation`, () =>
        HttpResponse.json(outcome({ severity: 'error', code, diagnostics: 'Peter Sensitive, ward 3' }), {
          status: 403,
        }),
      ),
    );
    const report = (await pulled([labs])).get('laboratory')?.report;
    expect(report).toMatchObject({ state: 'refused', reason: expect.stringContaining('restricted in the EHR (403)') });
    expect(report?.reason).toContain(words);
    expect(report?.reason).not.toContain('Sensitive, ward');
  });

  it('an answer of 200 from which everything was withheld is refused as well', async () => {
    const withheld = {
      search: { mode: 'outcome' },
      resource: outcome({ severity: 'information', code: 'suppressed' }),
    };
    server.use(http.get(`${base}/Observation`, () => HttpResponse.json(bundle([withheld]))));
    expect((await pulled([labs])).get('laboratory')?.report).toMatchObject({
      state: 'refused',
      reason: 'part of it is restricted in the EHR',
    });
  });
});

it('what our own server refused for want of a scope was not asked of the EHR, and is called that', async () => {
  const coding = [{ system: 'urn:attune:relay', code: 'not-granted' }];
  server.use(
    http.get(`${base}/Observation`, () =>
      HttpResponse.json(outcome({ severity: 'error', code: 'forbidden', details: { coding } }), { status: 403 }),
    ),
  );
  const answers = await pulled([labs], { context: { ...context, outcomeCodes: outcomeCodes() } });
  expect(answers.get('laboratory')?.report).toMatchObject({
    state: 'not-asked',
    reason: 'not granted: patient/Observation.rs',
  });
});

describe('A busy EHR', () => {
  it('is asked again when it said so, and not while it said to wait', async () => {
    const waits: number[] = [];
    let asked = 0;
    server.use(
      http.get(`${base}/Observation`, () => {
        asked += 1;
        return asked < 3
          ? HttpResponse.json(outcome({ severity: 'error', code: 'throttled' }), {
              status: 429,
              headers: { 'Retry-After': '2' },
            })
          : HttpResponse.json(bundle([observation('a')]));
      }),
    );
    const pause = async (ms: number) => void waits.push(ms);
    const answers = await pulled([labs], { waiting: { pause, random: () => 0 } });
    expect(answers.get('laboratory')?.report.state).toBe('read');
    expect(waits[0]).toBe(2_000);
  });

  it('that asks for longer than the clinician can wait is left alone, and its wish is said', async () => {
    let asked = 0;
    server.use(
      http.get(`${base}/Observation`, () => {
        asked += 1;
        return HttpResponse.json({}, { status: 503, headers: { 'Retry-After': '120' } });
      }),
    );
    const report = (await pulled([labs], { waiting: brief })).get('laboratory')?.report;
    expect(report).toMatchObject({ state: 'failed', reason: 'the EHR is busy (503) and asks to wait 120 s' });
    expect(asked).toBe(1);
  });

  it('that never stops being busy is asked four times in all', async () => {
    let asked = 0;
    server.use(
      http.get(`${base}/Observation`, () => {
        asked += 1;
        return HttpResponse.json({}, { status: 429 });
      }),
    );
    expect((await pulled([labs], { waiting: brief })).get('laboratory')?.report.state).toBe('failed');
    expect(asked).toBe(4);
  });

  it('a circle of pages under ever new addresses is left after three that bring nothing', async () => {
    let asked = 0;
    server.use(
      http.get(`${base}/Observation`, () => {
        asked += 1;
        return HttpResponse.json(bundle([observation('a')], `${base}/Observation?cursor=${asked}`));
      }),
    );
    const report = (await pulled([labs])).get('laboratory')?.report;
    expect(report).toMatchObject({ state: 'incomplete', count: 1, reason: 'the EHR repeated a page' });
    expect(asked).toBe(4);
  });

  it('a launch that has used up its reads asks no more, whatever it would still need', async () => {
    let asked = 0;
    server.use(
      http.get(`${base}/Observation`, () => {
        asked += 1;
        return HttpResponse.json(bundle([observation(`o${asked}`)], `${base}/Observation?cursor=${asked}`));
      }),
    );
    const report = (await pulled([labs], { limits: { requests: 6 } })).get('laboratory')?.report;
    expect(report).toMatchObject({ state: 'incomplete', reason: expect.stringContaining('used up the reads') });
    expect(asked).toBeLessThanOrEqual(6);
  });
});

describe('The report of a source', () => {
  it('that is whole stays free of what the EHR says to every answer; that is handed on beside it', async () => {
    const coding = [{ system: 'urn:oid:1.2.840.114350.1.13.0.1.7.2.657369', code: '4119' }];
    const notice = { resource: outcome({ severity: 'warning', code: 'processing', details: { coding } }) };
    server.use(http.get(`${base}/Observation`, () => HttpResponse.json(bundle([observation('a'), notice]))));
    const known = { context: { ...context, outcomeCodes: outcomeCodes() } };
    const answer = (await pulled([labs], known)).get('laboratory');
    expect(answer?.report).toEqual({ id: 'laboratory', state: 'read', count: 1, pages: 1 });
    expect(answer?.remarks).toEqual([expect.stringContaining('may hold more')]);
  });

  it('names the oldest date that arrived', async () => {
    const dated = (id: string, effectiveDateTime: string) => ({
      resource: { resourceType: 'Observation', id, effectiveDateTime },
    });
    server.use(
      http.get(`${base}/Observation`, () =>
        HttpResponse.json(bundle([dated('a', '2026-03-01'), dated('b', '2019-05'), dated('c', 'last spring')])),
      ),
    );
    expect((await pulled([labs])).get('laboratory')?.report.oldest?.text).toBe('2019-05');
  });

  it('an entry without its content is something missing', async () => {
    server.use(http.get(`${base}/Observation`, () => HttpResponse.json(bundle([{ fullUrl: 'urn:x' }]))));
    expect((await pulled([labs])).get('laboratory')?.report).toMatchObject({
      state: 'incomplete',
      reason: 'an entry arrived without its content',
    });
  });

  it('a medicine named by reference is read once for all that name it; one that cannot be read is said', async () => {
    const prescription = (id: string, medicine: string) => ({
      resource: { resourceType: 'MedicationRequest', id, medicationReference: { reference: `Medication/${medicine}` } },
    });
    let asked = 0;
    server.use(
      http.get(`${base}/MedicationRequest`, () =>
        HttpResponse.json(bundle([prescription('r1', 'm1'), prescription('r2', 'm1'), prescription('r3', 'gone')])),
      ),
      http.get(`${base}/Medication/m1`, () => {
        asked += 1;
        return HttpResponse.json({ resourceType: 'Medication', id: 'm1' });
      }),
      http.get(`${base}/Medication/gone`, () => HttpResponse.json({}, { status: 404 })),
    );
    const medications: Query = {
      id: 'medications',
      resourceType: 'MedicationRequest',
      params: {},
      label: 'Prescriptions',
    };
    const answer = (await pulled([medications])).get('medications');
    expect(asked).toBe(1);
    expect(answer?.report).toMatchObject({ state: 'incomplete', count: 4, pages: 1 });
    expect(answer?.report.reason).toBe('medicines named by a reference that could not be read: 1');
  });
});
