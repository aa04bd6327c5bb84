/** A browser that returns no cookie: sign-in and launch are bound to a key that it cannot give away (interop §2B 6, L5, M1–M3, S-2; RFC 9449). */
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readProof } from '../../launch/proof/proof.ts';
import { memoryKept } from '../../server/store/kept.ts';
import { openWhole } from '../security/whole.ts';
import { awkwardTenant, openAwkwardEhr } from '../server/awkward-ehr.ts';
import { type Hospital, ORIGIN, openHospital } from '../server/hospital.ts';
import { type KeyedBrowser, keyedBrowser, type Opened } from './keyed-browser.ts';

let hospital: Hospital;
beforeAll(async () => {
  hospital = await openHospital();
});
afterAll(() => hospital.close());
beforeEach(() => {
  hospital.ehr.clearFaults();
  hospital.outbound.length = 0;
});

const tokenRequests = () => hospital.outbound.filter(({ url }) => url.endsWith('/auth/token')).length;
const heading = async (response: Response) => /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1];
const patientOf = async (response: Response) => (await response.json()).patientId;

describe('A launch without a cookie', () => {
  it('reads its chart, writes to it, and logs out', async () => {
    const browser = await keyedBrowser(hospital);
    const opened = await browser.launch({ patientId: 'alba' });
    expect(await patientOf(await browser.ask(opened, '/context'))).toBe('alba');
    const read = await browser.ask(opened, '/fhir/Observation?patient=alba&category=laboratory');
    expect((await read.json()).entry).toHaveLength(12);
    const preview = await browser.ask(opened, '/write-back/preview', { method: 'POST', body: '{}' });
    expect(await preview.json()).toEqual({ patient: 'alba' });
    expect((await browser.ask(opened, '/logout', { method: 'POST', body: '{}' })).status).toBe(204);
    expect((await browser.ask(opened, '/context')).status).toBe(401);
  });

  it('sets no cookie that anything rests on, and its page holds nothing of the launch, nor does its address (T6)', async () => {
    const browser = await keyedBrowser(hospital);
    const launchId = await browser.comeBack(await browser.signIn({ patientId: 'alba' }));
    const page = await browser.go(`/l/${launchId}/`);
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors ${new URL(hospital.iss).origin}`);
    expect(await page.text()).toBe('<!doctype html><title>Attune</title>');
    expect(tokenRequests()).toBe(0);
  });

  it('gives no token of the EHR to the browser (I-1)', async () => {
    const browser = await keyedBrowser(hospital);
    const launchId = await browser.comeBack(await browser.signIn({ patientId: 'alba' }));
    const answer = await browser.redeem(launchId);
    const text = await answer.text();
    expect(Object.keys(JSON.parse(text))).toEqual(['handle']);
    for (const token of hospital.ehr.issuedTokens()) expect(text).not.toContain(token);
  });

  it('starts the first reads as soon as the key has shown itself', async () => {
    const early = await openHospital({ firstRound: (patientId) => [`Patient/${patientId}`] });
    const browser = await keyedBrowser(early);
    const opened = await browser.launch({ patientId: 'alba' });
    await expect.poll(() => early.outbound.filter(({ url }) => url.endsWith('/Patient/alba')).length).toBe(1);
    expect((await (await browser.ask(opened, '/fhir/Patient/alba')).json()).id).toBe('alba');
    expect(early.outbound.filter(({ url }) => url.endsWith('/Patient/alba'))).toHaveLength(1);
    await early.close();
  });

  it('is tried only where a framed page gets no cookie back', async () => {
    const { launchUrl } = hospital.ehr.createLaunch({ patientId: 'alba' });
    const path = launchUrl.slice(ORIGIN.length);
    const alone = await hospital.app.request(ORIGIN + path, { headers: { 'sec-fetch-dest': 'document' } });
    expect(alone.headers.get('location')).toMatch(new RegExp(`^${new URL(hospital.iss).origin}/`));
    const known = await hospital.app.request(ORIGIN + path, {
      headers: { 'sec-fetch-dest': 'iframe', cookie: '__Host-sid=known' },
    });
    expect(known.headers.get('location')).toMatch(new RegExp(`^${new URL(hospital.iss).origin}/`));
    const framed = await (await keyedBrowser(hospital)).go(path);
    expect(framed.headers.get('location')).toMatch(/^\/launch\/key\?iss=/);
  });

  it('where the browser keeps no key either, is explained, with a way out that starts the launch afresh', async () => {
    const browser = await keyedBrowser(hospital);
    const query = new URLSearchParams({ iss: hospital.iss, launch: 'x' });
    const page = await browser.go(`/launch/blocked?${query}`);
    expect(page.status).toBe(400);
    expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors ${new URL(hospital.iss).origin}`);
    const text = await page.text();
    expect(text).toContain('blocks the app’s cookie');
    expect(text).toMatch(/target="_blank" rel="noopener" href="\/launch\?iss=/);
  });

  it.each(['/launch/key', '/launch/key?iss=https%3A%2F%2Fevil.example&launch=x', '/launch/key?tenant=nobody'])(
    'from no registered EHR (%s) contacts nobody (L2)',
    async (path) => {
      const browser = await keyedBrowser(hospital);
      const url = ORIGIN + path;
      const answers = [
        await browser.go(path),
        await hospital.app.request(url, {
          method: 'POST',
          headers: { DPoP: await browser.prove({ method: 'POST', url }) },
        }),
      ];
      for (const { status } of answers) expect([400, 403]).toContain(status);
      expect(hospital.outbound).toEqual([]);
    },
  );

  it('without a chart chooses its patient at the EHR too (L3)', async () => {
    const browser = await keyedBrowser(hospital);
    const hop = await browser.go('/standalone?tenant=practice');
    expect(hop.headers.get('location')).toBe('/launch/key?tenant=practice');
    const url = `${ORIGIN}/launch/key?tenant=practice`;
    const answer = await hospital.app.request(url, {
      method: 'POST',
      headers: { DPoP: await browser.prove({ method: 'POST', url }) },
    });
    const { authorize } = await answer.json();
    expect(new URL(authorize).searchParams.get('scope')?.split(' ')).toContain('launch/patient');
  });
});

