/**
 * What holds for every EHR, whatever its ways: the facts read through launch, relay and pull are those of the chart, each
 * resource once; or the source says in words why it is not whole. Never silently fewer, never someone else's.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer, EhrOptions, Limits } from '../../client/pull.ts';
import type { VendorMode } from '../../fixtures/ehr/quirks.ts';
import { outcomeCodes } from '../../launch/vendors/index.ts';
import type { Facts, SourceState } from '../../models/engine/facts/facts.ts';
import { firstRound, history, queryUrl } from '../../models/engine/facts/queries.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import { uncategorised } from '../../models/engine/facts/uncategorised.ts';
import { knownChart } from '../fixtures/vendor-charts.ts';
import { type Hospital, ORIGIN, openHospital, type TestBrowser } from '../server/hospital.ts';

/** One EHR and what is expected of it. */
export interface VendorUnderTest {
  readonly name: string;
  readonly mode?: VendorMode;
  /** How far each source of the small chart gets; `read` or `empty` mean that nothing is missing. */
  readonly small: Readonly<Record<string, SourceState>>;
  /** Sources of the large chart (260 creatinines) that do not arrive in full; the others are as in the small one. */
  readonly large?: Readonly<Record<string, SourceState>>;
  /** Why results without a category may not be here; they are, unless given. */
  readonly unfiled?: RegExp;
  /** Words that some sources give, where they matter. */
  readonly says?: Readonly<Record<string, RegExp>>;
  readonly limits?: Partial<Limits>;
}

// fhirclient keeps the `fetch` that it finds when it is first loaded.
let bridge: (url: string, init: RequestInit) => Promise<Response>;

