// @vitest-environment jsdom
/** A result filed without a category: a search by category passes it by, and it is found before it is called absent. */
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as state from '../../../client/state.ts';
import { ANALYTES } from '../../../models/engine/facts/analytes.ts';
import { firstRound } from '../../../models/engine/facts/queries.ts';
import { uncategorised } from '../../../models/engine/facts/uncategorised.ts';
import type { Library } from '../../../models/engine/library.ts';
import { contextOf } from '../scene.ts';

const origin = 'http://localhost:3000';
const base = `${origin}/l/launch-0123456789/fhir`;
const server = setupServer();
let startRound: typeof import('../../../client/round.ts').startRound;

beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'error' });
  vi.stubGlobal('FHIRCLIENT_PURE', true);
  ({ startRound } = await import('../../../client/round.ts'));
});
afterEach(() => {
  server.resetHandlers();
  state.wipe();
});
afterAll(() => server.close());

const result = (id: string, loinc: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-11-20',
  valueQuantity: { value: 5.8, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
  ...more,
});
const bundle = (...resources: readonly object[]) =>
  HttpResponse.json({ resourceType: 'Bundle', entry: resources.map((resource) => ({ resource })) });
const POTASSIUM = result('k', '2823-3');
const SODIUM = result('na', '2951-2', {
  category: [{ coding: [{ code: 'laboratory' }] }],
  valueQuantity: { value: 140, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
});

/** An EHR with a sodium among the laboratory results and a potassium that has no category; `without` answers searches by code alone. */
function ehr(options: { without: (codes: readonly string[]) => Response; parameters?: readonly string[] }) {
  const asked: string[] = [];
  const { without, parameters } = options;
  server.use(
    http.get(`${base}/metadata`, () =>
      parameters
        ? HttpResponse.json({
            resourceType: 'CapabilityStatement',
            fhirVersion: '4.0.1',
            rest: [
              {
                mode: 'server',
                resource: [
                  { type: 'Observation', searchParam: parameters.map((name) => ({ name })) },
                  { type: 'Patient' },
                ],
              },
            ],
          })
        : HttpResponse.json({}, { status: 404 }),
    ),
    http.get(`${base}/Patient/p1`, () => HttpResponse.json({ resourceType: 'Patient', id: 'p1', gender: 'male' })),
    http.get(`${base}/Observation`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      if (searchParams.has('category'))
        return searchParams.get('category') === 'laboratory' ? bundle(SODIUM) : bundle();
      asked.push(request.url);
      return without((searchParams.get('code') ?? '').split(','));
    }),
    http.get(`${base}/:type`, () => bundle()),
  );
  return asked;
}

async function read() {
  const context = contextOf('p1');
  state.context.value = context;
  state.expect(firstRound());
  const round = startRound({
    origin,
    context,
    knowledge: new Promise<Library>(() => undefined),
    onUnsupported: () => undefined,
  });
  await round.answered;
  const before = round.reading().facts;
  round.readOn();
  await Promise.all([round.readBehind(), round.finished]);
  const source = state.sources.value.find(({ report }) => report.id === 'uncategorised');
  return { before, after: round.reading().facts, source };
}

describe('Results that no category brings', () => {
  it('are not asked for where results were refused: what may not be read is not tried by another way', async () => {
    const asked = ehr({ without: () => bundle(POTASSIUM) });
    server.use(
      http.get(`${base}/Observation`, ({ request }) => {
        if (new URL(request.url).searchParams.has('category')) return HttpResponse.json({}, { status: 403 });
        asked.push(request.url);
        return bundle(POTASSIUM);
      }),
    );
    const { after, source } = await read();
    expect(asked).toEqual([]);
    expect(source).toBeUndefined();
    expect(after.observation.potassium).toBeUndefined();
  });

  it('are asked for by code behind the first round, and read like any other', async () => {
    const asked = ehr({ without: (codes) => (codes.includes('2823-3') ? bundle(POTASSIUM) : bundle()) });
    const { before, after, source } = await read();
    expect(before.observation.potassium).toBeUndefined();
    expect(after.observation.potassium).toMatchObject([{ value: 5.8, unit: 'mmol/L', source: 'Observation/k' }]);
    expect(source).toMatchObject({
      label: 'Results filed without a category',
      report: { state: 'read', behind: true },
    });
    expect(asked).toHaveLength(1);
    // What came by category is not asked for again.
    expect(new URL(asked[0] ?? '').searchParams.get('code')?.split(',')).not.toContain('2951-2');
  });

  it('that the EHR has none of are no failure', async () => {
    ehr({ without: () => bundle() });
    expect((await read()).source?.report).toMatchObject({ state: 'empty', behind: true });
  });

  it.each([
    [400, 2],
    [403, 1],
    [422, 2],
  ])('are no failure where the EHR answers %i, and the reason is said', async (status, times) => {
    const asked = ehr({ without: () => HttpResponse.json({ resourceType: 'OperationOutcome' }, { status }) });
    const { after, source } = await read();
    // Once as it stands and, where it may be the order that was disliked, once without.
    expect(asked).toHaveLength(times);
    expect(source?.report).toMatchObject({
      state: 'not-asked',
      reason: 'this EHR is searched by category only; results that it files without one are not here',
    });
    expect(after.observation.sodium).toHaveLength(1);
  });

  it('are not asked for where the EHR lists its parameters and a code is not among them', async () => {
    const asked = ehr({ without: () => bundle(POTASSIUM), parameters: ['patient', 'category', 'date'] });
    expect((await read()).source?.report).toMatchObject({ state: 'not-asked' });
    expect(asked).toEqual([]);
  });

  it('that break off are called failed, and can be asked for again', async () => {
    ehr({ without: () => HttpResponse.json({}, { status: 500 }) });
    expect((await read()).source?.report).toMatchObject({ state: 'failed', behind: true });
  });

  it('are each read once where an EHR minds neither code nor category', async () => {
    ehr({ without: () => bundle(SODIUM, POTASSIUM) });
    const { after } = await read();
    expect(after.observation.sodium).toHaveLength(1);
    expect(after.observation.potassium).toHaveLength(1);
  });
});

describe('The question', () => {
  const codes = (resources: readonly unknown[]) => uncategorised(resources)?.params.code?.split(',') ?? [];

  it('leaves out every code of a measurement that has come, also as part of a panel', () => {
    const panel = { ...result('bp', '85354-9'), component: [result('', '8480-6'), result('', '8462-4')] };
    const wanting = codes([panel, result('k', '2823-3')]);
    for (const key of ['potassium', 'systolic-blood-pressure', 'diastolic-blood-pressure'])
      for (const { loinc } of ANALYTES.find((analyte) => analyte.key === key)?.codes ?? [])
        expect(wanting, `${key} ${loinc}`).not.toContain(loinc);
    expect(wanting).toContain('2951-2');
  });

  it('is not put when everything has come', () => {
    const all = codes([]).map((loinc, index) => result(`o${index}`, loinc));
    expect(all.length).toBeGreaterThan(100);
    expect(uncategorised(all)).toBeUndefined();
  });

  it('fits into an address', () => {
    expect(codes([]).join(',').length).toBeLessThan(4_000);
  });

  it('survives what is no Observation, or a broken one', () => {
    const broken = [null, 7, [], { resourceType: 'Observation', code: 'x', component: [null, { code: [] }] }];
    expect(codes(broken)).toEqual(codes([]));
  });
});