it('What its sign-in sent to the EHR is on its own account', async () => {
  const whole = await openWhole();
  const browser = await keyedBrowser(whole);
  const opened = await browser.launch({ patientId: 'alba' });
  const { launch } = await (await browser.ask(opened, '/egress')).json();
  expect(launch.map(({ kind }: { kind: string }) => kind)).toContain('token');
  await whole.close();
});

describe('A page that is loaded again', () => {
  it('is sent back to the chart, in the EHR’s frame, and the launch is not opened by its address', async () => {
    const browser = await keyedBrowser(hospital);
    const opened = await browser.launch({ patientId: 'alba' });
    const again = await browser.go(`/l/${opened.launchId}/`);
    expect(again.status).toBe(401);
    expect(again.headers.get('content-security-policy')).toContain(`frame-ancestors ${new URL(hospital.iss).origin}`);
    expect(await heading(again)).toBe('Start again from the chart');
    expect((await browser.redeem(opened.launchId)).status).toBe(404);
  });

  it('so is one whose proof did not come within two minutes', async () => {
    let ahead = 0;
    const browser = await keyedBrowser(hospital, () => Date.now() + ahead);
    const launchId = await browser.comeBack(await browser.signIn({ patientId: 'alba' }));
    ahead = 120_001;
    hospital.pass(ahead);
    const answer = await browser.redeem(launchId);
    hospital.pass(-ahead);
    expect(answer.status).toBe(404);
    expect(tokenRequests()).toBe(0);
  });
});

