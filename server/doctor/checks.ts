/** Can the app be launched here at all? Each check is a rule of SMART App Launch 2.2 or of our own server's. */
import type { Tenant } from '../../launch/tenants.ts';
import { hostsOf } from '../../launch/tenants.ts';
import type { Check, CheckStatus } from './diagnosis.ts';
import type { DiscoveryDocument, Documents } from './documents.ts';

const DAY_MS = 86_400_000;
/** Half of what an id_token's times may be off by (I1). */
const SKEW_SECONDS = 30;

/** Every check, in the order in which a launch meets them. `tenant` is this EHR's line in our own registry, where there is one. */
export function checksOf(documents: Documents, options: { readonly now: number; readonly tenant?: Tenant }): Check[] {
  const { discovery } = documents;
  return [
    tls(documents, options.now),
    clock(documents),
    version(documents),
    discovery.state === 'read'
      ? check('discovery', 'ok', 'SMART configuration read')
      : check('discovery', 'failed', `No SMART configuration (${discovery.why}): the app cannot be launched`),
    ...(discovery.state === 'read' ? launchChecks(documents, discovery.body) : []),
    ...registered(documents, options.tenant),
    check('cookie', 'not-checked', 'Whether the EHR’s browser keeps our cookie shows at the first launch from a chart'),
  ];
}

/** Nothing works without these. */
export const LAUNCH_NEEDS: ReadonlySet<string> = new Set([
  'discovery',
  'endpoints',
  'pkce',
  'launch-ehr',
  'sign-in',
  'version',
  'tls',
]);

function check(id: string, status: CheckStatus, text: string): Check {
  return { id, status, text };
}

function tls({ live, from, tls: found }: Documents, now: number): Check {
  if (!live) return check('tls', 'not-checked', 'Saved documents: TLS was not looked at');
  if (!found) return check('tls', 'not-checked', `${new URL(from).host} is this machine: no TLS, for practice only`);
  if ('failed' in found) return check('tls', 'failed', `No TLS connection of version 1.2 or later (${found.failed})`);
  const days = Math.floor((Date.parse(found.validTo) - now) / DAY_MS);
  return check('tls', days < 30 ? 'attention' : 'ok', `${found.protocol}, certificate valid for ${days} days`);
}

function clock({ skewSeconds }: Documents): Check {
  if (skewSeconds === undefined) return check('clock', 'not-checked', 'The EHR’s clock was not seen');
  const ok = Math.abs(skewSeconds) <= SKEW_SECONDS;
  return check(
    'clock',
    ok ? 'ok' : 'failed',
    `Clocks differ by ${skewSeconds} s${ok ? '' : ': tokens will be refused'}`,
  );
}

function version({ capability }: Documents): Check {
  if (capability.state !== 'read') return check('version', 'attention', `No CapabilityStatement (${capability.why})`);
  const { fhirVersion } = capability.body;
  if (fhirVersion === undefined) return check('version', 'attention', 'The FHIR version is not said');
  const ok = /^4\.[03]\./.test(fhirVersion);
  return check('version', ok ? 'ok' : 'failed', `FHIR ${fhirVersion}${ok ? '' : ': the app reads R4 and R4B only'}`);
}

function launchChecks({ live, from }: Documents, found: DiscoveryDocument): Check[] {
  const has = (capability: string) => found.capabilities.includes(capability);
  const methods = found.token_endpoint_auth_methods_supported;
  const algorithms = found.token_endpoint_auth_signing_alg_values_supported;
  const endpoints = [found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.issuer];
  const plain = endpoints.filter(
    (url) => url !== undefined && /^http:/.test(url) && !/^http:\/\/(127|localhost)/.test(url),
  );
  const elsewhere = hosts(found, live ? new URL(from).host : undefined);
  const pkce = found.code_challenge_methods_supported.includes('S256');
  const asymmetric = has('client-confidential-asymmetric') || methods.includes('private_key_jwt');
  const ours = algorithms.length === 0 || algorithms.some((alg) => alg === 'ES384' || alg === 'RS384');
  return [
    plain.length > 0
      ? check('endpoints', 'failed', 'An endpoint is named without TLS')
      : check('endpoints', 'ok', 'Authorization and token endpoint over TLS'),
    elsewhere.length > 0
      ? check('pinned-hosts', 'attention', `Put into the tenant’s pinnedHosts: ${elsewhere.join(', ')}`)
      : check('pinned-hosts', 'ok', live ? 'Every endpoint is on the FHIR server’s own host' : 'No other host named'),
    pkce
      ? check('pkce', 'ok', 'PKCE S256')
      : check(
          'pkce',
          'attention',
          'PKCE S256 is not announced; it is sent all the same, and the EHR must not refuse it',
        ),
    has('launch-ehr')
      ? check('launch-ehr', 'ok', 'Launch from the chart')
      : check('launch-ehr', 'failed', 'launch-ehr is not among the capabilities: no launch from the chart'),
    has('launch-standalone')
      ? check('launch-standalone', 'ok', 'Launch from a page of our own')
      : check('launch-standalone', 'attention', 'No standalone launch: from the chart only'),
    has('sso-openid-connect') && found.jwks_uri !== undefined
      ? check('sign-in', 'ok', 'Who signs in is verified (OpenID Connect)')
      : check(
          'sign-in',
          'failed',
          'No OpenID Connect with published keys: who signs in cannot be verified, and the launch stops',
        ),
    asymmetric && ours
      ? check(
          'client',
          'ok',
          `private_key_jwt, ${algorithms.includes('ES384') || algorithms.length === 0 ? 'ES384' : 'RS384'}`,
        )
      : check('client', 'attention', 'No private_key_jwt with ES384 or RS384: register a client secret instead'),
    has('permission-v2')
      ? check('scopes', 'ok', 'Scopes of SMART v2, narrowed to categories')
      : check('scopes', 'attention', 'Scopes of SMART v1: whole resource types, wider than needed'),
    found.revocation_endpoint
      ? check('revocation', 'ok', 'Tokens are revoked at logout and when idle')
      : check(
          'revocation',
          'attention',
          'No revocation endpoint: tokens live on at the EHR until they end by themselves',
        ),
  ];
}

/** Hosts that the discovery document names besides the FHIR server's own; of saved documents, beyond the one it names for all. */
function hosts(found: DiscoveryDocument, own: string | undefined): string[] {
  const named = [
    found.issuer,
    found.authorization_endpoint,
    found.token_endpoint,
    found.jwks_uri,
    found.revocation_endpoint,
  ];
  const all = named.flatMap((url) => (url === undefined ? [] : (URL.parse(url)?.host ?? [])));
  return [...new Set(all)].filter((host) => host !== own).sort();
}

/** What our own registry says of this EHR. */
function registered({ discovery }: Documents, tenant: Tenant | undefined): Check[] {
  if (!tenant) return [check('tenant', 'not-checked', 'No tenants file given, or this issuer is not in it')];
  const unpinned =
    discovery.state === 'read' ? hosts(discovery.body, undefined).filter((host) => !hostsOf(tenant).has(host)) : [];
  return [
    unpinned.length === 0
      ? check('tenant', 'ok', `Registered as ${tenant.id}; every host is pinned`)
      : check(
          'tenant',
          'failed',
          `Registered as ${tenant.id}, but not pinned: ${unpinned.join(', ')}. Launches are refused`,
        ),
    tenant.frameAncestors.length > 0
      ? check('frame-ancestors', 'ok', `May be framed by ${tenant.frameAncestors.join(' ')}`)
      : check('frame-ancestors', 'attention', 'No frame ancestors: the app opens in a window of its own only'),
  ];
}
