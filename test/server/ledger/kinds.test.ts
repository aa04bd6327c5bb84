/** What the egress ledger says that a request was for, and what it keeps of the address: nothing. */
import { expect, it } from 'vitest';
import { purposeOf } from '../../../server/ledger/kinds.ts';

const iss = 'https://fhir.example.org/r4';
const form = (text: string) => ({ method: 'POST', body: new URLSearchParams(text) });

it.each<[string, string, { method?: string; body?: unknown }, object]>([
  ['the discovery document', `${iss}/.well-known/smart-configuration`, {}, { kind: 'discovery' }],
  ['the CapabilityStatement', `${iss}/metadata?_summary=true`, {}, { kind: 'capabilities' }],
  ['a read', `${iss}/Patient/ZZid`, {}, { kind: 'read', resourceType: 'Patient' }],
  ['a read of one version', `${iss}/Patient/ZZid/_history/2`, {}, { kind: 'read', resourceType: 'Patient' }],
  ['a search', `${iss}/Observation?patient=ZZid`, {}, { kind: 'search', resourceType: 'Observation' }],
  [
    'a search by POST',
    `${iss}/Observation/_search`,
    form('patient=ZZid'),
    { kind: 'search', resourceType: 'Observation' },
  ],
  ['a further page', `${iss}?_getpages=ZZ`, {}, { kind: 'search' }],
  [
    'a write',
    `${iss}/DocumentReference`,
    { method: 'POST', body: '{}' },
    { kind: 'write', resourceType: 'DocumentReference' },
  ],
  [
    'a withdrawal',
    `${iss}/DocumentReference/7`,
    { method: 'PUT', body: '{}' },
    { kind: 'write', resourceType: 'DocumentReference' },
  ],
  ['a transaction', `${iss}/`, { method: 'POST', body: '{}' }, { kind: 'write' }],
  [
    'the code, exchanged',
    'https://login.example.org/token',
    form('grant_type=authorization_code&code=ZZ'),
    { kind: 'token' },
  ],
  ['a refresh', `${iss}/oauth/token`, form('grant_type=refresh_token&refresh_token=ZZ'), { kind: 'token' }],
  ['a revocation', 'https://login.example.org/revoke', form('token=ZZ'), { kind: 'revocation' }],
  ['the EHR’s keys', 'https://login.example.org/jwks', {}, { kind: 'signing-keys' }],
  ['what is none of these', 'https://login.example.org/x', { method: 'POST', body: '{}' }, { kind: 'other' }],
  ['an address that only looks like a type', `${iss}/Smith-ZZ`, {}, { kind: 'other' }],
  [
    'another server whose name begins like ours',
    'https://fhir.example.org/r4x/Patient/ZZ',
    {},
    { kind: 'signing-keys' },
  ],
])('%s', (_what, url, init, purpose) => {
  const found = purposeOf({ iss, url, method: 'GET', ...init });
  expect(found).toEqual(purpose);
  expect(JSON.stringify(found)).not.toContain('ZZ');
});
