/**
 * `node test/bench/relay/plain-ehr.ts --port N --patients N`: the least that an EHR can be, as a process of its own, so that
 * what is measured beside the relay is the relay. Sign-in of anyone at once, a token that is good for one patient, and
 * pages of a known size that are made beforehand. It prints `{"ready":true}` when it listens.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const { values } = parseArgs({ options: { port: { type: 'string' }, patients: { type: 'string' } } });
const origin = `http://127.0.0.1:${values.port}`;
const fhirBase = `${origin}/fhir`;
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] });
const configuration = JSON.stringify({
  issuer: fhirBase,
  jwks_uri: `${origin}/jwks`,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  revocation_endpoint: `${origin}/revoke`,
  code_challenge_methods_supported: ['S256'],
  capabilities: ['permission-v2', 'sso-openid-connect', 'launch-ehr'],
});
const signIns = new Map<string, { readonly nonce: string; readonly clientId: string }>();

function observation(patient: string, index: number, note = ''): object {
  return {
    resourceType: 'Observation',
    id: `${patient}-o${index}`,
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '2160-0', display: 'Creatinine' }], text: 'Creatinine' },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: '2026-10-01T08:00:00Z',
    valueQuantity: { value: 1.5, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    referenceRange: [{ low: { value: 0.6, unit: 'mg/dL' }, high: { value: 1.2, unit: 'mg/dL' } }],
    ...(note !== '' && { note: [{ text: note }] }),
  };
}

interface Page {
  readonly entries: number;
  readonly next?: boolean;
  /** Someone whose result stands in the last entry. */
  readonly other?: string;
}

function page(patient: string, { entries, next = false, other }: Page): string {
  const resources = Array.from({ length: entries }, (_, index) => observation(patient, index));
  if (other !== undefined) resources.push(observation(other, 0));
  return JSON.stringify({
    resourceType: 'Bundle',
    type: 'searchset',
    link: [
      { relation: 'self', url: `${fhirBase}/Observation?patient=${patient}` },
      ...(next ? [{ relation: 'next', url: `${fhirBase}/Observation?patient=${patient}&code=small&_count=100` }] : []),
    ],
    entry: resources.map((resource, index) => ({
      fullUrl: `${fhirBase}/Observation/${patient}-o${index}`,
      resource,
      search: { mode: 'match' },
    })),
  });
}

/** Bytes of one entry, so that a page comes out at the size that its name says. */
const entryBytes = (page('p00', { entries: 1001 }).length - page('p00', { entries: 1 }).length) / 1000;
const megabytes = (count: number) => Math.floor((count * 1024 * 1024) / (entryBytes + 2));

/** What is asked for by the `code` parameter. */
const PAGES: Readonly<Record<string, (patient: string) => string>> = {
  small: (patient) => page(patient, { entries: 100 }),
  '2mb': (patient) => page(patient, { entries: megabytes(2), next: true }),
  '20mb': (patient) => page(patient, { entries: megabytes(19.9), next: true }),
  '20mb-of-two': (patient) => page(patient, { entries: megabytes(19.9), other: 'somebody-else' }),
  '20mb-deep': () => `{"resourceType":"Bundle","entry":[{"resource":${'['.repeat(10_000_000)}${']'.repeat(9_900_000)}`,
  '20mb-over': (patient) => page(patient, { entries: megabytes(21) }),
};
const pages = new Map<string, Buffer>();
function pageOf(patient: string, size: string): Buffer | undefined {
  const key = `${patient} ${size}`;
  const made = pages.get(key) ?? (PAGES[size] && Buffer.from(PAGES[size](patient)));
  if (made) pages.set(key, made);
  return made;
}

const tokenOf = (patient: string) => `token-of-${patient}`;

/** Typical pages are ready before anyone asks: making one costs more than sending it. */
for (let index = 0; index < Number(values.patients); index += 1)
  for (const size of ['small', '2mb']) pageOf(`p${String(index).padStart(2, '0')}`, size);

createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(500).end());
}).listen(Number(values.port), '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ ready: true })}\n`));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', origin);
  switch (url.pathname) {
    case '/fhir/.well-known/smart-configuration':
      return json(response, configuration);
    case '/jwks':
      return json(response, jwks);
    case '/authorize':
      return authorize(url.searchParams, response);
    case '/token':
      return token(new URLSearchParams(await bodyOf(request)), response);
    case '/revoke':
      response.writeHead(200, { 'content-length': 0 }).end();
      return;
    default:
      json(response, ...read(request, url));
  }
}

/** The `launch` value names the patient; it comes back as the code. */
function authorize(asked: URLSearchParams, response: ServerResponse): void {
  const code = `${asked.get('launch')}.${signIns.size}.${Math.random()}`;
  signIns.set(code, { nonce: asked.get('nonce') ?? '', clientId: asked.get('client_id') ?? '' });
  const back = new URL(asked.get('redirect_uri') ?? '');
  back.search = new URLSearchParams({ code, state: asked.get('state') ?? '' }).toString();
  response.writeHead(302, { location: back.href, 'content-length': 0 }).end();
}

async function token(form: URLSearchParams, response: ServerResponse): Promise<void> {
  const code = form.get('code') ?? '';
  const signIn = signIns.get(code);
  signIns.delete(code);
  const patient = code.split('.')[0] ?? '';
  const id_token = await new SignJWT({ nonce: signIn?.nonce, fhirUser: `${fhirBase}/Practitioner/p1`, name: 'Dr. P' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer(fhirBase)
    .setAudience(signIn?.clientId ?? '')
    .setSubject(`user-of-${patient}`)
    .setIssuedAt()
    .setExpirationTime('5 minutes')
    .sign(privateKey);
  const scope = 'openid fhirUser launch patient/*.rs';
  const grant = { access_token: tokenOf(patient), token_type: 'Bearer', expires_in: 3600, scope, patient, id_token };
  json(response, JSON.stringify(grant));
}

/** A read with the token of exactly this patient; everything but laboratory results is an empty list. */
function read(request: IncomingMessage, url: URL): [body: string | Buffer, status?: number] {
  const [resourceType = '', id] = url.pathname.slice('/fhir/'.length).split('/');
  if (resourceType === 'metadata') return ['{"resourceType":"CapabilityStatement","status":"active","rest":[]}'];
  const patient = id ?? url.searchParams.get('patient') ?? '';
  if (request.headers.authorization !== `Bearer ${tokenOf(patient)}`) return ['', 401];
  if (resourceType === 'Patient') return [JSON.stringify({ resourceType, id: patient, name: [{ family: patient }] })];
  const results = pageOf(patient, url.searchParams.get('code') ?? '');
  return [results ?? '{"resourceType":"Bundle","type":"searchset","total":0,"entry":[]}'];
}

function json(response: ServerResponse, body: string | Buffer, status = 200): void {
  const headers = { 'content-type': 'application/fhir+json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
