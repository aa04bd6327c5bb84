// @vitest-environment jsdom
/** Of a long list the newest entries are enough to begin with; the others follow when Today stands, and nothing is lost. */
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../../client/pull.ts';
import type { Query } from '../../../models/engine/facts/queries.ts';

const origin = 'http://localhost:3000';
const base = `${origin}/l/launch-0123456789/fhir`;
const server = setupServer(http.get(`${base}/metadata`, () => HttpResponse.json({}, { status: 404 })));
let pull: typeof import('../../../client/pull.ts').pull;

beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'error' });
  vi.stubGlobal('FHIRCLIENT_PURE', true);
  ({ pull } = await import('../../../client/pull.ts'));
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const labs: Query = {
  id: 'laboratory',
  resourceType: 'Observation',
  params: {},
  label: 'Laboratory results',
  enough: 4,
};
const context = { launchId: 'launch-0123456789', patientId: 'p1', features: [] };

/** Pages of two results, the newest of 2026-11-20; `dates` may break their order. */
function ehrWith(dates: readonly string[]): { readonly pages: () => number } {
  let pages = 0;
  server.use(
    http.get(`${base}/Observation`, ({ request }) => {
      pages += 1;
      const from = Number(new URL(request.url).searchParams.get('from') ?? 0);
      const entry = dates.slice(from, from + 2).map((date, index) => ({
        resource: { resourceType: 'Observation', id: `o${from + index}`, effectiveDateTime: date },
      }));
      const more = from + 2 < dates.length;
      const link = more ? [{ relation: 'next', url: `${base}/Observation?from=${from + 2}` }] : [];
      return HttpResponse.json({ resourceType: 'Bundle', entry, link });
    }),
  );
  return { pages: () => pages };
}

const falling = ['2026-11-20', '2026-11-19', '2026-11-18', '2026-11-17', '2026-11-16', '2026-11-15', '2026-11-14'];

describe('A long list that comes newest first', () => {
  it('answers with what is enough, in hand down to its date, and is read on only when it is time', async () => {
    const ehr = ehrWith(falling);
    const answers: Answer[] = [];
    let readOn = (): void => undefined;
    const time = new Promise<void>((resolve) => {
      readOn = resolve;
    });
    const done = pull({ origin, context, queries: [labs], readOn: time, onAnswer: (answer) => answers.push(answer) });
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    expect(answers[0]?.report).toMatchObject({
      state: 'incomplete',
      count: 4,
      reason: 'older entries are still being read',
      since: { text: '2026-11-17' },
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ehr.pages()).toBe(2);
    readOn();
    await done;
    expect(answers[1]?.report).toMatchObject({ state: 'read', count: 7, pages: 4 });
    expect(answers[1]?.report.since).toBeUndefined();
  });

  it('does not wait for ever: what should say when never does', async () => {
    ehrWith(falling);
    const states: string[] = [];
    await pull({
      origin,
      context,
      queries: [labs],
      limits: { readOn: 20 },
      readOn: new Promise(() => undefined),
      onAnswer: ({ report }) => states.push(`${report.state} ${report.count}`),
    });
    expect(states).toEqual(['incomplete 4', 'read 7']);
  });

  it('that ends within what is enough answers once', async () => {
    ehrWith(falling.slice(0, 4));
    const states: string[] = [];
    await pull({ origin, context, queries: [labs], onAnswer: ({ report }) => states.push(report.state) });
    expect(states).toEqual(['read']);
  });
});

it('a list in another order promises nothing: a newer entry may be in what is still to come', async () => {
  ehrWith(['2026-11-16', '2026-11-19', '2026-11-18', '2026-11-17', '2026-11-20', '2026-11-15']);
  const answers: Answer[] = [];
  await pull({ origin, context, queries: [labs], limits: { readOn: 1 }, onAnswer: (answer) => answers.push(answer) });
  expect(answers[0]?.report).toMatchObject({ state: 'incomplete', count: 4 });
  expect(answers[0]?.report.since).toBeUndefined();
});

it('what is still to come may break off: what came is kept, and called incomplete', async () => {
  let pages = 0;
  server.use(
    http.get(`${base}/Observation`, () => {
      pages += 1;
      if (pages > 1) return HttpResponse.json({}, { status: 500 });
      const entry = [1, 2, 3, 4].map((n) => ({
        resource: { resourceType: 'Observation', id: `o${n}`, effectiveDateTime: `2026-11-0${9 - n}` },
      }));
      return HttpResponse.json({
        resourceType: 'Bundle',
        entry,
        link: [{ relation: 'next', url: `${base}/Observation?from=4` }],
      });
    }),
  );
  const answers: Answer[] = [];
  await pull({ origin, context, queries: [labs], limits: { readOn: 1 }, onAnswer: (answer) => answers.push(answer) });
  expect(answers.map(({ report }) => report.state)).toEqual(['incomplete', 'incomplete']);
  expect(answers[1]?.report).toMatchObject({ count: 4, reason: expect.stringContaining('500') });
});
