/** The first round starts before the page has loaded; its answers are handed out once and do not linger. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { firstRound, queryUrl } from '../../models/engine/facts/queries.ts';
import { createPrefetch, type Relayed } from '../../server/prefetch.ts';
import { type Hospital, openHospital } from './hospital.ts';

const answer = (body: string, status = 200): Relayed => ({ status, headers: {}, body });
const early = (key: string, body: string, status = 200) => ({ key, run: async () => answer(body, status) });
const bodyOf = async (prefetch: ReturnType<typeof createPrefetch>, key: string) =>
  (await prefetch.take('l', key))?.body;

afterEach(() => vi.useRealTimers());

describe('What was read early', () => {
  it('is handed out once', async () => {
    const prefetch = createPrefetch();
    prefetch.start('l', [early('a', 'A'), early('b', 'B')]);
    expect(await bodyOf(prefetch, 'a')).toBe('A');
    expect(await bodyOf(prefetch, 'a')).toBeUndefined();
    expect(await bodyOf(prefetch, 'b')).toBe('B');
  });

  it('is joined while it is still under way', async () => {
    let arrive = (_: Relayed): void => undefined;
    const run = vi.fn(
      () =>
        new Promise<Relayed>((resolve) => {
          arrive = resolve;
        }),
    );
    const prefetch = createPrefetch();
    prefetch.start('l', [{ key: 'a', run }]);
    const waiting = bodyOf(prefetch, 'a');
    arrive(answer('late'));
    expect(await waiting).toBe('late');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is another launch’s nothing', () => {
    const prefetch = createPrefetch();
    prefetch.start('l', [early('a', 'A')]);
    expect(prefetch.take('other', 'a')).toBeUndefined();
  });

  it('is gone after 15 seconds', () => {
    vi.useFakeTimers();
    const prefetch = createPrefetch();
    prefetch.start('l', [early('a', 'A'), early('b', 'B')]);
    vi.advanceTimersByTime(14_999);
    expect(prefetch.take('l', 'a')).toBeDefined();
    vi.advanceTimersByTime(1);
    expect(prefetch.take('l', 'b')).toBeUndefined();
  });

  it('is held up to 5 MB for a launch, counted in bytes, and no further', async () => {
    const prefetch = createPrefetch();
    const megabytes = (n: number) => 'é'.repeat((n * 1024 * 1024) / 2);
    prefetch.start('l', [early('a', megabytes(3)), early('b', megabytes(2)), early('c', 'x')]);
    expect((await bodyOf(prefetch, 'a'))?.length).toBeGreaterThan(0);
    expect((await bodyOf(prefetch, 'b'))?.length).toBeGreaterThan(0);
    expect(await bodyOf(prefetch, 'c')).toBeUndefined();
  });

  it.each([400, 404, 422, 429, 503])(
    'is held when the EHR answered %i, so that it is not asked the same twice',
    async (status) => {
      const prefetch = createPrefetch();
      prefetch.start('l', [early('a', 'A', status)]);
      expect(await prefetch.take('l', 'a')).toMatchObject({ status });
    },
  );

  it.each([401, 403, 500])('is not held when the EHR answered %i', async (status) => {
    const prefetch = createPrefetch();
    prefetch.start('l', [early('a', 'A', status), { key: 'b', run: () => Promise.reject(new Error('down')) }]);
    expect(await bodyOf(prefetch, 'a')).toBeUndefined();
    expect(await bodyOf(prefetch, 'b')).toBeUndefined();
  });
});

describe('The first round of a launch', () => {
  let hospital: Hospital;
  afterEach(() => hospital.close());
  const targets = (patient: string) => firstRound().map((query) => queryUrl(query, patient));

  it('reaches the EHR once per query, although the browser asks for each as well', async () => {
    hospital = await openHospital({
      firstRound: targets,
      tenant: { scopes: ['openid', 'fhirUser', 'launch', ...SCOPES] },
    });
    const browser = hospital.browser();
    const launch = await browser.launch({ patientId: 'alba' });
    const answers = await Promise.all(targets('alba').map((target) => browser.inLaunch(launch, `/fhir/${target}`)));
    expect(answers.map(({ status }) => status)).toEqual(targets('alba').map(() => 200));
    const reads = hospital.outbound
      .map(({ url }) => url.replace(`${hospital.iss}/`, ''))
      .filter((url) => /^(Patient|Observation|Condition|Allergy|Medication)/.test(url));
    expect(reads.map((url) => url.split('?')[0]).sort()).toEqual(
      targets('alba')
        .map((url) => url.split('?')[0])
        .sort(),
    );
    await browser.inLaunch(launch, '/fhir/Patient/alba');
    expect(
      hospital.outbound.filter(({ url }) => url.endsWith('/Patient/alba')),
      'the second time it is read anew',
    ).toHaveLength(2);
  });

  it('leaves out what was not granted', async () => {
    hospital = await openHospital({
      firstRound: targets,
      tenant: { scopes: ['openid', 'fhirUser', 'launch', 'patient/Patient.r'] },
    });
    await hospital.browser().launch({ patientId: 'alba' });
    await expect.poll(() => hospital.outbound.some(({ url }) => url.endsWith('/Patient/alba'))).toBe(true);
    expect(hospital.outbound.filter(({ url }) => /Observation|Condition|Medication/.test(url))).toEqual([]);
  });

  it('is not read by the next launch', async () => {
    hospital = await openHospital({
      firstRound: targets,
      tenant: { scopes: ['openid', 'fhirUser', 'launch', ...SCOPES] },
    });
    const browser = hospital.browser();
    await browser.launch({ patientId: 'alba' });
    const second = await browser.launch({ patientId: 'bruno' });
    expect((await browser.inLaunch(second, '/fhir/Patient/alba')).status).toBe(404);
    expect(await (await browser.inLaunch(second, '/fhir/Patient/bruno')).json()).toMatchObject({ id: 'bruno' });
  });
});

const SCOPES = [
  'Patient',
  'Observation',
  'Condition',
  'AllergyIntolerance',
  'MedicationRequest',
  'MedicationStatement',
].map((type) => `patient/${type}.rs`);