const NOW = Date.parse('2026-11-22T12:00:00Z');
const SMALL = { id: 'small', creatinines: 60 };
const LARGE = { id: 'large', creatinines: 260 };
const UNFILED = { id: 'unfiled', creatinines: 2 };
/** A sodium that the EHR files under no category at all. */
const SODIUM = {
  resourceType: 'Observation' as const,
  id: 'unfiled-sodium',
  status: 'final' as const,
  code: { coding: [{ system: 'http://loinc.org', code: '2951-2' }] },
  subject: { reference: 'Patient/unfiled' },
  effectiveDateTime: '2026-10-20',
  valueQuantity: { value: 139, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
};
const TYPES = new Set(['Medication', ...[...firstRound(), ...history()].map(({ resourceType }) => resourceType)]);
/** Our own synthetic patients, in every shape that a chart has, and one whose values an EHR hides. */
const fixtures = join(import.meta.dirname, '../../fixtures');
const charts = [
  ...readdirSync(join(fixtures, 'patients'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(fixtures, 'patients', name, 'bundle.json')),
  join(fixtures, 'vendors/oracle-health/chart.json'),
].map((file) => JSON.parse(readFileSync(file, 'utf8')) as Bundle);

/** The part of the facts that each source fills. */
const FILLS: Readonly<Record<string, (facts: Facts) => unknown>> = {
  patient: ({ patient }) => patient,
  laboratory: ({ observation }) => [observation.creatinine, observation.potassium].map(bySource),
  'vital-signs': ({ observation }) =>
    ['heart-rate', 'systolic-blood-pressure', 'diastolic-blood-pressure'].map((key) => bySource(observation[key])),
  'social-history': ({ coded }) => coded['smoking-status'],
  conditions: ({ condition }) => bySource(condition),
  allergies: ({ allergy }) => bySource(allergy),
  medications: ({ medication }) =>
    [...medication].map(({ sources, ...fact }) => ({ ...fact, sources: [...sources].sort() })).sort(byText),
};

export function vendorContract(under: VendorUnderTest): void {
  describe(`${under.name}: a chart read through launch, relay and pull`, () => {
    let hospital: Hospital;
    let openEhr: typeof import('../../client/pull.ts').openEhr;
    beforeAll(async () => {
      vi.stubGlobal('window', {
        fetch: (url: string, init: RequestInit) => bridge(url, init),
        AbortController,
        Response,
        Headers,
        Request,
      });
      ({ openEhr } = await import('../../client/pull.ts'));
      hospital = await openHospital({
        ehr: {
          patients: [knownChart(SMALL), knownChart(LARGE), unfiledChart(), ...charts],
          ...(under.mode && { quirks: under.mode }),
        },
        tenant: { scopes: ['openid', 'fhirUser', 'launch', ...[...TYPES].map((type) => `patient/${type}.rs`)] },
        firstRound: (patient) => [...firstRound().map((query) => queryUrl(query, patient)), 'metadata'],
      });
    });
    afterAll(async () => {
      // The EHR first: a source that still hangs would hold the way out open.
      await hospital.ehr.close();
      await hospital.close();
      vi.unstubAllGlobals();
    });

    async function pulled(
      patientId: string,
      options: { readonly behind?: boolean } = {},
    ): Promise<Map<string, Answer>> {
      // A browser of its own for each, since our server counts a session's requests.
      const browser = hospital.browser();
      const launchId = await browser.launch({ patientId });
      bridge = bridgeTo(browser, launchId);
      const answers = new Map<string, Answer>();
      const ehr = openEhr({
        origin: ORIGIN,
        context: { launchId, patientId, features: [], outcomeCodes: outcomeCodes() },
        limits: { soft: 1_000, hard: 4_000, backoff: 5, ...under.limits },
        waiting: { pause: brief },
      } satisfies EhrOptions);
      const hearing = { onAnswer: (answer: Answer) => answers.set(answer.query.id, answer) };
      await ehr.pull(firstRound(), hearing);
      if (options.behind) {
        const query = uncategorised([...answers.values()].flatMap(({ resources }) => resources));
        await ehr.pull([...history(), ...(query ? [query] : [])], hearing);
      }
      return answers;
    }

    describe.each([
      ['a chart of 60 creatinines', SMALL, under.small],
      ['a chart of 260 creatinines', LARGE, { ...under.small, ...under.large }],
    ] as const)('%s', (_, chart, expected) => {
      let answers: Map<string, Answer>;
      let facts: Facts;
      let inBundle: Facts;
      beforeAll(async () => {
        answers = await pulled(chart.id);
        const read = { patientId: chart.id, now: NOW };
        facts = readFacts({ ...read, resources: [...answers.values()].flatMap(({ resources }) => resources) });
        inBundle = readFacts({ ...read, resources: (knownChart(chart).entry ?? []).map(({ resource }) => resource) });
      });

      it('every source has the state it should have', () => {
        const states = Object.fromEntries([...answers].map(([id, { report }]) => [id, report.state]));
        expect(states).toEqual(expected);
      });

      it('what is called read gives the very facts of the chart', () => {
        for (const [id, fill] of Object.entries(FILLS)) {
          const { state } = answers.get(id)?.report ?? {};
          if (state === 'read' || state === 'empty') expect(fill(facts), id).toEqual(fill(inBundle));
        }
      });

      it('what is not whole says why', () => {
        for (const { report } of answers.values())
          if (report.state !== 'read' && report.state !== 'empty')
            expect(report.reason, report.id).toMatch(under.says?.[report.id] ?? /\w{3}/);
      });

      it('each resource comes once, and is the patient’s', () => {
        for (const { resources } of answers.values()) {
          const keys = resources.map(keyOf);
          expect(new Set(keys).size).toBe(keys.length);
        }
        expect(facts.unread.filter(({ reason }) => reason === 'other-patient')).toEqual([]);
        expect(JSON.stringify([...answers.values()])).not.toContain('someone-else');
      });

      it('no number is read that the chart does not hold', () => {
        const known = new Set(
          Object.values(inBundle.observation)
            .flat()
            .map(({ source, value }) => `${source} ${value}`),
        );
        const read = Object.values(facts.observation)
          .flat()
          .map(({ source, value }) => `${source} ${value}`);
        expect(read.filter((one) => !known.has(one))).toEqual([]);
      });
    });

    it.skipIf(under.mode === 'hostile')(
      'our synthetic patients have the same facts as in their files, with the history behind the first round',
      async () => {
        for (const chart of charts) {
          const inFile = (chart.entry ?? []).map(({ resource }) => resource);
          const patientId = inFile.find((resource) => resource?.resourceType === 'Patient')?.id ?? '';
          const answers = await pulled(patientId, { behind: true });
          // What the EHR does not offer at all is said (above) and cannot be had.
          const offered = inFile.filter(
            (resource) =>
              resource?.resourceType !== 'MedicationStatement' ||
              answers.get('medication-statements')?.report.state !== 'not-asked',
          );
          const read = { patientId, now: NOW };
          const resources = [...answers.values()].flatMap((answer) => answer.resources);
          expect(known(readFacts({ ...read, resources })), chart.id).toEqual(
            known(readFacts({ ...read, resources: offered })),
          );
        }
      },
    );

    it('a result that was filed without a category is found, or its source says why it may not be here', async () => {
      const answers = await pulled(UNFILED.id, { behind: true });
      const resources = [...answers.values()].flatMap((answer) => answer.resources);
      const { observation } = readFacts({ patientId: UNFILED.id, now: NOW, resources });
      const report = answers.get('uncategorised')?.report;
      if (report?.state === 'read')
        expect(observation.sodium).toMatchObject([{ value: 139, source: 'Observation/unfiled-sodium' }]);
      else expect(report?.reason).toMatch(under.unfiled ?? /^$/);
    });

    it('the EHR is asked no more than the launch allows itself', async () => {
      hospital.outbound.length = 0;
      await pulled(LARGE.id, { behind: true });
      const asked = hospital.outbound.filter(
        ({ url }) => url.startsWith(`${hospital.iss}/`) || url.startsWith(`${hospital.iss}?`),
      );
      expect(asked.length).toBeLessThanOrEqual(80);
    });
  });
}

/** A browser's fetch that ends at our app, in process; giving up ends it at once, as in a browser. */
function bridgeTo(browser: TestBrowser, launchId: string) {
  return (url: string, init: RequestInit): Promise<Response> => {
    const path = url.replace(`${ORIGIN}/l/${launchId}`, '');
    const { signal, ...rest } = init;
    const answer = browser.inLaunch(launchId, path, { ...rest, ...(signal && { signal }) });
    const gone = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')), { once: true }),
    );
    return Promise.race([answer, gone]);
  };
}

function unfiledChart(): Bundle {
  const chart = knownChart(UNFILED);
  return { ...chart, entry: [...(chart.entry ?? []), { resource: SODIUM }] };
}

/** The facts without the order in which ties and merged entries happen to stand. */
function known({ patient, observation, coded, condition, allergy, medication }: Facts): unknown {
  const sorted = (facts: readonly unknown[]) => facts.map((fact) => JSON.stringify(fact)).sort();
  const byKey = (of: Readonly<Record<string, readonly unknown[]>>) =>
    Object.fromEntries(Object.entries(of).map(([key, facts]) => [key, sorted(facts)]));
  const medicines = medication.map(({ sources, ...fact }) => ({ ...fact, sources: [...sources].sort() }));
  return [patient, byKey(observation), byKey(coded), ...[condition, allergy, medicines].map(sorted)];
}

/** Waits that keep their order and not their length. */
function brief(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5)));
}

function keyOf(resource: unknown): string {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  return `${resourceType}/${id}`;
}

function bySource<T extends { readonly source: string }>(facts: readonly T[] = []): readonly T[] {
  return [...facts].sort((a, b) => a.source.localeCompare(b.source));
}

function byText(a: { readonly text: string }, b: { readonly text: string }): number {
  return a.text.localeCompare(b.text);
}
