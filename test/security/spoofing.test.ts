/** STRIDE, spoofing: who launches us, and whose sign-in it is (interop §2C S-1, S-2; S-3 is in test/server/cds-hooks). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Hospital, ORIGIN, openHospital } from '../server/hospital.ts';

let hospital: Hospital;
beforeAll(async () => {
  hospital = await openHospital();
});
afterAll(() => hospital.close());
beforeEach(() => {
  hospital.outbound.length = 0;
});

const registered = () => new URL(hospital.iss);
/** Thirty ways to name an EHR that is not the registered one. */
const HOSTILE: readonly ((iss: URL) => string)[] = [
  () => 'https://evil.example/fhir',
  () => 'https://169.254.169.254/latest/meta-data',
  () => 'http://169.254.169.254/fhir',
  () => 'http://metadata.google.internal/fhir',
  () => 'http://[::1]/fhir',
  () => 'http://[::ffff:127.0.0.1]/fhir',
  () => 'http://2130706433/fhir',
  () => 'http://0x7f000001/fhir',
  () => 'http://127.1/fhir',
  () => 'http://0.0.0.0/fhir',
  () => 'http://10.0.0.1/fhir',
  () => 'file:///etc/passwd',
  () => 'gopher://127.0.0.1/fhir',
  () => 'javascript:alert(1)',
  () => 'data:text/html,x',
  () => '//127.0.0.1/fhir',
  () => ' ',
  (iss) => `${iss.href}/../admin`,
  (iss) => `${iss.href}/./`,
  (iss) => `${iss.href}?x=1`,
  (iss) => `${iss.href}#x`,
  (iss) => `${iss.href}%2f..`,
  (iss) => `${iss.href}//`,
  (iss) => `${iss.href}/Patient`,
  (iss) => iss.href.toUpperCase(),
  (iss) => `http://user:secret@${iss.host}/fhir`,
  (iss) => `http://${iss.host}@evil.example/fhir`,
  (iss) => `http://evil.example\\@${iss.host}/fhir`,
  (iss) => `http://localhost:${iss.port}/fhir`,
  (iss) => `http://${iss.hostname}:${Number(iss.port) + 1}/fhir`,
  (iss) => `https://${iss.host}/fhir`,
  (iss) => `${iss.href}\u0000`,
];

describe('S-1: an issuer that is not on the list', () => {
  it.each(HOSTILE.map((make, index) => [index + 1, make] as const))('is contacted by nobody (%i)', async (_, make) => {
    const iss = make(registered());
    const asked = hospital.ehr.requests.length;
    const answer = await hospital.browser().request(`/launch?${new URLSearchParams({ iss, launch: 'x' })}`);
    expect([400, 403]).toContain(answer.status);
    expect(answer.headers.get('location')).toBeNull();
    expect(hospital.outbound).toEqual([]);
    expect(hospital.ehr.requests.length).toBe(asked);
  });

  it('while the registered one is (so that the rows above mean something)', async () => {
    const { launchUrl } = hospital.ehr.createLaunch({ patientId: 'alba' });
    expect((await hospital.browser().request(launchUrl.slice(ORIGIN.length))).status).toBe(303);
    expect(hospital.outbound.length).toBeGreaterThan(0);
  });

  it('cannot be put in place of the real one by parameters that client libraries know (F3, F4)', async () => {
    const query = new URLSearchParams({
      iss: hospital.iss,
      launch: 'x',
      client_id: 'evil',
      fhirServiceUrl: 'https://evil.example',
      redirect_uri: 'https://evil.example',
      patientId: 'bruno',
    });
    const answer = await hospital.browser().request(`/launch?${query}`);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.host).toBe(registered().host);
    expect(location.searchParams.get('client_id')).toBe('attune-practice');
    expect(location.searchParams.get('redirect_uri')).toBe(`${ORIGIN}/callback`);
    expect(hospital.outbound.every(({ url }) => new URL(url).host === registered().host)).toBe(true);
  });
});

describe('S-2: a sign-in', () => {
  it('that two browsers began, each brought to the other’s callback, is refused twice', async () => {
    const [one, two] = [hospital.browser(), hospital.browser()];
    const [first, second] = [await one.signIn({ patientId: 'alba' }), await two.signIn({ patientId: 'bruno' })];
    expect((await one.request(second)).status).toBe(400);
    expect((await two.request(first)).status).toBe(400);
    expect(one.cookies.has('__Host-sid') || two.cookies.has('__Host-sid')).toBe(false);
  });

  it('replayed is refused, and the code is not sent again', async () => {
    const browser = hospital.browser();
    const callback = await browser.signIn({ patientId: 'alba' });
    await browser.request(callback);
    hospital.outbound.length = 0;
    expect((await browser.request(callback)).status).toBe(400);
    expect(hospital.outbound).toEqual([]);
  });

  it('never keeps a session id that somebody put there before', async () => {
    const browser = hospital.browser();
    const planted = 'A'.repeat(43);
    browser.cookies.set('__Host-sid', planted);
    const launchId = await browser.launch({ patientId: 'alba' });
    expect(browser.cookies.get('__Host-sid')).not.toBe(planted);
    const attacker = hospital.browser();
    attacker.cookies.set('__Host-sid', planted);
    expect((await attacker.inLaunch(launchId, '/context')).status).toBe(404);
  });
});
