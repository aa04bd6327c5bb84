/** Is this really the EHR calling (H5, S-3)? A JWT signed by a registered tenant, for this very address, once. */
import { createHash } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import type { TenantFetch } from '../../launch/discovery.ts';
import { callersOf, canonicalIssuer, type Tenant, type Tenants } from '../../launch/tenants.ts';
import type { Kept } from '../store/kept.ts';
import { HookRefusal } from './request.ts';

/** Never `none`, never a shared secret. */
const ALGORITHMS = ['RS256', 'RS384', 'ES256', 'ES384'];
const MAX_AGE_SECONDS = 300;
const TOLERANCE_SECONDS = 30;
const KEYS_MS = 60 * 60 * 1000;
/** A key id that is not known is looked for again, but not at every call. */
const AGAIN_MS = 60 * 1000;

const KeySet = z.looseObject({
  keys: z
    .array(z.looseObject({ kty: z.string() }))
    .min(1)
    .max(100),
});

/** What the check stands on. `fetchFor` keeps to the tenant's hosts. */
export interface CallerDeps {
  readonly tenants: Tenants;
  readonly fetchFor: (tenant: Tenant) => TenantFetch;
  /** Which JWTs were used, on whichever server. */
  readonly cards: Kept;
  readonly now: () => number;
}

/** The tenant that signed `authorization` for `audience`. Throws a 401 `HookRefusal`; an unknown issuer or key address is never contacted. */
export function createCallerCheck({ tenants, fetchFor, cards, now }: CallerDeps) {
  const keySets = new Map<string, { keys: JWTVerifyGetKey; at: number }>();

  return async function caller(authorization: string | undefined, audience: string): Promise<Tenant> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1];
    if (!token) throw refused('no-jwt');
    const { tenant, jwks } = origin(token);
    const { payload } = await verified(token, tenant, jwks, audience);
    await once(`${tenant.id} ${payload.jti}`);
    return tenant;
  };

  /** What an unverified token may decide: which registered tenant's keys to check it with. */
  function origin(token: string): { tenant: Tenant; jwks: string } {
    const { header, issuer } = unverified(token);
    const tenant = typeof issuer === 'string' ? tenants.byCaller(issuer) : undefined;
    const allowed = tenant?.cdsHooks?.jwks ?? [];
    const jwks = header.jku === undefined ? allowed[0] : allowed.find((url) => url === header.jku);
    if (!tenant) throw refused('unknown-issuer');
    if (!jwks) throw refused('unknown-jku');
    if (!ALGORITHMS.includes(header.alg ?? '') || header.typ !== 'JWT' || !header.kid) throw refused('header');
    return { tenant, jwks };
  }

  async function verified(token: string, tenant: Tenant, jwks: string, audience: string) {
    const check = async (keys: JWTVerifyGetKey) =>
      jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer: [...callersOf(tenant)],
        audience,
        maxTokenAge: MAX_AGE_SECONDS,
        clockTolerance: TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'iat', 'jti'],
        currentDate: new Date(now()),
      });
    try {
      return await check(await keysAt(tenant, jwks, KEYS_MS));
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw refused(codeOf(error));
    }
    // A key that was added since: the keys are read again.
    return check(await keysAt(tenant, jwks, AGAIN_MS)).catch((error) => {
      throw refused(codeOf(error));
    });
  }

  async function keysAt(tenant: Tenant, url: string, maxAge: number): Promise<JWTVerifyGetKey> {
    const known = keySets.get(url);
    if (known && now() - known.at < maxAge) return known.keys;
    const response = await fetchFor(tenant)(url, { headers: { accept: 'application/json' } }).catch(() => undefined);
    const body = response?.ok ? KeySet.safeParse(await response.json().catch(() => undefined)) : undefined;
    if (!body?.success) throw refused('keys-unread');
    const keys = createLocalJWKSet(body.data as JSONWebKeySet);
    keySets.set(url, { keys, at: now() });
    return keys;
  }

  /** A JWT counts once, at one server, while it could still be accepted. */
  async function once(jti: string): Promise<void> {
    const key = `used:${createHash('sha256').update(jti).digest('base64url')}`;
    const until = now() + (MAX_AGE_SECONDS + 2 * TOLERANCE_SECONDS) * 1000;
    if (!(await cards.replace(key, undefined, '', until))) throw refused('replayed');
  }
}

/** Whether a call names this tenant's own FHIR server: its token would go nowhere else (H5, H6). */
export function isOwnServer(tenant: Tenant, fhirServer: string): boolean {
  const named = canonicalIssuer(fhirServer);
  return named !== undefined && named === canonicalIssuer(tenant.iss);
}

function unverified(token: string) {
  try {
    return { header: decodeProtectedHeader(token), issuer: decodeJwt(token).iss };
  } catch {
    throw refused('unreadable');
  }
}

function codeOf(error: unknown): string {
  if (error instanceof HookRefusal) return error.reason;
  return error instanceof errors.JOSEError ? error.code.toLowerCase().replaceAll('_', '-') : 'unreadable';
}

function refused(reason: string): HookRefusal {
  return new HookRefusal(401, reason, 'The caller could not be verified.');
}