describe('S-2 without a cookie: a sign-in', () => {
  it('that another browser began is not completed here, and the EHR hears nothing of its code', async () => {
    const [attacker, victim] = [await keyedBrowser(hospital), await keyedBrowser(hospital)];
    const callback = await attacker.signIn({ patientId: 'alba' });
    await victim.signIn({ patientId: 'bruno' });
    const launchId = await victim.comeBack(callback);
    const answer = await victim.redeem(launchId);
    expect(answer.status).toBe(404);
    expect(await answer.json()).not.toHaveProperty('handle');
    expect(tokenRequests()).toBe(0);
    // It is used up: the attacker cannot open it either and wait for the victim.
    expect((await attacker.redeem(launchId)).status).toBe(404);
  });

  it('that two browsers began, each brought to the other’s callback, is refused twice', async () => {
    const [one, two] = [await keyedBrowser(hospital), await keyedBrowser(hospital)];
    const [first, second] = [await one.signIn({ patientId: 'alba' }), await two.signIn({ patientId: 'bruno' })];
    expect((await one.redeem(await one.comeBack(second))).status).toBe(404);
    expect((await two.redeem(await two.comeBack(first))).status).toBe(404);
    expect(tokenRequests()).toBe(0);
  });

  it('brought to a browser that has cookies is not completed there', async () => {
    const callback = await (await keyedBrowser(hospital)).signIn({ patientId: 'alba' });
    const victim = hospital.browser();
    await victim.launch({ patientId: 'bruno' });
    const sid = victim.cookies.get('__Host-sid');
    hospital.outbound.length = 0;
    const landed = await victim.request(callback);
    expect(victim.cookies.get('__Host-sid')).toBe(sid);
    const launchId = landed.headers.get('location')?.split('/')[2] ?? '';
    expect((await victim.inLaunch(launchId, '/context')).status).toBe(404);
    expect(tokenRequests()).toBe(0);
  });

  it('that a browser with cookies began is not completed by one without', async () => {
    const callback = await hospital.browser().signIn({ patientId: 'alba' });
    const answer = await (await keyedBrowser(hospital)).go(callback);
    expect(answer.status).toBe(400);
    expect(await heading(answer)).toBe('This browser blocks the app’s cookie');
    expect(tokenRequests()).toBe(0);
  });

  it('replayed is refused, before and after the key has shown itself', async () => {
    const browser = await keyedBrowser(hospital);
    const callback = await browser.signIn({ patientId: 'alba' });
    const launchId = await browser.comeBack(callback);
    expect((await browser.go(callback)).status).toBe(400);
    expect((await browser.redeem(launchId)).status).toBe(200);
    expect((await browser.go(callback)).status).toBe(400);
    expect((await browser.redeem(launchId)).status).toBe(404);
    expect(tokenRequests()).toBe(1);
  });

  it('begun without a proof of the key, or with a proof of another request, is not begun', async () => {
    const browser = await keyedBrowser(hospital);
    const path = `/launch/key?${new URLSearchParams({ iss: hospital.iss, launch: 'x' })}`;
    const elsewhere = await browser.prove({ method: 'POST', url: `${ORIGIN}/launch/other` });
    for (const headers of [{}, { DPoP: elsewhere }, { DPoP: 'a.b.c' }]) {
      const answer = await hospital.app.request(ORIGIN + path, { method: 'POST', headers });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'proof-refused' });
    }
  });

  it('gets a handle of its own each time: none that somebody chose', async () => {
    const browser = await keyedBrowser(hospital);
    const [one, two] = [await browser.launch({ patientId: 'alba' }), await browser.launch({ patientId: 'alba' })];
    expect(one.handle).toMatch(/^[\w-]{43}$/);
    expect(two.handle).not.toBe(one.handle);
    expect((await browser.ask(two, '/context', {}, { handle: 'A'.repeat(43) })).status).toBe(404);
  });

  it('that the EHR refused is explained like any other (L9)', async () => {
    const browser = await keyedBrowser(hospital);
    const state = new URL(await browser.signIn({ patientId: 'alba' }), ORIGIN).searchParams.get('state') ?? '';
    const answer = await browser.go(
      `/callback?${new URLSearchParams({ error: 'access_denied', error_description: 'canary', state, iss: hospital.iss })}`,
    );
    expect(answer.status).toBe(403);
    const text = await answer.text();
    expect(text).toContain('<h1>Access was not granted</h1>');
    expect(text).not.toContain('canary');
  });

  it('whose scope the EHR does not know is tried with a wider spelling, bound to the same key (S2)', async () => {
    const browser = await keyedBrowser(hospital);
    const state = new URL(await browser.signIn({ patientId: 'alba' }), ORIGIN).searchParams.get('state') ?? '';
    const again = await browser.go(
      `/callback?${new URLSearchParams({ error: 'invalid_scope', state, iss: hospital.iss })}`,
    );
    expect(again.status).toBe(303);
    const next = new URL(again.headers.get('location') ?? '').searchParams;
    expect(next.get('scope')).toContain('patient/Observation.rs ');
    const refused = await browser.go(
      `/callback?${new URLSearchParams({ error: 'access_denied', state: next.get('state') ?? '', iss: hospital.iss })}`,
    );
    expect(refused.status).toBe(403);
  });

  it('that fails at the EHR’s token is explained to the page', async () => {
    const browser = await keyedBrowser(hospital);
    const launchId = await browser.comeBack(await browser.signIn({ patientId: 'alba' }));
    hospital.ehr.setFault({ match: { path: /\/auth\/token/ }, kind: 'error', status: 500 });
    const answer = await browser.redeem(launchId);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'token-exchange-failed', requestId: expect.any(String) });
  });
});

