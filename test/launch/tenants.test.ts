/** Who may launch us: issuers are compared in one spelling before any network call, and an insecure registry does not start (L2, V14). */
import { describe, expect, it } from 'vitest';
import { canonicalIssuer, readTenants } from '../../launch/tenants.ts';

const TENANT = {
  id: 'north',
  name: 'North Hospital',
  iss: 'https://fhir.north.example/r4',
  clientId: 'attune',
  auth: { method: 'private_key_jwt' },
  frameAncestors: ['https://ehr.north.example'],
  writeBack: { enabled: false },
};
const registry = (...changes: object[]) =>
  readTenants({ tenants: changes.map((change) => ({ ...TENANT, ...change })) });

/** Spellings that look like a registered issuer and are not it. */
const HOSTILE_ISSUERS = [
  '',
  'fhir.north.example/r4',
  '//fhir.north.example/r4',
  'http://fhir.north.example/r4',
  'ftp://fhir.north.example/r4',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://evil.example/r4',
  'https://fhir.north.example.evil.example/r4',
  'https://evil-fhir.north.example/r4',
  'https://fhir.north.example./r4',
  'https://fhir.north.example:8443/r4',
  'https://fhir.north.example@evil.example/r4',
  'https://user:secret@fhir.north.example/r4',
  'https://evil.example\\@fhir.north.example/r4',
  'https://evil.example#@fhir.north.example/r4',
  'https://fhir.north.example/r4#x',
  'https://fhir.north.example/r4?x=1',
  'https://fhir.north.example/r4/../admin',
  'https://fhir.north.example/x/../r4',
  'https://fhir.north.example/./r4',
  'https://fhir.north.example/%72%34',
  'https://fhir.north.example/r4%2f..',
  'https://fhir.north.example//r4',
  'https://fhir.north.example/r4//',
  'https://fhir.north.example/R4',
  'https://fhir.north.example/r4/Patient',
  'https://fhir.north.example',
  ' https://fhir.north.example/r4',
  'https://fhir.north.example/r4\n',
  'https://fhir.north.example/r4\u0000',
  'https://fhir.nоrth.example/r4',
  'https://169.254.169.254/latest/meta-data',
  'https://[::ffff:127.0.0.1]/r4',
  'https://2130706433/r4',
  `https://fhir.north.example/r4${'/'.repeat(3000)}`,
];

describe('An issuer is recognised in one spelling', () => {
  it.each([
    'https://fhir.north.example/r4',
    'https://fhir.north.example/r4/',
    'HTTPS://FHIR.North.Example/r4',
    'https://fhir.north.example:443/r4',
  ])('%s is North Hospital (L2)', (iss) => expect(registry({}).byIssuer(iss)?.id).toBe('north'));

  it.each(HOSTILE_ISSUERS)('%j is nobody (L2)', (iss) => expect(registry({}).byIssuer(iss)).toBeUndefined());

  it('keeps the issuer as it was written for `aud` (L6)', () => {
    const slashed = registry({ iss: 'https://fhir.north.example/r4/' });
    expect(slashed.byIssuer('https://fhir.north.example/r4')?.iss).toBe('https://fhir.north.example/r4/');
    expect(canonicalIssuer('https://fhir.north.example/r4/')).toBe('https://fhir.north.example/r4');
  });
});

describe('An insecure registry does not start (V14)', () => {
  it.each<[string, object, RegExp]>([
    ['a plain http issuer', { iss: 'http://fhir.north.example/r4' }, /must be https/],
    [
      'plain http for a host elsewhere',
      { iss: 'http://fhir.north.example/r4', allowHttpLoopback: true },
      /this machine only/,
    ],
    [
      'a loopback tenant that pins a host elsewhere',
      { iss: 'http://127.0.0.1:4100/fhir', allowHttpLoopback: true, pinnedHosts: ['evil.example'] },
      /this machine only/,
    ],
    ['a practice EHR elsewhere', { practice: true }, /this machine only/],
    ['anyone as frame ancestor', { frameAncestors: ['*'] }, /not an origin/],
    ['a wildcard host as frame ancestor', { frameAncestors: ['https://*'] }, /not an origin/],
    [
      'a header smuggled into frame ancestors',
      { frameAncestors: ["https://a.example; script-src 'unsafe-inline'"] },
      /not an origin/,
    ],
    ['an http frame ancestor', { frameAncestors: ['http://ehr.north.example'] }, /must be https/],
    ['a secret written into the file', { auth: { method: 'client_secret_basic', secret: 'hunter2' } }, /./],
    ['offline access', { scopes: ['launch', 'offline_access'] }, /never requested/],
    ['every resource', { scopes: ['patient/*.read'] }, /never requested/],
    ['deletion', { scopes: ['patient/Observation.cruds'] }, /never requested/],
    ['a misspelt setting', { framAncestors: [] }, /framAncestors/],
  ])('%s', (_, change, complaint) => expect(() => registry(change)).toThrow(complaint));

  it('an empty list', () => expect(() => readTenants({ tenants: [] })).toThrow(/lets nobody in/));
  it('one issuer for two tenants', () =>
    expect(() => registry({}, { id: 'south', iss: 'https://FHIR.north.example/r4/' })).toThrow(/twice/));
});
