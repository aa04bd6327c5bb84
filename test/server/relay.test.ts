/** The read relay: one patient, our links, no token, nothing kept (C1, S3, I-1, I-2, D-1, F7, T3). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AwkwardEhr, awkwardTenant, CANARY, launchId, openAwkwardEhr } from './awkward-ehr.ts';
import { type Hospital, ORIGIN, openHospital, type TestBrowser } from './hospital.ts';

let ehr: AwkwardEhr;
let hospital: Hospital;
let browser: TestBrowser;
let launch: string;
beforeAll(async () => {
  ehr = await openAwkwardEhr();
  hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
});
afterAll(() => Promise.all([hospital.close(), ehr.close()]));
beforeEach(async () => {
  ehr.reset();
  browser = hospital.browser();
  launch = await launchId(browser, ehr);
  ehr.seen.length = 0;
});

const read = (path: string, init?: RequestInit) => browser.inLaunch(launch, `/fhir/${path}`, init);
const asked = () => ehr.seen.map(({ line }) => line);
const observation = (subject: string, id = 'o1') => ({
  resourceType: 'Observation',
  id,
  subject: { reference: subject },
});
const bundle = (entries: object[], next?: string) =>
  Response.json({
    resourceType: 'Bundle',
    type: 'searchset',
    link: [
      { relation: 'self', url: `${ehr.iss}/Observation` },
      ...(next === undefined ? [] : [{ relation: 'next', url: next }]),
    ],
    entry: entries.map((resource) => ({ resource })),
  });

describe('The patient is put in by the server (C1)', () => {
  it.each([
    'Observation?category=laboratory',
    'Observation?category=laboratory&patient=alba',
    'Observation?subject=Patient/alba&category=laboratory',
  ])('%s', async (path) => {
    expect((await read(path)).status).toBe(200);
    expect(asked()).toEqual(['GET /fhir/Observation?patient=alba&category=laboratory']);
  });

  it.each<[string, number]>([
    ['Observation?patient=bruno', 403],
    ['Observation?patient=alba&patient=bruno', 403],
    ['Observation?patient=alba,bruno', 403],
    ['Observation?subject=Patient/bruno', 403],
    ['Observation?patient:Patient=bruno', 400],
    ['Observation?subject:Patient=bruno', 400],
    ['Observation?_has:Group:member:_id=1', 400],
    ['Observation?performer=Practitioner/1', 400],
    ['MedicationRequest?_include=MedicationRequest:subject', 400],
    ['MedicationRequest?_include=*', 400],
    ['Observation?_revinclude=Provenance:target', 400],
    ['Patient?family=Smith', 404],
    ['Patient/bruno', 404],
    ['Patient/alba/$everything', 404],
    ['Patient/alba/_history', 404],
    ['Observation/$lastn', 404],
    ['Observation/../Patient/bruno', 404],
    ['Observation/..%2fPatient%2fbruno', 404],
    ['Observation/o1?_format=html', 404],
    ['Practitioner?name=x', 404],
    ['Group/1', 404],
    ['Bundle', 404],
    ['', 404],
    ['metadata?_summary=true', 404],
    ['metadata/x', 404],
    ['https://evil.example/x', 404],
    ['_page/forged', 404],
  ])('%s answers %i, and the EHR is not asked', async (path, status) => {
    expect((await read(path)).status).toBe(status);
    expect(asked()).toEqual([]);
  });

  it('a search may be posted, as a form, with the patient put in', async () => {
    const form = {
      method: 'POST',
      body: 'code=2160-0',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
    expect((await read('Observation/_search', form)).status).toBe(200);
    expect(ehr.seen[0]).toMatchObject({ line: 'POST /fhir/Observation/_search', body: 'patient=alba&code=2160-0' });
    expect((await read('Observation/_search', { ...form, body: 'patient=bruno' })).status).toBe(403);
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('%s is not relayed', async (method) => {
    expect((await read('Observation/o1', { method, body: '{}' })).status).toBe(404);
    expect((await read('Observation', { method: 'POST', body: '{}' })).status).toBe(404);
    expect(asked()).toEqual([]);
  });
});

describe('What comes back is about this patient', () => {
  it.each<[string, string, number]>([
    ['this patient', 'Patient/alba', 200],
    ['this patient, by absolute reference', 'BASE/Patient/alba', 200],
    ['another patient', 'Patient/bruno', 404],
    ['a patient of the same id elsewhere', 'https://evil.example/fhir/Patient/alba', 404],
    ['a group', 'Group/alba', 404],
  ])('an instance about %s', async (_, subject, status) => {
    ehr.script.fhir = () => Response.json(observation(subject.replace('BASE', ehr.iss)));
    const answer = await read('Observation/o1');
    expect(answer.status).toBe(status);
    if (status !== 200) expect(await answer.text()).not.toContain('bruno');
  });

  it('an instance that names no one is not shown, and neither is another than was asked for', async () => {
    ehr.script.fhir = () => Response.json({ resourceType: 'Observation', id: 'o1' });
    expect((await read('Observation/o1')).status).toBe(404);
    ehr.script.fhir = () => Response.json(observation('Patient/alba', 'o2'));
    expect((await read('Observation/o1')).status).toBe(404);
  });

  it('a medicine or a clinician, about nobody in particular, is', async () => {
    ehr.script.fhir = () => Response.json({ resourceType: 'Medication', id: 'm1' });
    expect((await read('Medication/m1')).status).toBe(200);
  });

  it('entries about someone else are left out, and the list says that it is incomplete', async () => {
    ehr.script.fhir = () => bundle([observation('Patient/alba'), observation('Patient/bruno', 'o2')]);
    const { entry } = await (await read('Observation?code=1')).json();
    expect(
      entry.map(
        (one: { resource: { id?: string; resourceType: string } }) => one.resource.id ?? one.resource.resourceType,
      ),
    ).toEqual(['o1', 'OperationOutcome']);
    expect(entry[1]).toMatchObject({ search: { mode: 'outcome' }, resource: { issue: [{ code: 'incomplete' }] } });
  });

  it('decimals keep their digits', async () => {
    const text =
      '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","valueQuantity":{"value":1.50}}}]}';
    ehr.script.fhir = () => new Response(text, { headers: { 'content-type': 'application/fhir+json' } });
    expect(await (await read('Observation?code=1')).text()).toBe(text);
  });
});

describe('The next page (F7, I-2)', () => {
  it('is an absolute address of ours, and leads to the EHR’s', async () => {
    ehr.script.fhir = () => bundle([observation('Patient/alba')], `${ehr.iss}?_getpages=abc&_getpagesoffset=1`);
    const first = await (await read('Observation?code=1')).json();
    const url: string = first.link.find(({ relation }: { relation: string }) => relation === 'next').url;
    expect(url.startsWith(`${ORIGIN}/l/${launch}/fhir/_page/`)).toBe(true);
    expect(url).not.toContain('getpages');
    ehr.script.fhir = () => bundle([observation('Patient/alba', 'o2'), observation('Patient/bruno', 'o3')]);
    const second = await read(url.slice(`${ORIGIN}/l/${launch}/fhir/`.length));
    expect(asked().at(-1)).toBe('GET /fhir?_getpages=abc&_getpagesoffset=1');
    const text = await second.text();
    expect(text).toContain('o2');
    expect(text).not.toContain('bruno');
  });

  it('of one launch is nothing in another', async () => {
    ehr.script.fhir = () => bundle([], `${ehr.iss}/Observation?page=2`);
    const { link } = await (await read('Observation?code=1')).json();
    const cursor = link[0].url.split('/_page/')[1];
    const other = await launchId(browser, ehr);
    expect((await browser.inLaunch(other, `/fhir/_page/${cursor}`)).status).toBe(404);
  });

  it.each([
    'https://evil.example/fhir/Observation?page=2',
    '//evil.example/x',
    'http://127.0.0.1:1/fhir/x',
    'ORIGIN/admin',
    'BASE/../admin',
    'BASE/%2e%2e/admin',
    'http://u:p@HOST/fhir/x',
    'javascript:alert(1)',
  ])('at %s is never followed, and the list says that it is incomplete', async (link) => {
    const { origin, host } = new URL(ehr.iss);
    ehr.script.fhir = () =>
      bundle(
        [observation('Patient/alba')],
        link.replace('ORIGIN', origin).replace('BASE', ehr.iss).replace('HOST', host),
      );
    const before = hospital.outbound.length;
    const text = await (await read('Observation?code=1')).text();
    const answer = JSON.parse(text);
    expect(answer.link).toEqual([]);
    expect(answer.entry.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { resourceType: 'OperationOutcome', issue: [{ code: 'incomplete' }] },
    });
    expect(text).not.toContain('evil');
    expect(hospital.outbound.length - before).toBe(1);
  });
});

describe('What was not granted is not asked (S3)', () => {
  it('the EHR gets no request, and the answer names the scope', async () => {
    ehr.script.token = { ...ehr.script.token, scope: 'openid fhirUser launch patient/Patient.r patient/Observation.r' };
    const id = await launchId(browser, ehr);
    ehr.seen.length = 0;
    const refused = await browser.inLaunch(id, '/fhir/Observation?code=1');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      issue: [{ code: 'forbidden', diagnostics: 'Not granted: patient/Observation.s' }],
    });
    expect((await browser.inLaunch(id, '/fhir/Condition')).status).toBe(403);
    expect(asked()).toEqual([]);
  });
});

describe('An EHR in trouble', () => {
  it.each<[number, number]>([
    [400, 400],
    [403, 403],
    [404, 404],
    [410, 404],
    [422, 422],
    [429, 429],
    [500, 502],
    [503, 503],
    [418, 502],
  ])('answers %i, the browser %i', async (status, relayed) => {
    ehr.script.fhir = () => new Response(`stack trace of ${status}`, { status, headers: { 'retry-after': '7' } });
    const answer = await read('Observation?code=1');
    expect(answer.status).toBe(relayed);
    expect(answer.headers.get('retry-after')).toBe('7');
    const text = await answer.text();
    expect(JSON.parse(text).resourceType).toBe('OperationOutcome');
    expect(text).not.toContain('stack');
  });

  it.each<[string, () => Response, string]>([
    ['HTML', () => new Response('<html>'), 'structure'],
    ['no Bundle', () => Response.json(observation('Patient/alba')), 'structure'],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1:1/steal' } }),
      'transient',
    ],
    ['25 MB', () => new Response(`{"resourceType":"Bundle","x":"${'a'.repeat(25 * 1024 * 1024)}"}`), ''],
  ])('that sends %s is a 502', async (_, fhir, code) => {
    ehr.script.fhir = fhir;
    const answer = await read('Observation?code=1');
    expect(answer.status).toBe(502);
    if (code) expect((await answer.json()).issue[0].code).toBe(code);
    expect(hospital.outbound.some(({ url }) => url.includes('steal'))).toBe(false);
  });
});

describe('A token that has run out (T3, C2)', () => {
  const withRefresh = async () => {
    ehr.script.token = { ...ehr.script.token, refresh_token: 'refresh-1' };
    const id = await launchId(browser, ehr);
    ehr.seen.length = 0;
    return id;
  };
  const expireFirst = () => {
    ehr.script.token = { ...ehr.script.token, access_token: 'second-token', refresh_token: 'refresh-2' };
    ehr.script.fhir = (request) =>
      request.headers.get('authorization') === 'Bearer second-token' ? bundle([]) : new Response(null, { status: 401 });
  };

  it('is refreshed once for six reads at a time, and the reads succeed', async () => {
    const id = await withRefresh();
    expireFirst();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => browser.inLaunch(id, `/fhir/Observation?code=${index}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(asked().filter((line) => line === 'POST /token')).toHaveLength(1);
  });

  it('is replaced by the next one: the old refresh token is not used again', async () => {
    const id = await withRefresh();
    expireFirst();
    await browser.inLaunch(id, '/fhir/Observation?code=1');
    ehr.script.fhir = () => new Response(null, { status: 401 });
    await browser.inLaunch(id, '/fhir/Observation?code=1');
    const used = ehr.seen
      .filter(({ line }) => line === 'POST /token')
      .map(({ body }) => new URLSearchParams(body).get('refresh_token'));
    expect(used).toEqual(['refresh-1', 'refresh-2']);
  });

  it('is refreshed before it runs out', async () => {
    ehr.script.token = { ...ehr.script.token, refresh_token: 'refresh-1', expires_in: 20 };
    const id = await launchId(browser, ehr);
    ehr.seen.length = 0;
    await browser.inLaunch(id, '/fhir/Observation?code=1');
    expect(asked()[0]).toBe('POST /token');
  });

  it.each<[string, () => void]>([
    [
      'the EHR no longer refreshes it',
      () => {
        ehr.script.tokenStatus = 400;
      },
    ],
    [
      'the refreshed token speaks of another patient',
      () => {
        ehr.script.token = { ...ehr.script.token, patient: 'bruno' };
      },
    ],
  ])('ends the launch when %s', async (_, arrange) => {
    const id = await withRefresh();
    expireFirst();
    arrange();
    expect((await browser.inLaunch(id, '/fhir/Observation?code=1')).status).toBe(401);
    const after = await browser.inLaunch(id, '/context');
    expect(after.status).toBe(401);
    expect(await after.json()).toMatchObject({ code: 'session-expired' });
  });

  it('without a refresh token ends the launch', async () => {
    ehr.script.fhir = () => new Response(null, { status: 401, headers: { 'www-authenticate': `Bearer ${CANARY}` } });
    expect((await read('Observation?code=1')).status).toBe(401);
    expect(asked()).not.toContain('POST /token');
  });
});

describe('Canaries (I-1, I-3, T6)', () => {
  it('neither token nor code nor patient is in any answer’s headers, and tokens in no answer and no log line', async () => {
    ehr.script.token = { ...ehr.script.token, refresh_token: `${CANARY}-refresh` };
    const seen: string[] = [];
    const own = hospital.browser();
    const request = own.request;
    own.request = async (...call) => {
      const answer = await request(...call);
      seen.push(JSON.stringify([...answer.headers]), await answer.clone().text());
      return answer;
    };
    const landed = await launchIdSeen(own, seen);
    ehr.script.fhir = () => bundle([observation('Patient/alba')], `${ehr.iss}/Observation?page=2`);
    for (const path of [
      '/',
      '/context',
      '/fhir/Patient/alba',
      '/fhir/Observation?code=1',
      '/fhir/Observation/none',
      '/fhir/Nothing',
    ]) {
      const answer = await own.inLaunch(landed, path);
      seen.push(JSON.stringify([...answer.headers]), await answer.text());
    }
    ehr.script.tokenStatus = 400;
    const failed = await own.inLaunch(landed, '/fhir/Observation?code=2');
    seen.push(await failed.text());
    expect(seen.length).toBeGreaterThan(12);
    expect(seen.join('\n')).not.toContain(CANARY);
    const log = hospital.logged.join('');
    expect(log).toContain('/l/:launchId/fhir/*');
    for (const secret of [CANARY, 'alba', 'bruno', 'Peña', landed, 'code=']) expect(log).not.toContain(secret);
  });

  async function launchIdSeen(own: TestBrowser, seen: string[]): Promise<string> {
    const id = await launchId(own, ehr);
    seen.push([...own.cookies].join());
    return id;
  }
});

describe('What the EHR offers (metadata)', () => {
  const statement = {
    resourceType: 'CapabilityStatement',
    fhirVersion: '4.0.1',
    implementation: { description: 'long', url: 'https://ehr.example' },
    rest: [
      {
        mode: 'server',
        security: { description: 'long' },
        resource: [
          {
            type: 'Observation',
            documentation: 'long',
            interaction: [{ code: 'search-type', documentation: 'long' }],
            searchParam: [{ name: 'code', type: 'token', documentation: 'long' }],
          },
          { type: 'Coverage', interaction: [{ code: 'read' }] },
        ],
      },
    ],
  };

  it('is cut down to the types that are read, and asked of the EHR once for all launches', async () => {
    let asked = 0;
    ehr.script.fhir = () => {
      asked += 1;
      return Response.json(statement);
    };
    const answer = await read('metadata');
    expect(await answer.json()).toEqual({
      resourceType: 'CapabilityStatement',
      fhirVersion: '4.0.1',
      rest: [
        {
          mode: 'server',
          resource: [
            {
              type: 'Observation',
              interaction: [{ code: 'search-type' }],
              searchParam: [{ name: 'code', type: 'token' }],
            },
          ],
        },
      ],
    });
    const other = hospital.browser();
    const second = await launchId(other, ehr);
    expect((await other.inLaunch(second, '/fhir/metadata')).status).toBe(200);
    expect(asked).toBe(1);
  });
});
