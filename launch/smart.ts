/** SMART App Launch 2.2 toward one EHR: authorize, token, refresh, revoke. The one file that knows OAuth. */
import * as oauth from 'oauth4webapi';
import { createDiscovery, type Discovered, type TenantFetch } from './discovery.ts';
import { LaunchError, type LaunchErrorCode } from './errors.ts';
import type { Introspected } from './introspection.ts';
import type { AppKeys } from './keys.ts';
import { type PendingLaunch, Secret, type Tokens } from './record.ts';
import { firstRung, nextRung, type ScopedRead, type ScopeRung, scopesToRequest } from './scopes.ts';
import { grantorOf, type Tenant, typesWritten } from './tenants.ts';

/** A token response, checked. `claims` are those of the validated id_token; a refresh has none. */
export interface TokenAnswer {
  readonly tokens: Tokens;
  /** Everything else in the response: `patient`, `encounter`, `fhirContext`, `need_patient_banner`, `intent`. */
  readonly launch: Readonly<Record<string, unknown>>;
  /** As granted; as requested where the server left it out, which OAuth defines as the same. */
  readonly scope: readonly string[];
  readonly claims?: oauth.IDToken;
}

/** What the protocol needs from outside. */
export interface SmartOptions {
  /** Our own origin: the redirect URI is `<origin>/callback`, and only that (L1). */
  readonly origin: string;
  readonly keys: AppKeys;
  /** Reads the tenant's client secret where it uses one. */
  readonly secretOf: (tenant: Tenant) => Secret;
  readonly fetchFor: (tenant: Tenant) => TenantFetch;
  /** What the first round reads, from which the requested scopes follow. */
  readonly reads: readonly ScopedRead[];
  readonly now: () => number;
}

/** A write does not wait longer for being asked about. */
const INTROSPECTION_MS = 3_000;

const DENIALS: Readonly<Record<string, LaunchErrorCode>> = {
  access_denied: 'access-denied',
  login_required: 'sign-in-required',
  interaction_required: 'sign-in-required',
  consent_required: 'sign-in-required',
  account_selection_required: 'sign-in-required',
  invalid_scope: 'invalid-scope',
  temporarily_unavailable: 'ehr-down',
};

export type Smart = ReturnType<typeof createSmart>;

/** SMART toward the registered tenants. Everything that fails throws a coded `LaunchError`. */
export function createSmart(options: SmartOptions) {
  const discover = createDiscovery(options);
  const redirectUri = `${options.origin}/callback`;

  /** The authorize URL and what must be remembered until the callback (L4, L5, L6). */
  async function begin(request: {
    readonly tenant: Tenant;
    readonly browser: string;
    readonly jkt?: string;
    readonly launch?: string;
    readonly rung?: ScopeRung;
  }): Promise<{ url: string; pending: PendingLaunch }> {
    const { tenant, browser, jkt, launch } = request;
    const { server, capabilities } = await discover(tenant);
    const rung = request.rung ?? firstRung(capabilities);
    const standalone = launch === undefined;
    const scopes =
      tenant.scopes ??
      scopesToRequest({
        rung,
        reads: options.reads,
        writes: tenant.writeBack.enabled,
        written: typesWritten(tenant).flat(),
        withdraw: tenant.writeBack.withdraw ?? false,
        messaging: tenant.webMessaging !== undefined,
        standalone,
      });
    const pending: PendingLaunch = {
      tenantId: tenant.id,
      grantor: grantorOf(tenant),
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      rung,
      scopes,
      browser,
      ...(jkt !== undefined && { jkt }),
      ...(launch !== undefined && { launch }),
    };
    const url = new URL(server.authorization_endpoint ?? '');
    const parameters = {
      response_type: 'code',
      client_id: tenant.clientId,
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state: pending.state,
      nonce: pending.nonce,
      aud: tenant.iss,
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
      ...(launch !== undefined && { launch }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, pending };
  }

  /** After `invalid_scope`, the next spelling to try, if there is one (S2). */
  async function stepDown(tenant: Tenant, rung: ScopeRung): Promise<ScopeRung | undefined> {
    return tenant.scopes ? undefined : nextRung(rung, (await discover(tenant)).capabilities);
  }

  /** Exchanges the code and validates the id_token, signature included (L8, L9, I1). */
  async function finish(tenant: Tenant, pending: PendingLaunch, query: URLSearchParams): Promise<TokenAnswer> {
    const found = await discover(tenant);
    const { server } = found;
    const client = { client_id: tenant.clientId, [oauth.clockTolerance]: 60 };
    const parameters = callbackParameters(server, client, query, pending.state);
    const http = requestOptions(tenant, options.fetchFor(tenant));
    const response = await reach(
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        clientAuth(tenant, found, options),
        parameters,
        redirectUri,
        pending.verifier,
        http,
      ),
    );
    const answer = await oauth
      .processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: pending.nonce,
        requireIdToken: true,
      })
      .catch((cause: unknown) => {
        throw new LaunchError(whyNoTokens(cause, response), { cause });
      });
    await oauth.validateApplicationLevelSignature(server, response, http).catch((cause: unknown) => {
      throw new LaunchError('id-token-invalid', { cause });
    });
    const claims = oauth.getValidatedIdTokenClaims(answer);
    if (!claims) throw new LaunchError('id-token-invalid');
    return { ...readAnswer(answer, pending.scopes, options.now()), claims };
  }

  /** Uses a refresh token, once; the answer carries the next one, or the same where the server does not rotate (T3). */
  async function refresh(tenant: Tenant, token: Secret, scope: readonly string[]): Promise<TokenAnswer> {
    const found = await discover(tenant);
    const client = { client_id: tenant.clientId, [oauth.clockTolerance]: 60 };
    const http = requestOptions(tenant, options.fetchFor(tenant));
    const response = await reach(
      oauth.refreshTokenGrantRequest(found.server, client, clientAuth(tenant, found, options), token.reveal(), http),
    );
    const answer = await oauth.processRefreshTokenResponse(found.server, client, response).catch((cause: unknown) => {
      throw new LaunchError(response.status >= 500 ? 'ehr-down' : 'session-expired', { cause });
    });
    const read = readAnswer(answer, scope, options.now());
    return { ...read, tokens: { refresh: token, ...read.tokens } };
  }

  /** Tells the EHR to forget the grant, where it can be told (T5). Rejects if it cannot be reached. */
  async function revoke(tenant: Tenant, tokens: Tokens): Promise<void> {
    const found = await discover(tenant);
    if (!found.server.revocation_endpoint) return;
    const client = { client_id: tenant.clientId };
    const http = requestOptions(tenant, options.fetchFor(tenant));
    for (const token of [tokens.refresh, tokens.access])
      if (token)
        await oauth
          .revocationRequest(found.server, client, clientAuth(tenant, found, options), token.reveal(), http)
          .then(oauth.processRevocationResponse);
  }

  /** What the EHR says of a token (T4); `undefined` where it offers no such thing or does not answer in three seconds. */
  async function introspect(tenant: Tenant, { access }: Tokens): Promise<Introspected | undefined> {
    const found = await discover(tenant).catch(() => undefined);
    if (!found?.server.introspection_endpoint) return undefined;
    const client = { client_id: tenant.clientId };
    const http = requestOptions(tenant, options.fetchFor(tenant));
    return oauth
      .introspectionRequest(found.server, client, clientAuth(tenant, found, options), access.reveal(), {
        ...http,
        signal: AbortSignal.timeout(INTROSPECTION_MS),
      })
      .then((response) => oauth.processIntrospectionResponse(found.server, client, response))
      .catch(() => undefined);
  }

  /** Whether an EHR takes its authorize request as a form as well. */
  async function takesForm(tenant: Tenant): Promise<boolean> {
    return (await discover(tenant)).capabilities.includes('authorize-post');
  }

  return { begin, takesForm, stepDown, finish, refresh, revoke, introspect, discover };
}