describe('A request of a launch without a cookie', () => {
  let browser: KeyedBrowser;
  let opened: Opened;
  let ahead = 0;
  beforeAll(async () => {
    hospital.ehr.clearFaults();
    browser = await keyedBrowser(hospital, () => Date.now() + ahead);
    opened = await browser.launch({ patientId: 'alba' });
  });
  const url = () => `${ORIGIN}/l/${opened.launchId}/context`;
  const proof = (over: Partial<Parameters<KeyedBrowser['prove']>[0]> = {}) =>
    browser.prove({ method: 'GET', url: url(), handle: opened.handle, ...over });

  it('is answered (so that the refusals below mean something)', async () => {
    expect((await browser.ask(opened, '/context')).status).toBe(200);
  });

  it('with a proof that was sent before is 401', async () => {
    const once = await proof();
    expect((await browser.ask(opened, '/context', {}, { proof: once })).status).toBe(200);
    const again = await browser.ask(opened, '/context', {}, { proof: once });
    expect(again.status).toBe(401);
    expect(await again.json()).toMatchObject({ code: 'proof-refused' });
  });

  it('with the handle alone is 401: whoever stole it has no key', async () => {
    expect((await browser.ask(opened, '/context', {}, { proof: '' })).status).toBe(401);
  });

  it('with the handle and a key of someone else’s is 404', async () => {
    const thief = await keyedBrowser(hospital);
    const theirs = await thief.prove({ method: 'GET', url: url(), handle: opened.handle });
    expect((await browser.ask(opened, '/context', {}, { proof: theirs })).status).toBe(404);
  });

  it('with the key and handle of another browser’s launch is 404', async () => {
    const stranger = await keyedBrowser(hospital);
    const own = await stranger.launch({ patientId: 'alba' });
    expect((await stranger.ask({ ...own, launchId: opened.launchId }, '/context')).status).toBe(404);
  });

  it.each<[string, () => Partial<Parameters<KeyedBrowser['prove']>[0]>]>([
    ['another method', () => ({ method: 'POST' })],
    ['another address', () => ({ url: `${ORIGIN}/l/${opened.launchId}/fhir/Patient/alba` })],
    ['another launch', () => ({ url: `${ORIGIN}/l/AAAAAAAAAAAAAAAAAAAAAA/context` })],
    ['another server', () => ({ url: `https://evil.example/l/${opened.launchId}/context` })],
    ['another handle', () => ({ handle: 'A'.repeat(43) })],
  ])('with a proof made for %s is 401', async (_, over) => {
    expect((await browser.ask(opened, '/context', {}, { proof: await proof(over()) })).status).toBe(401);
  });

  it('with the handle in the cookie’s place is 404', async () => {
    const answer = await hospital.app.request(url(), {
      headers: { 'x-launch': opened.launchId, cookie: `__Host-sid=${opened.handle}` },
    });
    expect(answer.status).toBe(404);
  });

  it('that the app’s own page did not make is 403, like any other (V5)', async () => {
    const crossSite = await browser.ask(opened, '/context', {}, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(crossSite.status).toBe(403);
    const unnamed = await browser.ask(opened, '/context', {}, { headers: { 'x-launch': 'other' } });
    expect(unnamed.status).toBe(403);
    const foreign = await browser.ask(
      opened,
      '/events',
      { method: 'POST', body: '{}' },
      { headers: { origin: 'https://evil.example' } },
    );
    expect(foreign.status).toBe(403);
  });

  it('after fifteen idle minutes is 401 (T5)', async () => {
    const own = await browser.launch({ patientId: 'bruno' });
    const idle = 15 * 60_000 + 1;
    hospital.pass(idle);
    ahead = idle;
    const answer = await browser.ask(own, '/context');
    hospital.pass(-idle);
    ahead = 0;
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'session-expired' });
  });
});

