/** Before a write the EHR is asked, where it can be, whether the token still stands and for whom (interop T4). */
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { standingOf } from '../../launch/introspection.ts';
import { type LaunchedEnv, SessionEnded } from '../../server/launched.ts';
import { type AwkwardEhr, awkwardTenant, launchId, openAwkwardEhr } from '../server/awkward-ehr.ts';
import { type Hospital, openHospital, type TestBrowser } from '../server/hospital.ts';

let ehr: AwkwardEhr;
let hospital: Hospital;
let browser: TestBrowser;
const reasons: (string | undefined)[] = [];

/** Writes as the write-back does: through the launch. */
const writeBack = new Hono<LaunchedEnv>();
writeBack.post('/write', async (c) => {
  const written = await c.get('launch').fhir({ method: 'POST', path: 'DocumentReference', body: '{}' });
  return c.json({ ehr: written.status });
});
writeBack.onError((error, c) => {
  if (error instanceof SessionEnded) return c.json({ code: 'session-ended' }, 401);
  throw error;
});

const recordVisit = async (_: unknown, type: string, reason?: string) => {
  if (type === 'ended') reasons.push(reason);
};
beforeAll(async () => {
  ehr = await openAwkwardEhr();
});
afterAll(() => Promise.all([hospital.close(), ehr.close()]));
beforeEach(async () => {
  ehr.reset();
  reasons.length = 0;
  await hospital?.close();
  hospital = await openHospital({ tenant: awkwardTenant(ehr.iss), mounts: { writeBack, recordVisit } });
  browser = hospital.browser();
});

const introspection = () => {
  ehr.script.configuration = {
    ...ehr.script.configuration,
    introspection_endpoint: ehr.iss.replace(/fhir$/, 'introspect'),
  };
};
const write = (launch: string) => browser.inLaunch(launch, '/write-back/write', { method: 'POST', body: '{}' });
const written = () => ehr.seen.filter(({ line }) => line.startsWith('POST /fhir/DocumentReference')).length;
const asked = () => ehr.seen.filter(({ line }) => line.startsWith('POST /introspect')).length;

describe('A write', () => {
  it('is sent when the EHR stands by its token and its patient', async () => {
    introspection();
    ehr.script.introspect = () => Response.json({ active: true, patient: 'alba', scope: 'patient/*.rs' });
    const id = await launchId(browser, ehr);
    expect(await (await write(id)).json()).toEqual({ ehr: 200 });
    expect([asked(), written()]).toEqual([1, 1]);
  });

  it('is not sent when the EHR names another patient, and the launch ends', async () => {
    introspection();
    ehr.script.introspect = () => Response.json({ active: true, patient: 'bruno' });
    const id = await launchId(browser, ehr);
    expect((await write(id)).status).toBe(401);
    expect(written()).toBe(0);
    expect((await browser.inLaunch(id, '/context')).status).toBe(401);
    expect(reasons).toEqual(['other-patient']);
  });

  it('is not sent with a token that the EHR no longer knows: where none can be had, the launch ends', async () => {
    introspection();
    ehr.script.introspect = () => Response.json({ active: false });
    const id = await launchId(browser, ehr);
    expect((await write(id)).status).toBe(401);
    expect(written()).toBe(0);
    expect(reasons).toEqual(['token-expired']);
  });

  it('goes out with a fresh token where one can be had', async () => {
    introspection();
    ehr.script.token = { ...ehr.script.token, refresh_token: 'r1' };
    ehr.script.introspect = () => Response.json({ active: false });
    const id = await launchId(browser, ehr);
    ehr.script.token = { ...ehr.script.token, access_token: 'second' };
    expect(await (await write(id)).json()).toEqual({ ehr: 200 });
    const sent = ehr.seen.find(({ line }) => line.startsWith('POST /fhir/DocumentReference'));
    expect(sent?.authorization).toBe('Bearer second');
  });

  it.each<[string, () => void]>([
    ['offers no introspection', () => undefined],
    [
      'refuses to say',
      () => {
        introspection();
        ehr.script.introspect = () => new Response(null, { status: 403 });
      },
    ],
    [
      'answers with something else',
      () => {
        introspection();
        ehr.script.introspect = () => new Response('<html>', { headers: { 'content-type': 'text/html' } });
      },
    ],
    [
      'says nothing of the patient',
      () => {
        introspection();
      },
    ],
  ])('is sent to an EHR that %s: it decides itself when it gets the token', async (_, arrange) => {
    arrange();
    const id = await launchId(browser, ehr);
    expect(await (await write(id)).json()).toEqual({ ehr: 200 });
    expect(written()).toBe(1);
  });

  it('waits three seconds for that at most', async () => {
    introspection();
    ehr.script.introspect = () => new Promise(() => undefined);
    const id = await launchId(browser, ehr);
    const before = performance.now();
    expect(await (await write(id)).json()).toEqual({ ehr: 200 });
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

it('A read is not asked about', async () => {
  introspection();
  const id = await launchId(browser, ehr);
  ehr.script.fhir = () => Response.json({ resourceType: 'Patient', id: 'alba' });
  expect((await browser.inLaunch(id, '/fhir/Patient/alba')).status).toBe(200);
  expect(asked()).toBe(0);
});

describe('What an EHR says of a token', () => {
  it.each([
    [undefined, 'unknown'],
    [{ active: false, patient: 'alba' }, 'inactive'],
    [{ active: true }, 'stands'],
    [{ active: true, patient: 'alba' }, 'stands'],
    [{ active: true, patient: 'bruno' }, 'other-patient'],
    [{ active: true, patient: 7 }, 'other-patient'],
  ] as const)('%j means: %s', (answer, standing) => {
    expect(standingOf(answer, 'alba')).toBe(standing);
  });
});
