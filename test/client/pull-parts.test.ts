/** The parts of the pull that need no network: ways of asking, words of an outcome, patience. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadFailure } from '../../client/pull/failure.ts';
import { gather } from '../../client/pull/gathered.ts';
import { readOffers } from '../../client/pull/offers.ts';
import { meaningsOf } from '../../client/pull/outcome.ts';
import { questionsOf } from '../../client/pull/questions.ts';
import { createReader, retryAfterOf, type Waiting } from '../../client/pull/reader.ts';
import { outcomeCodes } from '../../launch/vendors/index.ts';
import { firstRound, type Query } from '../../models/engine/facts/queries.ts';

const EPIC = 'urn:oid:1.2.840.114350.1.13.5325.1.7.2.657369';
const coded = (severity: string, code: string, system = EPIC) => ({
  issue: [{ severity, code: 'processing', details: { coding: [{ system, code }], text: 'as the EHR says it' } }],
});
const meaning = (outcome: Record<string, unknown>) => meaningsOf(outcome, outcomeCodes())[0];

describe('What an outcome among the entries means', () => {
  it.each([
    ['information', '59133', 'truncated'],
    ['information', '4134', 'restricted'],
    ['warning', '4101', 'nothing-found'],
    ['warning', '4119', 'view-limited'],
    ['fatal', '4127', 'truncated'],
    ['fatal', '4135', 'try-later'],
    ['warning', '59205', 'not-authorised'],
  ])('Epic’s %s %s is %s', (severity, code, expected) => {
    expect(meaning(coded(severity, code))).toBe(expected);
  });

  it('the same number of another vendor is no more than its severity', () => {
    expect(meaning(coded('warning', '4119', 'urn:oid:1.2.3'))).toBe('incomplete');
    expect(meaning(coded('information', '59133', 'urn:oid:1.2.3'))).toBe('note');
  });

  it('every warning, error and unknown severity of an unknown server is incompleteness', () => {
    for (const severity of ['warning', 'error', 'fatal', undefined, 7])
      expect(meaning({ issue: [{ severity, code: 'processing' }] })).toBe('incomplete');
  });

  it('an outcome that says nothing is incompleteness', () => {
    expect(meaning({})).toBe('incomplete');
    expect(meaning({ issue: 'all of it' })).toBe('incomplete');
  });

  it('no JSON makes it throw', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('issue', 'code', 'severity'), fc.jsonValue()), (outcome) => {
        expect(meaningsOf(outcome, outcomeCodes()).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('Pages of any JSON', () => {
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record({
      resourceType: fc.constant('Bundle'),
      entry: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record({
            resource: fc.oneof(
              fc.jsonValue(),
              fc.dictionary(
                fc.constantFrom('id', 'meta', 'resourceType', 'issue', 'effectiveDateTime'),
                fc.jsonValue(),
              ),
            ),
          }),
        ),
      ),
    }),
  );

  it('are taken in without a crash, and what is no resource leaves its reason', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 4 }), (bodies) => {
        const gathered = gather(outcomeCodes());
        for (const one of bodies) gathered.take(one);
        gathered.oldest();
        const entries = bodies.flatMap((one) => entriesOf(one));
        const resources = entries.filter((one) => isObject(one) && typeof (one as Named).resourceType === 'string');
        expect(gathered.resources.length).toBeLessThanOrEqual(resources.length);
        if (resources.length < entries.length) expect(gathered.missing.size).toBeGreaterThan(0);
      }),
    );
  });

  type Named = { readonly resourceType?: unknown };
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  function entriesOf(one: unknown): unknown[] {
    if (!isObject(one)) return [undefined];
    const { resourceType, entry } = one as { resourceType?: unknown; entry?: unknown };
    if (resourceType !== 'Bundle') return [one];
    if (entry === undefined) return [];
    return Array.isArray(entry)
      ? entry.map((item) => (isObject(item) ? (item as { resource?: unknown }).resource : undefined))
      : [undefined];
  }
});

describe('The ways of asking', () => {
  it('of every first-round query start with the narrow one and never end in fewer entries', () => {
    for (const query of firstRound()) {
      const [narrow, ...wider] = questionsOf(query);
      expect(narrow?.searches).toEqual([query.params]);
      for (const { searches } of wider)
        for (const params of searches)
          for (const [name, value] of Object.entries(params))
            if (name !== 'category') expect(query.params[name], `${query.id} ${name}`).toBe(value);
    }
  });

  it('leave out the code filter where the EHR declares none', () => {
    const query: Query = {
      id: 'laboratory',
      resourceType: 'Observation',
      label: 'Laboratory results',
      params: { category: 'laboratory', code: '2160-0', _sort: '-date,_id' },
      fallback: { category: 'laboratory', _sort: '-date,_id' },
    };
    const declared = (names: readonly string[]) =>
      readOffers({
        resourceType: 'CapabilityStatement',
        rest: [{ mode: 'server', resource: [{ type: 'Observation', searchParam: names.map((name) => ({ name })) }] }],
      });
    expect(questionsOf(query, declared(['patient', 'category', 'date']))[0]?.searches).toEqual([query.fallback]);
    expect(questionsOf(query, declared(['patient', 'category', 'code']))[0]?.searches).toEqual([query.params]);
    expect(questionsOf(query, declared([]))[0]?.searches, 'a statement without parameters says nothing').toEqual([
      query.params,
    ]);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  it.each<[string | null, number | undefined]>([
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    [null, undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-11-22', undefined],
  ])('%s', (header, expected) => {
    expect(retryAfterOf(header, now)).toBe(expected);
  });
});

describe('Patience with a busy server', () => {
  const budget = { requests: 100, retries: 3, retriesPerLaunch: 5, backoff: 500 };
  const busy = (retryAfter?: number) => new ReadFailure('status', { status: 429, retryAfter });
  function clock(): Waiting & { readonly waited: number[] } {
    let at = 0;
    const waited: number[] = [];
    return {
      waited,
      now: () => at,
      random: () => 0.5,
      pause: async (ms) => {
        waited.push(ms);
        at += ms;
      },
    };
  }
  const patience = (deadline: number) => ({ signal: new AbortController().signal, deadline });

  it('grows from pause to pause and is never the same for two clients', async () => {
    const waiting = clock();
    const read = createReader(() => Promise.reject(busy()), budget, waiting);
    await expect(read('x', patience(30_000))).rejects.toMatchObject({ status: 429 });
    expect(waiting.waited).toEqual([250, 500, 1_000]);
  });

  it('ends with the query: no pause goes past its deadline', async () => {
    const waiting = clock();
    const read = createReader(() => Promise.reject(busy()), budget, waiting);
    await expect(read('x', patience(600))).rejects.toMatchObject({ status: 429 });
    expect(waiting.waited).toEqual([250]);
  });

  it('is shared: what one read was told to wait, the next one waits too', async () => {
    const waiting = clock();
    const asked: [string, number][] = [];
    const read = createReader(
      (url) => {
        asked.push([url, waiting.now()]);
        return asked.length === 1 ? Promise.reject(busy(4_000)) : Promise.resolve('ok');
      },
      { ...budget, retries: 0 },
      waiting,
    );
    await expect(read('a', patience(30_000))).rejects.toBeInstanceOf(ReadFailure);
    await read('b', patience(30_000));
    expect(asked).toEqual([
      ['a', 0],
      ['b', 4_000],
    ]);
  });

  it('of a launch is used up', async () => {
    const waiting = clock();
    let asked = 0;
    const read = createReader(
      () => {
        asked += 1;
        return Promise.reject(busy());
      },
      budget,
      waiting,
    );
    for (const url of ['a', 'b', 'c', 'd']) await expect(read(url, patience(1e9))).rejects.toBeInstanceOf(ReadFailure);
    expect(asked).toBe(4 + budget.retriesPerLaunch);
  });

  it.each([400, 401, 403, 404, 500, 502])('is for 429 and 503 only: %i is not asked again', async (status) => {
    let asked = 0;
    const read = createReader(
      () => {
        asked += 1;
        return Promise.reject(new ReadFailure('status', { status }));
      },
      budget,
      clock(),
    );
    await expect(read('x', patience(30_000))).rejects.toMatchObject({ status });
    expect(asked).toBe(1);
  });
});