describe('A launch that a cookie opened', () => {
  it('is not opened with its cookie as a handle, whatever key signs', async () => {
    const browser = hospital.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const handle = browser.cookies.get('__Host-sid') ?? '';
    expect((await browser.inLaunch(launchId, '/context')).status).toBe(200);
    expect((await (await keyedBrowser(hospital)).ask({ launchId, handle }, '/context')).status).toBe(404);
  });
});

describe('Several charts and several people without cookies', () => {
  it('two charts in one browser each keep their own patient, in any order (M1)', async () => {
    const browser = await keyedBrowser(hospital);
    const [alba, bruno] = [await browser.signIn({ patientId: 'alba' }), await browser.signIn({ patientId: 'bruno' })];
    const opened: Opened[] = [];
    for (const callback of [bruno, alba]) {
      const launchId = await browser.comeBack(callback);
      opened.push({ launchId, handle: (await (await browser.redeem(launchId)).json()).handle });
    }
    const asked = [0, 1, 0].map((index) => opened[index] as Opened);
    const patients = [];
    for (const one of asked) patients.push(await patientOf(await browser.ask(one, '/context')));
    expect(patients).toEqual(['bruno', 'alba', 'bruno']);
    const foreign = await browser.ask(asked[0] as Opened, '/fhir/Patient/alba');
    expect(foreign.status).toBe(404);
  });

  it('another clinician’s launch ends the earlier one’s, and a third one’s the second’s, at the EHR too (M3)', async () => {
    const browser = await keyedBrowser(hospital);
    const users = ['Practitioner/practice-okafor', 'Practitioner/practice-lindqvist', 'Practitioner/practice-okafor'];
    const opened: Opened[] = [];
    for (const user of users) opened.push(await browser.launch({ patientId: 'alba', user }));
    const statuses = [];
    for (const one of opened) statuses.push((await browser.ask(one, '/context')).status);
    expect(statuses).toEqual([404, 404, 200]);
    await expect
      .poll(() => hospital.outbound.filter(({ url }) => url.endsWith('/auth/revoke')).length)
      .toBeGreaterThanOrEqual(2);
  });

  it('the same clinician’s second chart leaves the first one open', async () => {
    const browser = await keyedBrowser(hospital);
    const first = await browser.launch({ patientId: 'alba' });
    await browser.launch({ patientId: 'bruno' });
    expect((await browser.ask(first, '/context')).status).toBe(200);
  });
});

