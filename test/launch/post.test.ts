/** An authorize request that is too long for an address (interop L7). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizeForm } from '../../launch/post.ts';
import { awkwardTenant, openAwkwardEhr } from '../server/awkward-ehr.ts';
import { type Hospital, ORIGIN, openHospital } from '../server/hospital.ts';

/** As a site would write them that asks by category: more than an address of 2,000 characters holds. */
const SCOPES = [
  'openid',
  'fhirUser',
  'launch',
  'patient/Patient.rs',
  ...Array.from({ length: 30 }, (_, n) => `patient/Observation.rs?category=http://hospital.example/kind|k${n}`),
  'patient/Observation.rs',
];

let hospital: Hospital;
beforeAll(async () => {
  hospital = await openHospital({ tenant: { scopes: SCOPES } });
});
afterAll(() => hospital.close());

const begin = (chosen: Hospital, iss = chosen.iss) =>
  chosen.browser().request(`/launch?${new URLSearchParams({ iss, launch: 'x' })}`);

describe('An authorize request that is too long for an address', () => {
  it('is a form that sends itself, where the EHR takes one, and leads to the launch', async () => {
    const browser = hospital.browser();
    const answer = await browser.request(
      hospital.ehr.createLaunch({ patientId: 'alba' }).launchUrl.slice(ORIGIN.length),
    );
    expect(answer.status).toBe(200);
    const text = await answer.text();
    const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1] ?? '';
    expect(action).toBe(`${new URL(hospital.iss).origin}/auth/authorize`);
    const fields = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
    const body = new URLSearchParams(fields.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]));
    expect(Object.fromEntries(body)).toMatchObject({ aud: hospital.iss, code_challenge_method: 'S256' });
    expect(body.get('scope')).toBe(SCOPES.join(' '));

    const landed = await hospital.ehr.fetch(new Request(action, { method: 'POST', body }));
    const callback = (landed.headers.get('location') ?? '').slice(ORIGIN.length);
    const opened = await browser.request(callback);
    expect(opened.status).toBe(303);
    expect(opened.headers.get('location')).toMatch(/^\/l\/[\w-]{22}\/$/);
  });

  it('may be sent to the EHR and on to its sign-in, by a script of ours alone, in the EHR’s frame', async () => {
    const answer = await begin(hospital);
    const policy = answer.headers.get('content-security-policy');
    const origin = new URL(hospital.iss).origin;
    expect(policy).toContain(`form-action 'self' ${origin} https:;`);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`frame-ancestors ${origin};`);
    const script = await hospital.app.request(`${ORIGIN}/launch/post.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await script.text()).toBe('document.forms[0].submit();\n');
    expect(script.headers.get('content-security-policy')).toContain("form-action 'self';");
  });

  it('stays an address at an EHR that takes no form', async () => {
    const ehr = await openAwkwardEhr();
    const plain = await openHospital({ tenant: { ...awkwardTenant(ehr.iss), scopes: SCOPES } });
    const answer = await begin(plain, ehr.iss);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')?.length).toBeGreaterThan(2_000);
    await plain.close();
    await ehr.close();
  });

  it('shows what came with the launch as text only', async () => {
    const shown = String(
      await authorizeForm('https://ehr.example/authorize?launch=%22%3E%3Cscript%3Ealert(1)%3C/script%3E'),
    );
    expect(shown).not.toContain('<script>alert');
    expect(shown).toContain('&lt;script&gt;');
  });
});

it('A request of ordinary length is a plain redirect, form or not', async () => {
  const ordinary = await openHospital();
  expect((await begin(ordinary)).status).toBe(303);
  await ordinary.close();
});
