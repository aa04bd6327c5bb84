/** `attune doctor` and `attune register`: what an EHR's own documents say of the app, and silence never taken for consent (V20, L10, L11, S1, S2, WB1). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTenants } from '../../../launch/tenants.ts';
import { run } from '../../../server/cli.ts';
import type { Documents } from '../../../server/doctor/documents.ts';
import { savedDocuments } from '../../../server/doctor/documents.ts';
import { examine } from '../../../server/doctor/examine.ts';
import { registrationKit } from '../../../server/doctor/kit.ts';
import { freePort } from '../hospital.ts';
import { doctorPage, folderOf, ofPractice, ofSaved, PAGE } from './page.ts';

const NOW = Date.parse('2026-11-23T09:00:00Z');

async function attune(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, { out: (line) => out.push(line), err: (line) => err.push(line), stdin: async () => '' });
  return { code, out, err: err.join('\n') };
}

async function changed(id: string, change: (documents: Documents) => Documents) {
  return examine(change(await savedDocuments(join('fixtures/vendors/discovery', id))), { now: NOW });
}
type Body = Extract<Documents['discovery'], { state: 'read' }>['body'];
const withDiscovery = (id: string, change: Partial<Body>) =>
  changed(id, (documents) => {
    if (documents.discovery.state !== 'read') throw new Error('no discovery');
    return { ...documents, discovery: { state: 'read', body: { ...documents.discovery.body, ...change } } };
  });

const line = { id: 'x', name: 'X', clientId: 'c', auth: { method: 'none' }, writeBack: { enabled: false } };

const feature = ({ features }: Awaited<ReturnType<typeof ofSaved>>, id: string) =>
  features.find((one) => one.id === id);
const rung = ({ writeBack }: Awaited<ReturnType<typeof ofSaved>>, title: RegExp) =>
  writeBack.find((one) => title.test(one.title))?.status;

describe('What works at an EHR', () => {
  it('is everything at the practice EHR', async () => {
    const diagnosis = await ofPractice();
    expect(diagnosis.verdict).toBe('works');
    expect(diagnosis.features.filter(({ status }) => status !== 'works')).toEqual([]);
    expect(diagnosis.checks.filter(({ status }) => status === 'failed')).toEqual([]);
  });

  it('is degraded where reported medicines are not offered, and says what follows from it', async () => {
    const diagnosis = await ofSaved('epic');
    expect(diagnosis.verdict).toBe('degraded');
    expect(feature(diagnosis, 'medication-statements')).toMatchObject({
      status: 'blocked',
      scope: 'patient/MedicationStatement.rs',
      why: expect.stringContaining('abstains'),
    });
  });

  it('is nothing where there is no SMART configuration', async () => {
    expect(await ofSaved('hapi')).toMatchObject({ verdict: 'blocked' });
  });

  it('is tried at launch where the EHR does not say what it offers: never called working', async () => {
    const { features, verdict } = await ofPractice('hostile');
    expect(verdict).toBe('degraded');
    expect(features.filter(({ id, status }) => id !== 'launch' && status === 'works')).toEqual([]);
  });

  it('names the scope of each feature as it would be asked for: narrowed in v2, whole types in v1', async () => {
    expect(feature(await ofSaved('epic'), 'laboratory')?.scope).toMatch(
      /^patient\/Observation\.rs\?category=.*\|laboratory$/,
    );
    const v1 = await withDiscovery('epic', { capabilities: ['launch-ehr', 'sso-openid-connect', 'permission-v1'] });
    expect(feature(v1, 'laboratory')?.scope).toBe('patient/Observation.read');
    expect(v1.scopes.join(' ')).not.toMatch(/\*|offline_access|\.c?r?u?ds?(\s|$)/);
  });
});

describe('A launch is blocked', () => {
  it.each([
    ['without launch-ehr', { capabilities: ['sso-openid-connect', 'permission-v2'] }],
    ['without OpenID Connect', { capabilities: ['launch-ehr', 'permission-v2'] }],
    ['with a token endpoint without TLS', { token_endpoint: 'http://login.example.org/token' }],
  ] satisfies [string, Partial<Body>][])('%s', async (_, change) => {
    expect((await withDiscovery('epic', change)).verdict).toBe('blocked');
  });

  it('by another FHIR version, by a clock that is off, by TLS that does not hold', async () => {
    const dstu2 = await changed('epic', (documents) => ({
      ...documents,
      capability: { state: 'read', body: { resourceType: 'CapabilityStatement', fhirVersion: '1.0.2', rest: [] } },
    }));
    expect(dstu2.verdict).toBe('blocked');
    const off = await changed('epic', (documents) => ({ ...documents, skewSeconds: 95 }));
    expect(off.checks).toContainEqual(expect.objectContaining({ id: 'clock', status: 'failed' }));
    const broken = await changed('epic', (documents) => ({
      ...documents,
      live: true,
      from: 'https://epic-like.example.org/r4',
      tls: { failed: 'CERT_HAS_EXPIRED' },
    }));
    expect(broken.verdict).toBe('blocked');
  });

  it('not by a missing announcement of PKCE, which is sent all the same', async () => {
    const { verdict, checks } = await withDiscovery('medplum', { code_challenge_methods_supported: [] });
    expect(verdict).toBe('degraded');
    expect(checks).toContainEqual(expect.objectContaining({ id: 'pkce', status: 'attention' }));
  });
});

describe('Ways to write', () => {
  it('follow from what may be created (WB1); an order for a medicine never is (WB4)', async () => {
    const medplum = await ofSaved('medplum');
    const athena = await ofSaved('athenahealth');
    expect(rung(medplum, /DocumentReference/)).toBe('available');
    expect(rung(athena, /DocumentReference/)).toBe('not-offered');
    expect(rung(athena, /QuestionnaireResponse/)).toBe('offered');
    expect(rung(await ofSaved('oracle-health'), /ServiceRequest/)).toBe('not-offered');
    for (const diagnosis of [medplum, athena, await ofSaved('oracle-health')]) {
      expect(rung(diagnosis, /^MedicationRequest$/)).toBe('never');
      expect(rung(diagnosis, /copy/)).toBe('available');
    }
  });

  it('that a site has not switched on are offered, not available; nothing but the text is where write-back is off', async () => {
    const documents = await savedDocuments('fixtures/vendors/discovery/epic');
    const at = (writeBack: object) => {
      const [tenant] = readTenants({
        tenants: [{ ...line, iss: 'https://epic-like.example.org/r4', frameAncestors: [], writeBack }],
      }).all;
      return examine(documents, { now: NOW, ...(tenant && { tenant }) });
    };
    expect(rung(at({ enabled: true }), /ServiceRequest/)).toBe('offered');
    expect(rung(at({ enabled: true, rungs: [{ write: 'ServiceRequest', lost: [] }] }), /ServiceRequest/)).toBe(
      'available',
    );
    expect(rung(at({ enabled: true, rungs: [{ write: 'ServiceRequest', lost: ['status'] }] }), /ServiceRequest/)).toBe(
      'offered',
    );
    const off = at({ enabled: false }).writeBack.filter(({ status }) => status === 'available');
    expect(off.map(({ title }) => title)).toEqual(['Text to copy']);
  });
});

describe('Documents that are not as specified', () => {
  it.each([
    ['no JSON', 'not json', 'not JSON'],
    ['no endpoints', { issuer: 'https://x.example' }, 'not as specified: authorization_endpoint'],
    ['a page of HTML', '<html></html>', 'not JSON'],
  ])('are said to be so: %s', async (_, content, why) => {
    const { folder, remove } = folderOf({
      'smart-configuration.json': content,
      'metadata.json': { resourceType: 'Bundle' },
    });
    try {
      const read = await savedDocuments(folder);
      expect(read.discovery).toEqual({ state: 'absent', why });
      expect(read.capability).toEqual({ state: 'absent', why: 'not as specified: resourceType' });
      expect(examine(read, { now: NOW }).verdict).toBe('blocked');
    } finally {
      remove();
    }
  });
});

describe('Our own registry', () => {
  it('is checked for hosts that discovery names and the tenant has not pinned (L11)', async () => {
    const documents = await savedDocuments('fixtures/vendors/discovery/oracle-health');
    const tenantOf = (pinnedHosts: string[]) =>
      readTenants({
        tenants: [{ ...line, iss: 'https://fhir.oracle-like.example.org/r4', frameAncestors: [], pinnedHosts }],
      }).all[0];
    const judged = (hosts: string[]) => {
      const tenant = tenantOf(hosts);
      return examine(documents, { now: NOW, ...(tenant && { tenant }) }).checks.find(({ id }) => id === 'tenant');
    };
    expect(judged(['login.oracle-like.example.org'])).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('keys.oracle-like.example.org'),
    });
    expect(judged(['login.oracle-like.example.org', 'keys.oracle-like.example.org'])).toMatchObject({ status: 'ok' });
  });
});

describe('The command line', () => {
  it('prints one line of JSON; 0 where the app can be launched, 1 where it cannot, 2 for what is no address', async () => {
    const epic = await attune('doctor', 'fixtures/vendors/discovery/epic');
    expect(epic.code).toBe(0);
    expect(epic.out).toHaveLength(1);
    expect(Object.keys(JSON.parse(epic.out[0] ?? ''))).toEqual([
      'from',
      'live',
      'verdict',
      'checks',
      'scopes',
      'features',
      'writeBack',
    ]);
    expect((await attune('doctor', 'fixtures/vendors/discovery/hapi')).code).toBe(1);
    for (const wrong of ['http://ehr.example.org/r4', 'ftp://x', 'nowhere', ''])
      expect((await attune('doctor', wrong)).code).toBe(2);
  });

  it('says that an address does not answer', async () => {
    const { code, out } = await attune('doctor', `http://127.0.0.1:${await freePort()}/fhir`);
    expect(code).toBe(1);
    expect(out[0]).toContain('ECONNREFUSED');
  });
});

describe('The registration kit', () => {
  const kit = (rung: 'v2-granular' | 'v1', writes = true) =>
    registrationKit({
      origin: 'https://attune.example.org',
      version: '0',
      libraryDigest: 'sha256:0',
      rung,
      writes,
      frameAncestors: ['https://ehr.example.org'],
    });

  it('gives every scope the feature that it unlocks', () => {
    for (const rung of ['v2-granular', 'v1'] as const)
      for (const { scope, unlocks } of kit(rung).scopes) expect(unlocks, scope).not.toBe('');
  });

  it('asks for no write where write-back stays off, and names who may frame the app', () => {
    expect(kit('v1', false).scopes.some(({ scope }) => /write|\.c/.test(scope))).toBe(false);
    expect(kit('v1').contentSecurityPolicy).toContain('frame-ancestors https://ehr.example.org');
  });

  it('is a page or JSON, and refuses an origin without TLS', async () => {
    const page = await attune(
      'register',
      '--origin',
      'https://attune.example.org',
      '--ehr',
      'fixtures/vendors/discovery/epic',
    );
    expect(page.code).toBe(0);
    expect(page.out.join('\n')).toContain('https://attune.example.org/.well-known/jwks.json');
    expect((await attune('register', '--origin', 'http://attune.example.org')).code).toBe(2);
  });
});

it('docs/doctor.md is what the doctor says today', async () => {
  expect(readFileSync(PAGE, 'utf8'), 'write it again: node test/server/doctor/page.ts').toBe(await doctorPage());
});
