/** From the EHR's link to a launch of our own, against the practice EHR: what is accepted, and each way to fail (L1–L9, C1–C4, I1–I2, M3, S-1, S-2). */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Hospital, ORIGIN, openHospital } from '../server/hospital.ts';

let hospital: Hospital;
beforeAll(async () => {
  hospital = await openHospital();
});
afterAll(() => hospital.close());
beforeEach(() => {
  hospital.ehr.clearFaults();
  hospital.outbound.length = 0;
});

const heading = async (response: Response) => /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1];

describe('A launch from a chart', () => {
  it('ends at its own address, with nothing of the sign-in in it (T6)', async () => {
    const browser = hospital.browser();
    const landed = await browser.request(await browser.signIn({ patientId: 'alba' }));
    expect(landed.status).toBe(303);
    expect(landed.headers.get('location')).toMatch(/^\/l\/[\w-]{22}\/$/);
    expect(landed.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('asks the EHR with PKCE S256, state and nonce of 256 bits, and the issuer as audience (L4, L5, L6)', async () => {
    const { launchUrl } = hospital.ehr.createLaunch({ patientId: 'alba' });
    const answer = await hospital.browser().request(launchUrl.slice(ORIGIN.length));
    const asked = new URL(answer.headers.get('location') ?? '').searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      aud: hospital.iss,
      code_challenge_method: 'S256',
      redirect_uri: `${ORIGIN}/callback`,
      response_type: 'code',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    expect(asked.has('max_age')).toBe(false);
  });

  it('tells the browser who and about whom, and no token (C1, C4)', async () => {
    const browser = hospital.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const context = await (await browser.inLaunch(launchId, '/context')).json();
    expect(context).toMatchObject({
      launchId,
      patientId: 'alba',
      tenant: { id: 'practice' },
      user: { fhirUser: 'Practitioner/practice-okafor', display: 'Dr. Amara Okafor', mayApprove: true },
      needPatientBanner: true,
      practice: true,
    });
    expect(JSON.stringify(context)).not.toMatch(/token/i);
  });

  it.each([
    [
      'client_secret_basic',
      { clientId: 'attune-secret', auth: { method: 'client_secret_basic', secret: { env: 'X' } } },
    ],
    ['RS384', { auth: { method: 'private_key_jwt', alg: 'RS384' } }],
    ['a public client', { clientId: 'attune-public', auth: { method: 'none' } }],
  ])('works with %s as well (T1)', async (_, tenant) => {
    const other = await openHospital({ tenant });
    await expect(other.browser().launch({ patientId: 'alba' })).resolves.toMatch(/^[\w-]{22}$/);
    await other.close();
  });
});

describe('An issuer that is not registered', () => {
  it.each([
    'https://evil.example/fhir',
    'http://169.254.169.254/fhir',
    'http://127.0.0.1:1/fhir',
    'http://evil@127.0.0.1/fhir',
    ' ',
  ])('%s gets a page, and nobody is contacted (L2, S-1)', async (iss) => {
    const answer = await hospital.browser().request(`/launch?${new URLSearchParams({ iss, launch: 'x' })}`);
    expect(answer.status).toBe(403);
    expect(await heading(answer)).toBe('This EHR is not registered');
    expect(hospital.outbound).toEqual([]);
  });

  it.each(['/launch', '/launch?launch=x', `/launch?iss=http://127.0.0.1/fhir`])('%s is incomplete', async (path) => {
    const answer = await hospital.browser().request(path);
    expect([400, 403]).toContain(answer.status);
    expect(hospital.outbound).toEqual([]);
  });
});

describe('A sign-in is good once, for ten minutes, in the browser that began it (L5, S-2)', () => {
  it('a replayed callback is refused, and the code is not sent again', async () => {
    const browser = hospital.browser();
    const callback = await browser.signIn({ patientId: 'alba' });
    await browser.request(callback);
    hospital.outbound.length = 0;
    const again = await browser.request(callback);
    expect(again.status).toBe(400);
    expect(await heading(again)).toBe('This sign-in is no longer valid');
    expect(hospital.outbound).toEqual([]);
  });

  it('a callback carried into another browser is refused, whose own sign-in is under way', async () => {
    const [attacker, victim] = [hospital.browser(), hospital.browser()];
    const callback = await attacker.signIn({ patientId: 'alba' });
    await victim.signIn({ patientId: 'bruno' });
    hospital.outbound.length = 0;
    const answer = await victim.request(callback);
    expect(answer.status).toBe(400);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(hospital.outbound).toEqual([]);
  });

  it.each(['/callback?code=x', '/callback?code=x&state=', '/callback?code=x&state=guess', '/callback'])(
    '%s is refused',
    async (path) => {
      const browser = hospital.browser();
      await browser.signIn({ patientId: 'alba' });
      expect((await browser.request(path)).status).toBe(400);
    },
  );

  it('a callback after ten minutes is refused', async () => {
    const browser = hospital.browser();
    const callback = await browser.signIn({ patientId: 'alba' });
    hospital.pass(10 * 60_000 + 1);
    const answer = await browser.request(callback);
    hospital.pass(-(10 * 60_000 + 1));
    expect(answer.status).toBe(400);
  });

  it('an answer that names another issuer is refused (L8)', async () => {
    const browser = hospital.browser();
    const callback = new URL(await browser.signIn({ patientId: 'alba' }), ORIGIN);
    callback.searchParams.set('iss', 'https://evil.example');
    expect((await browser.request(callback.pathname + callback.search)).status).toBe(400);
  });

  it('a session id set beforehand is not the one afterwards (S-2)', async () => {
    const browser = hospital.browser();
    browser.cookies.set('__Host-sid', 'planted');
    const launchId = await browser.launch({ patientId: 'alba' });
    const sid = browser.cookies.get('__Host-sid');
    expect(sid).toMatch(/^[\w-]{43}$/);
    browser.cookies.set('__Host-sid', 'planted');
    expect((await browser.inLaunch(launchId, '/context')).status).toBe(404);
  });

  it('two charts opened at once in one browser both arrive (M1)', async () => {
    const browser = hospital.browser();
    const [alba, bruno] = [await browser.signIn({ patientId: 'alba' }), await browser.signIn({ patientId: 'bruno' })];
    const landed = await Promise.all([browser.request(alba), browser.request(bruno)]);
    expect(landed.map(({ status }) => status)).toEqual([303, 303]);
    const patients = await Promise.all(
      landed.map(async ({ headers }) => {
        const launchId = headers.get('location')?.split('/')[2] ?? '';
        return (await (await browser.inLaunch(launchId, '/context')).json()).patientId;
      }),
    );
    expect(patients).toEqual(['alba', 'bruno']);
  });
});

describe('The session id changes with every launch (S-2)', () => {
  it('and the one before it counts ten seconds more, for requests that are on their way', async () => {
    const browser = hospital.browser();
    const first = await browser.launch({ patientId: 'alba' });
    const before = browser.cookies.get('__Host-sid') ?? '';
    await browser.launch({ patientId: 'bruno' });
    browser.cookies.set('__Host-sid', before);
    expect((await browser.inLaunch(first, '/context')).status).toBe(200);
    hospital.pass(10_001);
    expect((await browser.inLaunch(first, '/context')).status).toBe(404);
    hospital.pass(-10_001);
  });

  it('but not for the launches of the clinician who signed in before', async () => {
    const browser = hospital.browser();
    const first = await browser.launch({ patientId: 'alba', user: 'Practitioner/practice-okafor' });
    const before = browser.cookies.get('__Host-sid') ?? '';
    const second = await browser.launch({ patientId: 'alba', user: 'Practitioner/practice-lindqvist' });
    browser.cookies.set('__Host-sid', before);
    for (const launch of [first, second]) expect((await browser.inLaunch(launch, '/context')).status).toBe(404);
  });

  it('and three charts that arrive at once beside an open one all stay reachable (M1)', async () => {
    const browser = hospital.browser();
    const open = await browser.launch({ patientId: 'alba' });
    const callbacks = [];
    for (let n = 0; n < 3; n++) callbacks.push(await browser.signIn({ patientId: 'bruno' }));
    const landed = await Promise.all(callbacks.map((callback) => browser.request(callback)));
    const launches = [open, ...landed.map(({ headers }) => headers.get('location')?.split('/')[2] ?? '')];
    for (const launch of launches) expect((await browser.inLaunch(launch, '/context')).status).toBe(200);
  });
});

describe('Cookies', () => {
  it('are host-only, secure, partitioned and out of reach of scripts (V6)', async () => {
    const browser = hospital.browser();
    const landed = await browser.request(await browser.signIn({ patientId: 'alba' }));
    const [set = ''] = landed.headers.getSetCookie();
    expect(set.replace(/=[\w-]{43};/, '=…;')).toBe(
      '__Host-sid=…; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
    );
  });

  it('that a browser does not return are explained, with a way out that starts the launch afresh', async () => {
    const browser = hospital.browser();
    const callback = await browser.signIn({ patientId: 'alba' });
    browser.cookies.clear();
    hospital.outbound.length = 0;
    const answer = await browser.request(callback);
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(text).toContain('blocks the app’s cookie');
    expect(text).toMatch(/target="_blank" rel="noopener" href="\/launch\?iss=/);
    expect(hospital.outbound).toEqual([]);
  });

  it('lost between the callback and the page are explained too', async () => {
    const browser = hospital.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    browser.cookies.clear();
    const answer = await browser.request(`/l/${launchId}/`);
    expect(await heading(answer)).toBe('This browser blocks the app’s cookie');
  });
});

describe('What the EHR refuses is explained, in our words only (L9)', () => {
  const refusals: [string, string, number][] = [
    ['access_denied', 'Access was not granted', 403],
    ['login_required', 'The EHR wants you to sign in again', 403],
    ['interaction_required', 'The EHR wants you to sign in again', 403],
    ['server_error', 'The EHR could not sign you in', 502],
    ['temporarily_unavailable', 'The EHR does not answer', 503],
  ];
  it.each(refusals)('%s', async (error, title, status) => {
    const browser = hospital.browser();
    const callback = new URL(await browser.signIn({ patientId: 'alba' }), ORIGIN);
    const answer = await browser.request(
      `/callback?${new URLSearchParams({ error, error_description: '<script>alert("canary")</script>', state: callback.searchParams.get('state') ?? '', iss: hospital.iss })}`,
    );
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(text).toContain(`<h1>${title}</h1>`);
    expect(text).not.toContain('canary');
    expect(text).toMatch(/Request [0-9a-f-]{36}/);
  });

  it('invalid_scope is tried once more with wider spelling, then with v1, then explained (S2)', async () => {
    const browser = hospital.browser();
    const { launchUrl } = hospital.ehr.createLaunch({ patientId: 'alba' });
    let answer = await browser.request(launchUrl.slice(ORIGIN.length));
    const asked: string[] = [];
    while (answer.status === 303) {
      const query = new URL(answer.headers.get('location') ?? '').searchParams;
      asked.push(
        query
          .get('scope')
          ?.split(' ')
          .find((scope) => scope.includes('/Observation')) ?? '',
      );
      answer = await browser.request(
        `/callback?${new URLSearchParams({ error: 'invalid_scope', state: query.get('state') ?? '', iss: hospital.iss })}`,
      );
    }
    expect(asked).toEqual([
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
      'patient/Observation.rs',
      'patient/Observation.read',
    ]);
    expect(answer.status).toBe(403);
    expect(await heading(answer)).toBe('The EHR refused the access asked for');
  });

  it('an EHR that is down at discovery', async () => {
    const down = await openHospital();
    down.ehr.setFault({ match: { path: /smart-configuration/ }, kind: 'drop-before-commit' });
    const { launchUrl } = down.ehr.createLaunch({ patientId: 'alba' });
    const answer = await down.browser().request(launchUrl.slice(ORIGIN.length));
    expect(answer.status).toBe(503);
    expect(await heading(answer)).toBe('The EHR does not answer');
    down.ehr.clearFaults();
    const later = await down.browser().request(launchUrl.slice(ORIGIN.length));
    expect(later.status, 'a failure is not cached').toBe(303);
    await down.close();
  });

  it('an EHR that fails at the token', async () => {
    const browser = hospital.browser();
    const callback = await browser.signIn({ patientId: 'alba' });
    hospital.ehr.setFault({ match: { path: /\/auth\/token/ }, kind: 'error', status: 500 });
    const answer = await browser.request(callback);
    expect(answer.status).toBe(502);
    expect(await heading(answer)).toBe('The EHR did not complete the sign-in');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('a code that the EHR does not know', async () => {
    const browser = hospital.browser();
    const callback = new URL(await browser.signIn({ patientId: 'alba' }), ORIGIN);
    callback.searchParams.set('code', 'ab+c/d&x=1');
    const answer = await browser.request(callback.pathname + callback.search);
    expect(await heading(answer)).toBe('The sign-in took too long');
    expect(hospital.logged.at(-1)).toContain('"errCode":"code-expired:invalid_grant"');
  });
});

describe('A refusal is shown in the EHR’s frame, where the launch was (L9)', () => {
  const framedBy = (answer: Response) =>
    /frame-ancestors ([^;]*)/.exec(answer.headers.get('content-security-policy') ?? '')?.[1];
  const ours = () => new URL(hospital.iss).origin;

  it('a callback that was loaded again, or whose sign-in is not known', async () => {
    const browser = hospital.browser();
    const callback = await browser.signIn({ patientId: 'alba' });
    await browser.request(callback);
    for (const path of [callback, '/callback', '/callback?code=x&state=guess']) {
      const answer = await browser.request(path);
      expect(await heading(answer)).toBe('This sign-in is no longer valid');
      expect(framedBy(answer)).toBe(ours());
    }
  });

  it('a launch that has ended, or is another browser’s, or came back without its cookie', async () => {
    const browser = hospital.browser();
    const launchId = await browser.launch({ patientId: 'alba' });
    const without = await hospital.browser().request(`/l/${launchId}/`);
    expect([await heading(without), framedBy(without)]).toEqual(['This browser blocks the app’s cookie', ours()]);
    const stranger = hospital.browser();
    await stranger.launch({ patientId: 'alba' });
    const foreign = await stranger.request(`/l/${launchId}/`);
    expect([await heading(foreign), framedBy(foreign)]).toEqual(['There is nothing here for you', ours()]);
    await browser.inLaunch(launchId, '/logout', { method: 'POST', body: '{}' });
    const ended = await browser.request(`/l/${launchId}/`);
    expect([await heading(ended), framedBy(ended)]).toEqual(['The session has ended', ours()]);
  });

  it('but not of an EHR that is not registered, nor one that the answer alone names', async () => {
    const browser = hospital.browser();
    const unknown = await browser.request('/launch?iss=https%3A%2F%2Fevil.example%2Ffhir&launch=x');
    expect(framedBy(unknown)).toBe("'none'");
    const named = await browser.request('/callback?code=x&state=x&iss=https%3A%2F%2Fevil.example%2Ffhir');
    expect(framedBy(named)).toBe("'none'");
  });
});

describe('A shared workstation (M3, I-4)', () => {
  it('another clinician’s launch in the same browser ends the first one’s, at the EHR too', async () => {
    const browser = hospital.browser();
    const first = await browser.launch({ patientId: 'alba', user: 'Practitioner/practice-okafor' });
    hospital.outbound.length = 0;
    const second = await browser.launch({ patientId: 'alba', user: 'Practitioner/practice-lindqvist' });
    expect((await browser.inLaunch(first, '/context')).status).toBe(404);
    expect((await browser.inLaunch(second, '/context')).status).toBe(200);
    await expect.poll(() => hospital.outbound.some(({ url }) => url.endsWith('/auth/revoke'))).toBe(true);
  });

  it('the same clinician’s second chart leaves the first one open', async () => {
    const browser = hospital.browser();
    const first = await browser.launch({ patientId: 'alba' });
    await browser.launch({ patientId: 'bruno' });
    expect((await browser.inLaunch(first, '/context')).status).toBe(200);
  });

  it('another browser gets nothing by knowing the address', async () => {
    const launchId = await hospital.browser().launch({ patientId: 'alba' });
    const stranger = hospital.browser();
    await stranger.launch({ patientId: 'alba' });
    expect((await stranger.request(`/l/${launchId}/`)).status).toBe(404);
    expect((await stranger.inLaunch(launchId, '/fhir/Patient/alba')).status).toBe(404);
  });
});

describe('Without a chart (L3)', () => {
  it('the picker lists the registered EHRs and asks for a patient', async () => {
    const browser = hospital.browser();
    expect(await (await browser.request('/standalone')).text()).toContain('href="/standalone?tenant=practice"');
    const answer = await browser.request('/standalone?tenant=practice');
    const query = new URL(answer.headers.get('location') ?? '').searchParams;
    expect(query.get('scope')?.split(' ')).toContain('launch/patient');
    expect(query.has('launch')).toBe(false);
  });
});

it('one file knows OAuth', async () => {
  const { readFile } = await import('node:fs/promises');
  const root = new URL('../../', import.meta.url);
  const files = ['launch', 'server'].flatMap((room) =>
    readdirSync(new URL(room, root), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${room}/${file}`),
  );
  const knowing = await Promise.all(
    files.map(async (file) =>
      /^import (?!type).*'oauth4webapi'/m.test(await readFile(new URL(file, root), 'utf8')) ? [file] : [],
    ),
  );
  expect(knowing.flat()).toEqual(['launch/smart.ts']);
});
