/** STRIDE, denial of service and elevation: what is too much is cut off, and nobody gets further than allowed (D-1, D-2, E-1, E-2, E-3, I-5). */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readTenants } from '../../launch/tenants.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import { createEgress, EgressRefused, isAllowedAddress } from '../../server/egress.ts';
import { RATES } from '../../server/limits.ts';
import { type AwkwardEhr, awkwardTenant, launchId as launchedAt, openAwkwardEhr } from '../server/awkward-ehr.ts';
import type { TestBrowser } from '../server/hospital.ts';
import { openWhole, type Whole } from './whole.ts';

let ehr: AwkwardEhr;
let hospital: Whole;
let browser: TestBrowser;
let launchId: string;
beforeAll(async () => {
  ehr = await openAwkwardEhr();
  hospital = await openWhole({ tenant: awkwardTenant(ehr.iss) });
  browser = hospital.browser();
  launchId = await launchedAt(browser, ehr);
});
afterAll(() => Promise.all([hospital.close(), ehr.close()]));
afterEach(() => ehr.reset());
const read = (path: string) => browser.inLaunch(launchId, `/fhir/${path}`);

describe('D-1: an EHR that sends too much', () => {
  it('without end is cut off at 20 MB, and the event loop stays free meanwhile', async () => {
    let sent = 0;
    const chunk = new Uint8Array(1024 * 1024).fill(32);
    ehr.script.fhir = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += chunk.length;
            controller.enqueue(chunk);
          },
        }),
        { headers: { 'content-type': 'application/fhir+json' } },
      );
    let last = performance.now();
    let longest = 0;
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const answer = await read('Observation?code=1');
    clearInterval(watch);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    // The EHR above shares this very loop, so this bounds both together.
    expect(longest).toBeLessThan(1_000);
  });

  it('in depth is refused and not followed down', async () => {
    const deep = `${'{"a":['.repeat(50_000)}${']}'.repeat(50_000)}`;
    ehr.script.fhir = () => new Response(deep, { headers: { 'content-type': 'application/fhir+json' } });
    expect((await read('Observation?code=2')).status).toBeGreaterThanOrEqual(400);
    expect((await browser.inLaunch(launchId, '/context')).status).toBe(200);
  });

  it('and a browser that sends depth gets 400 as well', async () => {
    const body = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const answer = await browser.inLaunch(launchId, '/write-back/preview', { method: 'POST', body });
    expect(answer.status).toBe(400);
  });
});

describe('D-2: our own requests', () => {
  it('are measured by tenant, session and address, so that none can take the EHR for itself', () => {
    expect(RATES.session.perSecond).toBeLessThan(RATES.tenant.perSecond);
    for (const { capacity, perSecond } of Object.values(RATES)) expect(capacity / perSecond).toBeLessThanOrEqual(60);
  });
});

describe('E-1: a request to where this server must not go', () => {
  const tenant = readTenants({
    tenants: [
      {
        id: 'north',
        name: 'North',
        iss: 'https://fhir.north.example/r4',
        clientId: 'a',
        auth: { method: 'none' },
        frameAncestors: [],
        writeBack: { enabled: false },
      },
    ],
  }).all[0];
  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/latest',
    'https://metadata.google.internal/computeMetadata/v1',
    'https://[::ffff:169.254.169.254]/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://localhost/',
    'https://fhir.north.example:22/',
    'https://fhir.north.example@169.254.169.254/',
    'http://fhir.north.example/',
    'ftp://fhir.north.example/',
    'gopher://fhir.north.example/',
    'https://fhir.north.example.evil.example/',
  ])('is not sent: %s', async (url) => {
    if (!tenant) throw new Error('no tenant');
    const asked: string[] = [];
    const lookup = ((host: string) => asked.push(host)) as never;
    const egress = createEgress({ lookup });
    await expect(egress.fetchFor(tenant)(url)).rejects.toBeInstanceOf(EgressRefused);
    expect(asked).toEqual([]);
    await egress.close();
  });

  it('not even under a registered name that resolves to such an address', () => {
    if (!tenant) throw new Error('no tenant');
    for (const address of [
      '127.0.0.1',
      '10.0.0.8',
      '172.31.0.1',
      '192.168.0.1',
      '169.254.169.254',
      '100.64.0.1',
      '::1',
      'fd00::1',
      'fe80::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
    ])
      expect(isAllowedAddress(tenant, address), address).toBe(false);
    expect(isAllowedAddress(tenant, '93.184.215.14')).toBe(true);
  });
});

describe('E-2: someone who is no clinician', () => {
  it.each(['Patient/alba', 'RelatedPerson/r', 'Person/p', undefined])(
    'reads, and may not approve: %s',
    async (fhirUser) => {
      ehr.script.claims = { fhirUser: fhirUser && `${ehr.iss}/${fhirUser}` };
      const own = hospital.browser();
      const id = await launchedAt(own, ehr);
      const context = (await (await own.inLaunch(id, '/context')).json()) as {
        user: { mayApprove: boolean };
        features: { id: string; available: boolean }[];
      };
      expect(context.user.mayApprove).toBe(false);
      expect(context.features).toContainEqual(expect.objectContaining({ id: 'write-back', available: false }));
    },
  );
});

describe('E-3: names that reach into every object', () => {
  const polluted = () => ({}) as Record<string, unknown>;
  it('in a chart change nothing', () => {
    const resources = JSON.parse(
      `[{"resourceType":"Patient","id":"p","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},
        {"resourceType":"Observation","id":"__proto__","status":"final","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://loinc.org","code":"__proto__"},{"system":"http://loinc.org","code":"constructor"}]},"valueQuantity":{"value":1,"unit":"toString"}},
        {"resourceType":"__proto__","id":"constructor"}]`,
    ) as unknown[];
    const facts = readFacts({ patientId: 'p', resources, now: 0 });
    expect(polluted().polluted).toBeUndefined();
    expect(Object.keys(facts.observation)).toEqual([]);
  });

  it('in a request change nothing', async () => {
    for (const path of ['/write-back/preview', '/write-back/approve', '/events']) {
      const { status } = await browser.inLaunch(launchId, path, {
        method: 'POST',
        body: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      });
      expect(status).toBe(400);
    }
    expect(polluted().polluted).toBeUndefined();
  });
});

describe('I-5: a page that frames us', () => {
  it('is the tenant’s own or none', async () => {
    const page = await browser.request(`/l/${launchId}/`);
    expect(page.headers.get('content-security-policy')).toMatch(/frame-ancestors http:\/\/127\.0\.0\.1:\d+;/);
    const unknown = await hospital.browser().request('/launch?iss=https://evil.example&launch=x');
    expect(unknown.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    for (const answer of [page, unknown]) expect(answer.headers.get('x-frame-options')).toBeNull();
  });
});
