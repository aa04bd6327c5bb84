/** Token responses, id_tokens and discoveries that must not pass (C1–C4, I1, I2, L10, L11). */
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AwkwardEhr, awkwardTenant, land, launchId, openAwkwardEhr } from '../server/awkward-ehr.ts';
import { type Hospital, openHospital } from '../server/hospital.ts';

let ehr: AwkwardEhr;
let hospital: Hospital;
beforeAll(async () => {
  ehr = await openAwkwardEhr();
  hospital = await openHospital({ tenant: awkwardTenant(ehr.iss) });
});
afterAll(() => Promise.all([hospital.close(), ehr.close()]));
beforeEach(() => ehr.reset());

const title = async (response: Response) => /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1];
const context = async () => {
  const browser = hospital.browser();
  const id = await launchId(browser, ehr);
  return (await browser.inLaunch(id, '/context')).json();
};

describe('An id_token that does not hold is not believed (I1)', () => {
  const now = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => void]>([
    [
      'signed with another key',
      () => {
        ehr.script.sign = async (claims) =>
          new SignJWT({ ...claims })
            .setProtectedHeader({ alg: 'RS256', kid: 'k' })
            .sign((await generateKeyPair('RS256')).privateKey);
      },
    ],
    [
      'not signed at all',
      () => {
        ehr.script.sign = async (claims) => new UnsecuredJWT({ ...claims }).encode();
      },
    ],
    [
      'signed with a shared secret',
      () => {
        ehr.script.sign = (claims) =>
          new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));
      },
    ],
    [
      'from another issuer',
      () => {
        ehr.script.claims = { iss: 'https://evil.example' };
      },
    ],
    [
      'for another client',
      () => {
        ehr.script.claims = { aud: 'somebody-else' };
      },
    ],
    [
      'expired two minutes ago',
      () => {
        ehr.script.claims = { iat: now() - 600, exp: now() - 120 };
      },
    ],
    [
      'with another sign-in’s nonce',
      () => {
        ehr.script.claims = { nonce: 'other' };
      },
    ],
    [
      'without a nonce',
      () => {
        ehr.script.claims = { nonce: undefined };
      },
    ],
    [
      'that is no JWT',
      () => {
        ehr.script.sign = async () => 'x.y.z';
      },
    ],
  ])('%s', async (_, arrange) => {
    arrange();
    const answer = await land(hospital.browser(), ehr);
    expect(answer.status).toBe(502);
    expect(await title(answer)).toBe('Who signed in could not be verified');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('half a minute of clock difference is forgiven', async () => {
    ehr.script.claims = { iat: now() - 330, exp: now() - 30 };
    expect((await land(hospital.browser(), ehr)).status).toBe(303);
  });
});

describe('The patient comes from the token response or not at all (C1)', () => {
  it.each([undefined, null, 7, '', '../Patient/x', 'a b', 'x'.repeat(129)])('%j is no patient', async (patient) => {
    ehr.script.token = { ...ehr.script.token, patient };
    const answer = await land(hospital.browser(), ehr);
    expect(answer.status).toBe(400);
    expect(await title(answer)).toBe('No patient was selected');
  });
});

describe('The context', () => {
  it.each<[unknown, boolean]>([
    [true, true],
    [false, false],
    [undefined, true],
    ['no', true],
  ])('need_patient_banner %j shows the full banner: %s (C4)', async (said, full) => {
    ehr.script.token = { ...ehr.script.token, need_patient_banner: said };
    expect((await context()).needPatientBanner).toBe(full);
  });

  it('keeps accents in the clinician’s name (F11)', async () => {
    expect((await context()).user.display).toBe('Dr. Peña');
  });

  it.each<[unknown, string, boolean]>([
    ['Practitioner/p1', 'Practitioner/p1', true],
    ['PractitionerRole/r1', 'PractitionerRole/r1', true],
    ['Patient/alba', 'Patient/alba', false],
    ['RelatedPerson/x', 'RelatedPerson/x', false],
    ['https://evil.example/fhir/Practitioner/p1', '', false],
    ['Practitioner/p1/../p2', '', false],
    [undefined, '', false],
  ])('fhirUser %j is %j and may approve: %s (I2)', async (claimed, fhirUser, mayApprove) => {
    ehr.script.claims = { ...ehr.script.claims, fhirUser: claimed };
    expect((await context()).user).toMatchObject({ fhirUser, mayApprove });
  });

  it('passes on other resources in context, and none that pretends to be the launch’s patient (C3)', async () => {
    ehr.script.token = {
      ...ehr.script.token,
      fhirContext: [
        { reference: 'ImagingStudy/1' },
        { reference: 'Patient/bruno' },
        { reference: 'Patient/bruno', role: 'http://example.org/sibling' },
        { canonical: 'http://example.org/Questionnaire/1', type: 'Questionnaire' },
        'nonsense',
        { unknown: 1 },
      ],
    };
    expect((await context()).fhirContext).toEqual([
      { reference: 'ImagingStudy/1' },
      { reference: 'Patient/bruno', role: 'http://example.org/sibling' },
      { canonical: 'http://example.org/Questionnaire/1', type: 'Questionnaire' },
    ]);
  });

  it('an intent that is not known is left out (C6)', async () => {
    ehr.script.token = { ...ehr.script.token, intent: 'javascript:alert(1)' };
    expect(await context()).not.toHaveProperty('intent');
  });

  it('names what was not granted, and why no note can be written (S3)', async () => {
    ehr.script.token = { ...ehr.script.token, scope: 'openid fhirUser launch patient/Patient.r' };
    expect((await context()).features).toEqual([
      { id: 'patient', available: true },
      { id: 'laboratory', available: false, reason: 'not granted: patient/Observation.rs' },
      { id: 'conditions', available: false, reason: 'not granted: patient/Condition.rs' },
      { id: 'write-back', available: false, reason: 'not granted: patient/DocumentReference.cr' },
    ]);
  });

  it('takes a missing scope for the one that was asked for', async () => {
    ehr.script.token = { ...ehr.script.token, scope: undefined };
    expect((await context()).scope).toContain('patient/Condition.rs');
  });
});

describe('A discovery that names a host nobody pinned is refused before anyone signs in (L10, L11)', () => {
  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'revocation_endpoint', 'issuer'])(
    '%s',
    async (member) => {
      const fresh = await openHospital({ tenant: awkwardTenant(ehr.iss) });
      ehr.script.configuration = { ...ehr.script.configuration, [member]: 'https://evil.example/x' };
      const answer = await land(fresh.browser(), ehr);
      expect(answer.status).toBe(503);
      expect(fresh.outbound.map(({ url }) => url)).toEqual([`${ehr.iss}/.well-known/smart-configuration`]);
      await fresh.close();
    },
  );

  it('a relative endpoint is taken from the FHIR base', async () => {
    const fresh = await openHospital({ tenant: awkwardTenant(ehr.iss) });
    ehr.script.configuration = { ...ehr.script.configuration, token_endpoint: '../token' };
    expect((await land(fresh.browser(), ehr)).status).toBe(303);
    await fresh.close();
  });

  it('is asked for once a day', async () => {
    const fresh = await openHospital({ tenant: awkwardTenant(ehr.iss) });
    const asked = () => fresh.outbound.filter(({ url }) => url.includes('smart-configuration')).length;
    await land(fresh.browser(), ehr);
    await land(fresh.browser(), ehr);
    expect(asked()).toBe(1);
    fresh.pass(24 * 3600_000 + 1);
    await land(fresh.browser(), ehr);
    expect(asked()).toBe(2);
    await fresh.close();
  });
});
