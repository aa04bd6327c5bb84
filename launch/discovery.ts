/** SMART discovery: what an EHR says of itself, cached for a day at most, and refused when it names a host that the tenant has not pinned (L10, L11). */
import type { AuthorizationServer } from 'oauth4webapi';
import { z } from 'zod';
import { LaunchError } from './errors.ts';
import { hostsOf, isLoopback, type Tenant } from './tenants.ts';

const MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** Signatures accepted on an id_token: never `none`, never a shared secret (I1). */
const ID_TOKEN_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'ES256', 'ES384'];

/** `fetch` toward one tenant, kept to its hosts by whoever made it. */
export type TenantFetch = (url: string, init?: RequestInit) => Promise<Response>;

/** A tenant's authorization server, checked. */
export interface Discovered {
  readonly server: AuthorizationServer;
  readonly capabilities: readonly string[];
  readonly signingAlgorithms: readonly string[];
}

const Configuration = z.looseObject({
  issuer: z.string().optional(),
  jwks_uri: z.string().optional(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string().optional(),
  introspection_endpoint: z.string().optional(),
  capabilities: z.array(z.string()).default([]),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()).default([]),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

/** A cache of checked discoveries. The function throws `LaunchError('ehr-down')` when the document is absent, unreadable or names a foreign host. */
export function createDiscovery(options: { fetchFor: (tenant: Tenant) => TenantFetch; now: () => number }) {
  // By the tenant itself: one whose line in the registry has changed is asked again.
  const cache = new WeakMap<Tenant, { readonly found: Promise<Discovered>; readonly until: number }>();
  return (tenant: Tenant): Promise<Discovered> => {
    const cached = cache.get(tenant);
    if (cached && options.now() < cached.until) return cached.found;
    const found = discover(tenant, options.fetchFor(tenant));
    cache.set(tenant, { found, until: options.now() + MAX_AGE_MS });
    found.catch(() => cache.delete(tenant));
    return found;
  };
}

async function discover(tenant: Tenant, fetch: TenantFetch): Promise<Discovered> {
  const base = tenant.iss.replace(/\/$/, '');
  try {
    const response = await fetch(`${base}/.well-known/smart-configuration`, {
      headers: { accept: 'application/json' },
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const found = Configuration.parse(await response.json());
    const endpoint = (given: string) => pinned(tenant, new URL(given, `${base}/`)).href;
    const optional = (name: 'jwks_uri' | 'revocation_endpoint' | 'introspection_endpoint') => {
      const given = found[name];
      return given === undefined ? {} : { [name]: endpoint(given) };
    };
    const issuer = found.issuer ?? tenant.iss;
    pinned(tenant, new URL(issuer));
    return {
      server: {
        issuer,
        authorization_endpoint: endpoint(found.authorization_endpoint),
        token_endpoint: endpoint(found.token_endpoint),
        ...optional('jwks_uri'),
        ...optional('revocation_endpoint'),
        ...optional('introspection_endpoint'),
        id_token_signing_alg_values_supported: ID_TOKEN_ALGORITHMS,
        ...(found.authorization_response_iss_parameter_supported && {
          authorization_response_iss_parameter_supported: true,
        }),
      },
      capabilities: found.capabilities,
      signingAlgorithms: found.token_endpoint_auth_signing_alg_values_supported,
    };
  } catch (cause) {
    throw new LaunchError('ehr-down', { cause });
  }
}

function pinned(tenant: Tenant, url: URL): URL {
  if (!hostsOf(tenant).has(url.host)) throw new Error('discovery names a host that is not pinned');
  if (url.protocol !== 'https:' && !(tenant.allowHttpLoopback && isLoopback(url)))
    throw new Error('discovery names an endpoint without TLS');
  return url;
}
