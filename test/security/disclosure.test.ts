/** STRIDE, disclosure: no token, no patient, no foreign host, no other user (I-1 to I-4, I-6), on the whole server with its files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardTenant, launchId as launchedAt, openAwkwardEhr } from '../server/awkward-ehr.ts';
import { ORIGIN, openHospital } from '../server/hospital.ts';
import { CARD, openWhole, post, preview, type Whole } from './whole.ts';

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole();
});
afterAll(() => whole.close());

describe('After a whole visit: launch, reads, a note written, an event, an error, a logout', () => {
  let answers: string;
  beforeAll(async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const seen: Response[] = [];
    for (const path of [
      '/',
      '/context',
      '/fhir/Patient/alba',
      '/fhir/Observation?patient=alba&category=laboratory',
      '/fhir/Patient/bruno',
      '/fhir/Nothing',
    ])
      seen.push(
        await browser.inLaunch(
          launchId,
          path,
          path === '/' ? { headers: { accept: 'text/html', 'sec-fetch-dest': 'iframe' } } : {},
        ),
      );
    const shown = await preview(browser, launchId);
    seen.push(await post(browser, launchId, '/write-back/approve', { approvalId: shown.approvalId, hash: shown.hash }));
    seen.push(
      await post(browser, launchId, '/write-back/preview', { recommendation: { ...CARD, indicator: 'ZZCANARY' } }),
    );
    seen.push(
      await post(browser, launchId, '/events', {
        type: 'shown',
        recommendationId: 'r',
        indicator: 'info',
        libraryDigest: 'sha256:abcdefgh',
      }),
    );
    seen.push(await post(browser, launchId, '/logout', {}));
    seen.push(await browser.inLaunch(launchId, '/context'));
    answers = (
      await Promise.all(
        seen.map(async (answer) => `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`),
      )
    ).join('\n');
  });

  it('I-1: no token that the EHR ever issued is in an answer, a log line or a file', async () => {
    const tokens = whole.ehr.issuedTokens();
    expect(tokens.length).toBeGreaterThan(0);
    const everything = `${answers}\n${whole.logged.join('')}\n${await whole.files()}`;
    for (const token of tokens) expect(everything.includes(token)).toBe(false);
  });

  it('I-3: no patient, name, value or word of the note is in a log line or a file', async () => {
    const kept = `${whole.logged.join('')}\n${await whole.files()}`;
    expect(kept.length).toBeGreaterThan(2_000);
    for (const canary of ['ZZTEST', 'ZZCANARY', 'alba', 'bruno', '1950-02-03', 'Stop metformin', 'eGFR'])
      expect(kept.includes(canary), canary).toBe(false);
    // The canaries were there to be leaked.
    expect(answers).toContain('ZZTEST-Alba');
  });

  it('I-3: an error says nothing of what was sent', () => {
    expect(answers).toMatch(/\n400 .*Not understood/);
    expect(answers).not.toContain('ZZCANARY-comment"}');
  });
});

describe('I-2: the token does not follow a link', () => {
  it.each([
    ['a next page', '/fhir/Observation?code=2160-0'],
    ['a resource read by its address', '/fhir/https://evil.example/Observation/1'],
  ])('to another host: %s', async (_, path) => {
    const ehr = await openAwkwardEhr();
    const hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
    try {
      const browser = hospital.browser();
      const launchId = await launchedAt(browser, ehr);
      ehr.script.fhir = () =>
        Response.json({
          resourceType: 'Bundle',
          type: 'searchset',
          link: [{ relation: 'next', url: 'https://evil.example/fhir/next' }],
          entry: [{ resource: { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/alba' } } }],
        });
      const answer = await browser.inLaunch(launchId, path);
      const text = await answer.text();
      expect(hospital.outbound.some(({ url }) => url.includes('evil.example'))).toBe(false);
      expect(text).not.toContain('evil.example');
    } finally {
      await hospital.close();
      await ehr.close();
    }
  });
});

describe('I-4: another user, another tenant', () => {
  it('gets 404 for a launch that is not theirs, with and without a session of their own', async () => {
    const [owner, stranger, nobody] = [whole.browser(), whole.browser(), whole.browser()];
    const launchId = await owner.launch({ patientId: 'alba' });
    await stranger.launch({ patientId: 'alba', user: 'Practitioner/practice-lindqvist' });
    for (const browser of [stranger, nobody])
      for (const path of ['/context', '/fhir/Patient/alba', '/write-back'])
        expect((await browser.inLaunch(launchId, path)).status).toBe(404);
    expect((await owner.inLaunch(launchId, '/context')).status).toBe(200);
  });
});

describe('I-6: another site’s page', () => {
  it('reads nothing, not even where the browser sends no Sec-Fetch headers', async () => {
    const browser = whole.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', 'x-launch': launchId },
      { 'sec-fetch-site': 'same-site', 'x-launch': launchId },
      {},
      { 'x-launch': 'another' },
    ] as Record<string, string>[]) {
      const answer = await browser.request(`/l/${launchId}/fhir/Patient/alba`, {
        headers: { accept: '*/*', ...headers },
      });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('cannot be told to redirect anywhere: no answer’s Location comes from the query', async () => {
    for (const path of ['/launch', '/callback', '/standalone', '/']) {
      const answer = await whole
        .browser()
        .request(`${path}?next=https://evil.example&redirect=https://evil.example&returnTo=//evil.example`);
      expect(answer.headers.get('location') ?? ORIGIN).not.toContain('evil.example');
    }
  });
});
