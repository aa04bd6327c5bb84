// @vitest-environment jsdom
/** A search that the EHR cut short is asked again by periods of time; what still may be missing is said. */
import fc from 'fast-check';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readInSlices } from '../../../client/pull/slices.ts';
import type { Answer } from '../../../client/pull.ts';
import type { Query } from '../../../models/engine/facts/queries.ts';

const origin = 'http://localhost:3000';
const base = `${origin}/l/launch-0123456789/fhir`;
const NOW = Date.parse('2026-11-23T00:00:00Z');
const DAY = 86_400_000;
const server = setupServer(http.get(`${base}/metadata`, () => HttpResponse.json({}, { status: 404 })));
let pull: typeof import('../../../client/pull.ts').pull;

beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'error' });
  vi.stubGlobal('FHIRCLIENT_PURE', true);
  ({ pull } = await import('../../../client/pull.ts'));
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const labs: Query = { id: 'laboratory', resourceType: 'Observation', params: {}, label: 'Laboratory results' };

interface Manners {
  /** Entries sent at most. */
  readonly most: number;
  readonly tells?: 'outcome' | 'total' | 'nothing';
  /** Answers searches by date with 400. */
  readonly refusesDates?: boolean;
}

/** An EHR that sends its oldest `most` results and no further page. `dates`: `undefined` for one without a date. */
function ehrThatCuts(dates: readonly (string | undefined)[], { most, tells = 'outcome', refusesDates }: Manners) {
  const asked: string[] = [];
  server.use(
    http.get(`${base}/Observation`, ({ request }) => {
      const { searchParams, search } = new URL(request.url);
      asked.push(search);
      const periods = searchParams.getAll('date');
      if (periods.length > 0 && refusesDates) return HttpResponse.json({}, { status: 400 });
      const matches = dates.flatMap((date, index) =>
        periods.every((period) => date !== undefined && holds(period, date)) ? [{ date, index }] : [],
      );
      const entry: unknown[] = matches.slice(0, most).map(({ date, index }) => ({
        resource: { resourceType: 'Observation', id: `o${index}`, ...(date && { effectiveDateTime: date }) },
      }));
      if (matches.length > most && tells === 'outcome')
        entry.push({
          resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'too-costly' }] },
        });
      const total = tells === 'total' ? { total: matches.length } : {};
      return HttpResponse.json({ resourceType: 'Bundle', ...total, entry });
    }),
  );
  return asked;
}

function holds(period: string, date: string): boolean {
  return period.startsWith('ge') ? date >= period.slice(2) : date < period.slice(2);
}

async function read(): Promise<Answer> {
  let last: Answer | undefined;
  await pull({
    origin,
    context: { launchId: 'launch-0123456789', patientId: 'p1', features: [] },
    queries: [labs],
    waiting: { now: () => NOW, random: () => 0, pause: async () => undefined },
    onAnswer: (answer) => {
      last = answer;
    },
  });
  if (!last) throw new Error('no answer');
  return last;
}

/** `count` days, one result each, the oldest first. */
const daily = (count: number) =>
  Array.from({ length: count }, (_, index) => new Date(NOW - (count - index) * 7 * DAY).toISOString().slice(0, 10));

describe('An answer that was cut short', () => {
  it('by the EHR’s word: every dated result is read, undated ones are said to be missing, no newer one can be', async () => {
    ehrThatCuts(daily(260), { most: 50 });
    const { resources, report } = await read();
    expect(resources).toHaveLength(260);
    expect(report).toMatchObject({
      state: 'incomplete',
      count: 260,
      reason: expect.stringContaining('without a date'),
    });
    expect(report.since?.text).toBe(daily(260)[0]);
  });

  it('by its total: when the count agrees in the end, nothing is missing', async () => {
    ehrThatCuts(daily(260), { most: 50, tells: 'total' });
    expect((await read()).report).toMatchObject({ state: 'read', count: 260 });
  });

  it('in silence, at exactly a hundred: asked whether there are more, and there were', async () => {
    ehrThatCuts(daily(260), { most: 100, tells: 'nothing' });
    expect((await read()).report).toMatchObject({ state: 'incomplete', count: 260 });
  });

  it('at exactly a hundred because there are no more: whole', async () => {
    ehrThatCuts(daily(100), { most: 1000, tells: 'nothing' });
    expect((await read()).report).toMatchObject({ state: 'read', count: 100 });
  });

  it('on a day with more results than one answer holds: still cut short, and said', async () => {
    ehrThatCuts(
      Array.from({ length: 200 }, () => '2026-11-01'),
      { most: 50 },
    );
    const { report } = await read();
    expect(report).toMatchObject({ state: 'incomplete', reason: 'the EHR cut the answer short' });
    expect(report.since).toBeUndefined();
  });

  it('of an EHR that takes no dates: what came is kept, and the cut is said', async () => {
    ehrThatCuts(daily(260), { most: 50, refusesDates: true });
    expect((await read()).report).toMatchObject({
      state: 'incomplete',
      count: 50,
      reason: 'the EHR cut the answer short',
    });
  });

  it('that was not cut asks nothing twice', async () => {
    const asked = ehrThatCuts(daily(40), { most: 50 });
    expect((await read()).report.state).toBe('read');
    expect(asked).toHaveLength(1);
  });
});

it('periods leave no day out, whatever the chart', async () => {
  const day = fc.integer({ min: 0, max: 40_000 }).map((days) => NOW - days * DAY);
  await fc.assert(
    fc.asyncProperty(fc.array(day, { maxLength: 120 }), fc.integer({ min: 20, max: 60 }), async (dates, most) => {
      const seen = new Set<number>();
      const texts = dates.map((at) => new Date(at).toISOString().slice(0, 10));
      const whole = await readInSlices({
        parameter: 'date',
        now: NOW,
        ask: async (further) => {
          const periods = new URLSearchParams(further).getAll('date');
          const found = texts.flatMap((text, index) => (periods.every((period) => holds(period, text)) ? [index] : []));
          for (const index of found.slice(0, most)) seen.add(index);
          return found.length > most;
        },
      });
      if (whole) expect(seen.size).toBe(dates.length);
    }),
  );
});