function requestOptions(tenant: Tenant, fetch: TenantFetch) {
  return {
    [oauth.customFetch]: (url: string, init: object) => fetch(url, { ...init, redirect: 'error' }),
    [oauth.allowInsecureRequests]: tenant.allowHttpLoopback === true,
  };
}

function callbackParameters(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  query: URLSearchParams,
  state: string,
) {
  try {
    return oauth.validateAuthResponse(server, client, query, state);
  } catch (cause) {
    const denied =
      cause instanceof oauth.AuthorizationResponseError
        ? (DENIALS[cause.error] ?? 'authorization-failed')
        : 'state-invalid';
    throw new LaunchError(denied, { cause });
  }
}

/** The EHR refused the code, refused us, or said who signed in and could not prove it. */
function whyNoTokens(cause: unknown, response: Response): LaunchErrorCode {
  if (cause instanceof oauth.ResponseBodyError && cause.error === 'invalid_grant') return 'code-expired';
  return cause instanceof oauth.ResponseBodyError || !response.ok ? 'token-exchange-failed' : 'id-token-invalid';
}

/** T1. The assertion's audience is the token URL, as SMART asks, where the library's default is the issuer. */
function clientAuth(
  tenant: Tenant,
  { server, signingAlgorithms }: Discovered,
  options: SmartOptions,
): oauth.ClientAuth {
  switch (tenant.auth.method) {
    case 'none':
      return oauth.None();
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(options.secretOf(tenant).reveal());
    case 'private_key_jwt': {
      const preferred =
        tenant.auth.alg ??
        (signingAlgorithms.includes('RS384') && !signingAlgorithms.includes('ES384') ? 'RS384' : 'ES384');
      return oauth.PrivateKeyJwt(options.keys.signing(preferred), {
        [oauth.modifyAssertion]: (header, payload) => {
          header.typ = 'JWT';
          payload.aud = server.token_endpoint ?? server.issuer;
        },
      });
    }
  }
}

async function reach(request: Promise<Response>): Promise<Response> {
  try {
    return await request;
  } catch (cause) {
    throw new LaunchError('ehr-down', { cause });
  }
}

function readAnswer(answer: oauth.TokenEndpointResponse, requested: readonly string[], now: number): TokenAnswer {
  const { access_token, refresh_token, id_token: _, scope, expires_in, token_type: __, ...launch } = answer;
  return {
    tokens: {
      access: new Secret(access_token),
      ...(refresh_token !== undefined && { refresh: new Secret(refresh_token) }),
      // A server that does not say is given five minutes; a token that dies sooner is refreshed on its 401.
      expiresAt: now + (expires_in ?? 300) * 1000,
    },
    launch,
    scope: scope === undefined ? requested : scope.split(/\s+/).filter(Boolean),
  };
}