describe('Two servers on one store', () => {
  it('serve one launch between them, and a proof that one has seen is refused by the other', async () => {
    const ehr = await openAwkwardEhr();
    const kept = memoryKept(Date.now);
    const server = () => openHospital({ tenant: awkwardTenant(ehr.iss), kept: () => kept });
    const [one, two] = [await server(), await server()];
    const [atOne, atTwo] = [await keyedBrowser(one), await keyedBrowser(two)];

    const authorize = await atOne.bind(`/launch/key?${new URLSearchParams({ iss: ehr.iss, launch: 'x' })}`);
    const asked = new URL(authorize).searchParams;
    ehr.nonces.push(asked.get('nonce') ?? '');
    const launchId = await atTwo.comeBack(
      `/callback?${new URLSearchParams({ code: 'c', state: asked.get('state') ?? '' })}`,
    );
    // The same page, whichever server answers it: its key is the one that began.
    const { handle } = await (await atOne.redeem(launchId)).json();
    const opened = { launchId, handle };
    const url = `${ORIGIN}/l/${launchId}/context`;
    const proof = await atOne.prove({ method: 'GET', url, handle });
    expect((await atTwo.ask(opened, '/context', {}, { proof })).status).toBe(200);
    expect((await atOne.ask(opened, '/context', {}, { proof })).status).toBe(401);
    await Promise.all([one.close(), two.close(), ehr.close()]);
  });
});

describe('A proof', () => {
  const request = { method: 'GET', url: 'https://app.example/l/x/context', now: Date.now() };
  const sign = async (over: { header?: object; claims?: object; alg?: string } = {}) => {
    const { alg = 'ES256' } = over;
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(publicKey);
    const claims = { htm: 'GET', htu: request.url, iat: Math.floor(request.now / 1000), jti: 'x'.repeat(22) };
    return {
      privateKey,
      proof: await new SignJWT({ ...claims, ...over.claims })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...over.header } as JWTHeaderParameters)
        .sign(privateKey),
    };
  };

  it('holds when it is what it should be', async () => {
    const { proof } = await sign();
    expect(await readProof(proof, request)).toEqual({ jkt: expect.stringMatching(/^[\w-]{43}$/), jti: 'x'.repeat(22) });
  });

  it.each<[string, Parameters<typeof sign>[0]]>([
    ['of another type', { header: { typ: 'JWT' } }],
    ['without its key', { header: { jwk: undefined } }],
    ['signed with RSA', { alg: 'RS256' }],
    ['signed with another curve', { alg: 'ES384' }],
    ['without an id', { claims: { jti: undefined } }],
    ['with an id of a kilobyte', { claims: { jti: 'x'.repeat(1024) } }],
    ['without a time', { claims: { iat: undefined } }],
    ['with a time that is no number', { claims: { iat: 'soon' } }],
    ['for a handle that was not sent', { claims: { ath: 'x' } }],
  ])('%s does not hold', async (_, over) => {
    expect(await readProof((await sign(over)).proof, request)).toBeUndefined();
  });

  it.each([-61, 61])('made %i seconds from our clock does not hold', async (seconds) => {
    const { proof } = await sign({ claims: { iat: Math.floor(request.now / 1000) + seconds } });
    expect(await readProof(proof, request)).toBeUndefined();
  });

  it.each([-58, 58])('made %i seconds from it holds', async (seconds) => {
    const { proof } = await sign({ claims: { iat: Math.floor(request.now / 1000) + seconds } });
    expect(await readProof(proof, request)).toBeDefined();
  });

  it('signed by one key and naming another does not hold', async () => {
    const other = await exportJWK((await generateKeyPair('ES256')).publicKey);
    expect(await readProof((await sign({ header: { jwk: other } })).proof, request)).toBeUndefined();
  });

  it('that carries a private key does not hold', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(pair.privateKey);
    const proof = await new SignJWT({
      htm: 'GET',
      htu: request.url,
      iat: Math.floor(request.now / 1000),
      jti: 'x'.repeat(22),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk } as JWTHeaderParameters)
      .sign(pair.privateKey);
    expect(await readProof(proof, request)).toBeUndefined();
  });

  it('with no signature, or a shared secret’s, does not hold', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const claims = { htm: 'GET', htu: request.url, iat: Math.floor(request.now / 1000), jti: 'x'.repeat(22) };
    const unsigned = `${part({ alg: 'none', typ: 'dpop+jwt', jwk })}.${part(claims)}.`;
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk } as JWTHeaderParameters)
      .sign(new TextEncoder().encode(JSON.stringify(jwk)));
    for (const proof of [unsigned, shared, '', 'x', 'a.b.c']) expect(await readProof(proof, request)).toBeUndefined();
  });
});
