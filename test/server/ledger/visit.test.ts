/** What of a visit is on the record (V11) and in its ledger: reads by type, why it ended, and every host that was called. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Egress } from '../../../launch/egress.ts';
import { CARD, openWhole, post, preview, type Whole } from '../../security/whole.ts';
import { type AwkwardEhr, awkwardTenant, launchId as launchAt, openAwkwardEhr } from '../awkward-ehr.ts';

const CANARIES = /alba|bruno|ZZTEST|ZZCANARY|\?|token=|code=/;

describe('A visit at the practice EHR', () => {
  let whole: Whole;
  beforeEach(async () => {
    whole = await openWhole({ firstRound: (patientId) => [`Patient/${patientId}`, 'Condition'] });
  });
  afterEach(() => whole.close());

  it('has one event for each type that was read, with how often and how much, and why it ended', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    for (const path of ['Patient/alba', 'Condition', 'Observation?category=laboratory', 'Observation?code=2160-0'])
      expect((await browser.inLaunch(launchId, `/fhir/${path}`)).status).toBe(200);
    await post(browser, launchId, '/logout', {});
    const events = await whole.events();
    const reads = events.filter(({ type }) => type === 'read');
    expect(reads.map(({ resourceType, requests, failures }) => [resourceType, requests, failures]).sort()).toEqual([
      ['Condition', 1, 0],
      ['Observation', 2, 0],
      ['Patient', 1, 0],
      ['Practitioner', 1, 0],
    ]);
    for (const { bytes, user } of reads) {
      expect(bytes).toBeGreaterThan(50);
      expect(user).toBe('Practitioner/practice-okafor');
    }
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'logged-out' });
    expect(JSON.stringify(events)).not.toMatch(CANARIES);
    expect(await whole.verify()).toMatchObject({ whole: true });
  });

  it('is written while it lasts, and then only what is new', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const observations = async () =>
      (await whole.events())
        .filter(({ resourceType }) => resourceType === 'Observation')
        .map(({ requests }) => requests);
    for (const times of [2, 1]) {
      for (let n = 0; n < times; n += 1) await browser.inLaunch(launchId, '/fhir/Observation?category=laboratory');
      await whole.recordReads();
      await whole.recordReads();
    }
    expect(await observations()).toEqual([2, 1]);
    await post(browser, launchId, '/logout', {});
    expect(await observations()).toEqual([2, 1]);
  });

  it('that is idle ends with that reason, and another user’s sign-in with another', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    whole.pass(16 * 60_000);
    await whole.endIdle();
    expect((await browser.inLaunch(launchId, '/context')).status).toBe(401);
    await browser.launch({ patientId: 'alba' });
    await browser.launch({ patientId: 'bruno', user: 'Practitioner/practice-lindqvist' }).catch(() => undefined);
    await expect.poll(async () => (await whole.events()).filter(({ type }) => type === 'ended').length).toBe(2);
    const ended = (await whole.events()).filter(({ type }) => type === 'ended');
    expect(ended.map(({ reason }) => reason)).toEqual(['timed-out', 'another-user']);
  });

  it('shows its ledger: the EHR’s host and no other, every kind of request, and nobody’s data', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    await browser.inLaunch(launchId, '/fhir/Observation?category=laboratory');
    const answer = await browser.inLaunch(launchId, '/egress');
    const text = await answer.text();
    const egress = JSON.parse(text) as Egress;
    expect(text).not.toMatch(CANARIES);
    expect(egress.whole).toBe(true);
    expect([...new Set([...egress.launch, ...egress.site].map(({ host }) => host))]).toEqual([new URL(whole.iss).host]);
    expect(egress.launch).toContainEqual(
      expect.objectContaining({ kind: 'search', resourceType: 'Observation', requests: 1 }),
    );
    expect(egress.launch).toContainEqual(expect.objectContaining({ kind: 'token', requests: 1, failures: 0 }));
    expect([...egress.launch, ...egress.site].map(({ kind }) => kind)).toContain('discovery');
    const counted = [...egress.launch, ...egress.site].reduce((sum, { requests }) => sum + requests, 0);
    expect(counted).toBe(whole.outbound.length);
  });

  it('counts what was written, by type', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const shown = await preview(browser, launchId);
    await post(browser, launchId, '/write-back/approve', { approvalId: shown.approvalId, hash: shown.hash });
    const egress = (await (await browser.inLaunch(launchId, '/egress')).json()) as Egress;
    const written = egress.launch.find(({ kind }) => kind === 'write');
    expect(written).toMatchObject({ resourceType: 'DocumentReference', requests: 1 });
    expect(written?.bytesUp).toBeGreaterThan(CARD.summary.length);
  });

  it('is another launch’s business to nobody: without its cookie or header there is no ledger', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    expect((await whole.browser().inLaunch(launchId, '/egress')).status).toBe(404);
    expect((await browser.request(`/l/${launchId}/egress`, { headers: { accept: 'application/json' } })).status).toBe(
      403,
    );
  });
});

describe('A visit that its EHR ends', () => {
  let ehr: AwkwardEhr;
  let whole: Whole;
  beforeEach(async () => {
    ehr = await openAwkwardEhr();
    whole = await openWhole({ tenant: awkwardTenant(ehr.iss) });
  });
  afterEach(() => Promise.all([whole.close(), ehr.close()]));

  it.each<[string, (ehr: AwkwardEhr) => void]>([
    [
      'grant-withdrawn',
      ({ script }) => {
        script.token = { ...script.token, refresh_token: 'r' };
        script.tokenStatus = 400;
      },
    ],
    [
      'other-patient',
      ({ script }) => {
        script.token = { ...script.token, refresh_token: 'r', patient: 'bruno' };
      },
    ],
    ['token-expired', () => {}],
  ])('has an end on the record, once, and why: %s', async (reason, arrange) => {
    const browser = whole.browser();
    if (reason !== 'token-expired') ehr.script.token = { ...ehr.script.token, refresh_token: 'r' };
    const launchId = await launchAt(browser, ehr);
    arrange(ehr);
    ehr.script.fhir = () => new Response(null, { status: 401 });
    const answers = Array.from({ length: 4 }, () => browser.inLaunch(launchId, '/fhir/Observation?code=1'));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    await expect.poll(async () => (await whole.events()).at(-1)?.type).toBe('ended');
    const events = await whole.events();
    expect(events.filter(({ type }) => type === 'ended')).toMatchObject([{ reason, user: expect.any(String) }]);
    // The first refusal ends it while the others are under way: they follow.
    await whole.recordReads();
    const reads = (await whole.events()).filter(({ resourceType }) => resourceType === 'Observation');
    const sum = (of: 'requests' | 'failures') => reads.reduce((total, read) => total + Number(read[of]), 0);
    expect([sum('requests'), sum('failures')]).toEqual([4, 4]);
    expect(await whole.verify()).toMatchObject({ whole: true });
  });
});
