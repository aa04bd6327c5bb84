// @vitest-environment jsdom
/** Reading the chart: pages to the end, refusals by their name, and one failure never stops the rest. */
import { delay, HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer, PullRequest } from '../../client/pull.ts';
import type { Query } from '../../models/engine/facts/queries.ts';

const origin = 'http://localhost:3000';
const base = `${origin}/l/launch-0123456789/fhir`;
const server = setupServer();
let pull: (request: PullRequest) => Promise<void>;

beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'error' });
  vi.stubGlobal('FHIRCLIENT_PURE', true);
  // fhirclient keeps the `fetch` it finds when it is first loaded.
  ({ pull } = await import('../../client/pull.ts'));
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
