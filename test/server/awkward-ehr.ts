/** An EHR that answers whatever a test tells it to, on a real socket: for what the practice EHR rightly never does. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { freePort, ORIGIN, type TestBrowser } from './hospital.ts';

/** What the EHR says next. Tests overwrite members. */
export interface Script {
  configuration: Record<string, unknown>;
  token: Record<string, unknown>;
  tokenStatus: number;
  claims: JWTPayload;
  /** Signs the id_token; the published key unless a test says otherwise. */
  sign: (claims: JWTPayload) => Promise<string>;
  fhir: (request: Request) => Response | Promise<Response>;
  /** Asked only where a test's configuration names `/introspect`. */
  introspect: () => Response | Promise<Response>;
}

export interface AwkwardEhr {
  readonly iss: string;
  readonly script: Script;
  /** Requests seen: `METHOD path?query`, and the Authorization header. */
  readonly seen: { readonly line: string; readonly authorization: string | null; readonly body: string }[];
  readonly nonces: string[];
  reset(): void;
  close(): Promise<void>;
}

export const CANARY = 'canary-access-token-8f2b';

export async function openAwkwardEhr(): Promise<AwkwardEhr> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const iss = `${origin}/fhir`;
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' };
  const nonces: string[] = [];
  const fresh = (): Script => ({
    configuration: {
      issuer: iss,
      jwks_uri: `${origin}/jwks`,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      revocation_endpoint: `${origin}/revoke`,
      capabilities: ['permission-v2', 'sso-openid-connect'],
    },
    token: {
      access_token: CANARY,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid fhirUser launch patient/*.rs patient/DocumentReference.c',
      patient: 'alba',
    },
    tokenStatus: 200,
    claims: { fhirUser: `${iss}/Practitioner/p1`, name: 'Dr. Peña' },
    sign: (claims) => new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(privateKey),
    fhir: () => Response.json({ resourceType: 'Bundle', type: 'searchset' }),
    introspect: () => Response.json({ active: true }),
  });
  const ehr: AwkwardEhr = {
    iss,
    script: fresh(),
    seen: [],
    nonces,
    reset: () => {
      Object.assign(ehr.script, fresh());
      ehr.seen.length = 0;
    },
    close: () =>
      new Promise((closed) => {
        if ('closeAllConnections' in server) server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  const site = new Hono();
  site.use(async (c, next) => {
    const url = new URL(c.req.url);
    const body = await c.req.raw.clone().text();
    ehr.seen.push({
      line: `${c.req.method} ${url.pathname}${url.search}`,
      authorization: c.req.header('authorization') ?? null,
      body,
    });
    await next();
  });
  site.get('/fhir/.well-known/smart-configuration', (c) => c.json(ehr.script.configuration));
  site.get('/jwks', (c) => c.json({ keys: [jwk] }));
  site.post('/revoke', (c) => c.body(null, 200));
  site.post('/introspect', () => ehr.script.introspect());
  site.post('/token', async (c) => {
    if (ehr.script.tokenStatus !== 200)
      return c.json({ error: 'invalid_grant', error_description: CANARY }, ehr.script.tokenStatus as 400);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss,
      sub: 'user-1',
      aud: 'attune-public',
      iat: now,
      exp: now + 300,
      nonce: nonces.at(-1),
      ...ehr.script.claims,
    };
    const refreshed = (await c.req.text()).includes('grant_type=refresh_token');
    return c.json({ ...ehr.script.token, ...(!refreshed && { id_token: await ehr.script.sign(claims) }) });
  });
  site.all('/fhir/*', (c) => ehr.script.fhir(c.req.raw));
  const server = serve({ fetch: site.fetch, port, hostname: '127.0.0.1' });
  return ehr;
}

/** The tenant settings that point our app at it. */
export function awkwardTenant(iss: string) {
  return { iss, clientId: 'attune-public', auth: { method: 'none' } };
}

/** Launch and callback, without a user in between. */
export async function land(browser: TestBrowser, ehr: AwkwardEhr): Promise<Response> {
  const authorize = await browser.request(`/launch?${new URLSearchParams({ iss: ehr.iss, launch: 'x' })}`);
  if (authorize.status !== 303) return authorize;
  const asked = new URL(authorize.headers.get('location') ?? ORIGIN).searchParams;
  ehr.nonces.push(asked.get('nonce') ?? '');
  return browser.request(`/callback?${new URLSearchParams({ code: 'c', state: asked.get('state') ?? '' })}`);
}

/** The id of a launch that succeeded. */
export async function launchId(browser: TestBrowser, ehr: AwkwardEhr): Promise<string> {
  const landed = await land(browser, ehr);
  const id = landed.headers.get('location')?.split('/')[2];
  if (id === undefined) throw new Error(`no launch: ${landed.status} ${await landed.text()}`);
  return id;
}
