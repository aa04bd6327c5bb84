/** The door of `/l/`, its time-outs, and what every answer carries (V1, V2, V5, V8–V10, V16, T5, I-6). */
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppDeps } from '../../server/app.ts';
import type { LaunchedEnv } from '../../server/launched.ts';
import { type Hospital, ORIGIN, openHospital, type TestBrowser } from './hospital.ts';

let hospital: Hospital;
let browser: TestBrowser;
let launch: string;
let passed = 0;
const pass = (ms: number) => {
  passed += ms;
  hospital.pass(ms);
};
beforeAll(async () => {
  hospital = await openHospital();
});
afterAll(() => hospital.close());
beforeEach(async () => {
  browser = hospital.browser();
  launch = await browser.launch({ patientId: 'alba' });
  hospital.outbound.length = 0;
});
afterEach(() => pass(-passed));

const OWN = { accept: 'application/json', 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' };

describe('A read that our own page did not make (V5, I-6)', () => {
  it.each<[string, (own: Record<string, string>) => Record<string, string>]>([
    ['an image elsewhere', () => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' })],
    ['a script elsewhere that guessed the header', (own) => ({ ...own, 'sec-fetch-site': 'cross-site' })],
    ['a page of the same site', (own) => ({ ...own, 'sec-fetch-site': 'same-site' })],
    ['a typed address', (own) => ({ ...own, 'sec-fetch-site': 'none' })],
    ['our page without its header', ({ 'x-launch': _, ...own }) => own],
    ['our page of another launch', (own) => ({ ...own, 'x-launch': 'other' })],
    ['a navigation', () => ({ accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' })],
  ])('%s gets 403 and the EHR is not asked', async (_, change) => {
    const headers = change({ ...OWN, 'x-launch': launch });
    const answer = await browser.request(`/l/${launch}/fhir/Patient/alba`, { headers });
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain('ZZTEST');
    expect(hospital.outbound).toEqual([]);
  });

  it('is refused as well where the browser sends no Sec-Fetch headers', async () => {
    expect((await browser.request(`/l/${launch}/context`, { headers: { accept: '*/*' } })).status).toBe(403);
    expect((await browser.request(`/l/${launch}/context`, { headers: { 'x-launch': launch } })).status).toBe(200);
  });
});

describe('A write that our own page did not make (V5)', () => {
  it.each<[string, Record<string, string>]>([
    ['no origin', { origin: '' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that begins like ours', { origin: `${ORIGIN}.evil.example` }],
    ['an opaque origin', { origin: 'null' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['a type that only mentions JSON', { 'content-type': 'text/plain; application/json' }],
    ['no launch header', { 'x-launch': '' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
  ])('%s gets 403', async (_, headers) => {
    const answer = await browser.inLaunch(launch, '/write-back/preview', { method: 'POST', body: '{}', headers });
    expect(answer.status).toBe(403);
  });

  it('and one that it did passes', async () => {
    const answer = await browser.inLaunch(launch, '/write-back/preview', { method: 'POST', body: '{}' });
    expect(await answer.json()).toEqual({ patient: 'alba' });
  });

  it.each(['/launch', '/callback', '/l/LAUNCH/context'])(
    'no answer of %s allows another origin to read it',
    async (path) => {
      const answer = await browser.request(path.replace('LAUNCH', launch), {
        headers: { origin: 'https://evil.example' },
      });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );
});

describe('The end of a session (T5)', () => {
  it('comes after a quarter of an hour without a request', async () => {
    pass(15 * 60_000 - 1_000);
    expect((await browser.inLaunch(launch, '/context')).status).toBe(200);
    pass(15 * 60_000 + 1_000);
    const answer = await browser.inLaunch(launch, '/context');
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      code: 'session-expired',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await browser.request(`/l/${launch}/`)).status, 'the page says it too').toBe(401);
  });

  it('comes after eight hours of work', async () => {
    for (let minutes = 0; minutes < 480; minutes += 10) {
      expect((await browser.inLaunch(launch, '/context')).status).toBe(200);
      pass(10 * 60_000);
    }
    expect((await browser.inLaunch(launch, '/context')).status).toBe(401);
  });

  it('is told to the EHR, idle or logged out', async () => {
    const revoked = () => hospital.outbound.filter(({ url }) => url.endsWith('/auth/revoke')).length;
    expect((await browser.inLaunch(launch, '/logout', { method: 'POST', body: '{}' })).status).toBe(204);
    expect((await browser.inLaunch(launch, '/context')).status).toBe(401);
    const loggedOut = revoked();
    expect(loggedOut).toBeGreaterThan(0);
    await browser.launch({ patientId: 'alba' });
    pass(15 * 60_000 + 1_000);
    await hospital.endIdle();
    expect(revoked()).toBeGreaterThan(loggedOut);
  });

  it('goes through even when the EHR cannot be told, and the log says so', async () => {
    hospital.ehr.setFault({ match: { path: /revoke/ }, kind: 'drop-before-commit' });
    expect((await browser.inLaunch(launch, '/logout', { method: 'POST', body: '{}' })).status).toBe(204);
    expect((await browser.inLaunch(launch, '/context')).status).toBe(401);
    hospital.ehr.clearFaults();
    expect(hospital.logged.join('')).toContain('revocation-failed');
  });
});

describe('Every answer carries the headers (V1, V2, V4)', () => {
  it('the page, framed by this tenant’s EHR only', async () => {
    const { headers } = await browser.request(`/l/${launch}/`);
    const shown = Object.fromEntries(
      [...headers].map(([name, value]) => [
        name,
        value.replaceAll(hospital.iss.replace('/fhir', ''), 'EHR').replace(/^[0-9a-f-]{36}$/, 'UUID'),
      ]),
    );
    expect(shown).toMatchInlineSnapshot(`
      {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors EHR; object-src 'none'; require-trusted-types-for 'script'; report-to csp",
        "content-type": "text/html; charset=UTF-8",
        "cross-origin-opener-policy": "same-origin-allow-popups",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "accelerometer=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()",
        "referrer-policy": "no-referrer",
        "reporting-endpoints": "csp="/csp-report"",
        "x-content-type-options": "nosniff",
        "x-request-id": "UUID",
      }
    `);
  });

  it.each<[string, number]>([
    ['/nowhere', 404],
    ['/launch', 400],
    ['/livez', 200],
    ['/launch.css', 200],
    ['/l/x/', 400],
  ])('%s cannot be framed by anyone', async (path, status) => {
    const answer = await hospital.browser().request(path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('only the worker’s own script may compile WebAssembly', async () => {
    const policy = async (path: string) => (await browser.request(path)).headers.get('content-security-policy') ?? '';
    expect(await policy('/assets/worker-ab12.js')).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(await policy('/assets/main-ab12.js')).toContain("script-src 'self';");
    expect(await policy(`/l/${launch}/`)).not.toContain('wasm-unsafe-eval');
  });

  it('what is named by its digest is kept for ever, everything else not at all (V18)', async () => {
    const cache = async (path: string) => (await browser.request(path)).headers.get('cache-control');
    expect(await cache('/assets/main-ab12.js')).toBe('public, max-age=31536000, immutable');
    expect(await cache('/library/abc.json')).toBe('public, max-age=31536000, immutable');
    expect(await cache(`/l/${launch}/`)).toBe('no-store');
    expect((await browser.inLaunch(launch, '/fhir/Patient/alba')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('What anyone may fetch', () => {
  it('our public keys, without a private member (T2)', async () => {
    const answer = await browser.request('/.well-known/jwks.json');
    const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES384', 'RS384']);
    expect(keys.flatMap(Object.keys).filter((member) => /^(d|p|q|dp|dq|qi|k)$/.test(member))).toEqual([]);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600');
  });

  it('health and version, which name no tenant (V16)', async () => {
    for (const path of ['/livez', '/readyz', '/version'])
      expect(await (await browser.request(path)).text()).not.toContain('practice');
  });

  it('a policy violation is counted by its directive, without the page’s address', async () => {
    const report = [
      {
        type: 'csp-violation',
        url: `${ORIGIN}/l/${launch}/`,
        body: { documentURL: `${ORIGIN}/l/${launch}/`, effectiveDirective: 'script-src-elem' },
      },
    ];
    const answer = await browser.request('/csp-report', { method: 'POST', body: JSON.stringify(report) });
    expect(answer.status).toBe(204);
    const line = hospital.logged.find((one) => one.includes('csp-violation')) ?? '';
    expect(line).toContain('script-src-elem');
    expect(line).not.toContain(launch);
  });
});

describe('A failure of ours', () => {
  const failing = () => {
    throw new SyntaxError('ZZCANARY of a chart');
  };
  const open = () => {
    const cdsHooks: NonNullable<AppDeps['cdsHooks']> = new Hono();
    cdsHooks.get('/broken', failing);
    return openHospital({ mounts: { events: new Hono<LaunchedEnv>().post('/', failing), cdsHooks } });
  };

  it('says nothing of what failed; its number is in the answer, in the header and in the log', async () => {
    const broken = await open();
    const page = broken.browser();
    const launched = await page.launch({ patientId: 'alba' });
    const answer = await page.inLaunch(launched, '/events', { method: 'POST', body: '{}' });
    const { requestId, ...said } = (await answer.json()) as Record<string, string>;
    expect([answer.status, said.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(said)).not.toContain('ZZCANARY');
    expect(answer.headers.get('x-request-id')).toBe(requestId);
    expect(broken.logged.filter((line) => line.includes(requestId ?? 'none')).join('')).toContain('SyntaxError');
    expect(broken.logged.join('')).not.toContain('ZZCANARY');
    await broken.close();
  });

  it('is a page for whoever followed a link, with the same number', async () => {
    const broken = await open();
    const answer = await broken.browser().request('/cds-services/broken');
    const text = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'text/html; charset=UTF-8']);
    expect(text).toContain(`Request ${answer.headers.get('x-request-id')}`);
    expect(text).not.toContain('ZZCANARY');
    await broken.close();
  });

  it('of what this server stands on makes it not ready, and says no more than that (V16)', async () => {
    for (const ready of [async () => false, () => Promise.reject(new Error('ZZCANARY'))]) {
      const down = await openHospital({ mounts: { ready } });
      const answer = await down.browser().request('/readyz');
      expect([answer.status, await answer.json()]).toEqual([503, { ready: false }]);
      expect((await down.browser().request('/livez')).status).toBe(200);
      await down.close();
    }
  });
});

describe('Too much (V8, V9)', () => {
  it('a body over 256 KB and an address over 8 KB are turned away', async () => {
    const large = await browser.inLaunch(launch, '/write-back/preview', {
      method: 'POST',
      body: JSON.stringify('a'.repeat(257 * 1024)),
    });
    expect(large.status).toBe(413);
    expect((await browser.inLaunch(launch, `/fhir/Observation?code=${'1,'.repeat(5000)}`)).status).toBe(400);
  });

  it('one busy session does not stop another, and sign-in has its own measure', async () => {
    const rate = { capacity: 1_000, perSecond: 1_000 };
    const small = await openHospital({
      rates: { signIn: rate, address: rate, tenant: rate, session: { capacity: 3, perSecond: 1 } },
    });
    const [busy, calm] = [small.browser(), small.browser()];
    const [a, b] = [await busy.launch({ patientId: 'alba' }), await calm.launch({ patientId: 'alba' })];
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await busy.inLaunch(a, '/context')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await busy.inLaunch(a, '/context')).headers.get('retry-after')).toBe('5');
    expect((await calm.inLaunch(b, '/context')).status).toBe(200);
    await small.close();
  });
});
