/** The tenant registry: which EHRs may launch us, as which client, framed by whom. One reviewed JSON file; the issuer decides the tenant (C7). */
import { z } from 'zod';
import type { CodeMap } from '../models/engine/facts/code-map.ts';
import type { RungSetting } from '../models/engine/proposals/ladder.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Where a secret lies; the file itself never holds one (V12). */
export const SecretReference = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

const Auth = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('private_key_jwt'), alg: z.enum(['ES384', 'RS384']).optional() }),
  z.strictObject({ method: z.literal('client_secret_basic'), secret: SecretReference }),
  z.strictObject({ method: z.literal('none') }),
]);

const Coding = z.strictObject({
  system: z.string().min(1),
  code: z.string().min(1),
  display: z.string().exactOptional(),
});

/** One way of writing that the site agreed on (interop WB1, WB2). Without any, notes are written. */
const Rung = z.strictObject({
  write: z.enum([
    'Bundle',
    'Communication',
    'DocumentReference',
    'Observation',
    'QuestionnaireResponse',
    'ServiceRequest',
  ]),
  /** Critical fields that the EHR did not keep in the trial on a test patient: `[]` when it kept them all. */
  lost: z.array(z.string()).exactOptional(),
  format: z.enum(['text/plain', 'application/xhtml+xml']).exactOptional(),
  questionnaire: z.url().exactOptional(),
  linkId: z.string().min(1).exactOptional(),
  scores: z.record(z.string(), Coding).exactOptional(),
}) satisfies z.ZodType<RungSetting>;

const Tenant = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
    name: z.string().min(1).max(80),
    /** FHIR base, sent as `aud` exactly as written (L6). */
    iss: z.string(),
    clientId: z.string().min(1),
    auth: Auth,
    /** Replaces the scopes derived from the library's queries. */
    scopes: z.array(z.string().min(1)).min(1).optional(),
    /** Origins that may frame the app (V4). */
    frameAncestors: z.array(z.string()),
    /** Hosts besides the FHIR server's own that discovery may name (L11), as `host` or `host:port`. */
    pinnedHosts: z.array(z.string().regex(/^[a-z0-9.-]+(:\d+)?$/)).default([]),
    /** An on-premises EHR on a private network: its addresses, the only private ones that egress admits (V7). */
    allowPrivate: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
    /** Plain http, and only where both ends are this machine. */
    allowHttpLoopback: z.literal(true).optional(),
    /** The bundled practice EHR: the screen says so. */
    practice: z.boolean().default(false),
    writeBack: z.strictObject({
      enabled: z.boolean(),
      rungs: z.array(Rung).min(1).exactOptional(),
      /** Ask for the right to mark what was written as entered in error (WB8). */
      withdraw: z.boolean().exactOptional(),
    }),
    /** CDS Hooks calls from this EHR; absent: none is answered (H5). */
    cdsHooks: z
      .strictObject({
        /** `iss` of the JWTs it signs its calls with; its FHIR address unless given. */
        issuers: z.array(z.string().min(1)).min(1).optional(),
        /** Where its public keys are: the only addresses that a `jku` may name; the first when it names none. */
        jwks: z.array(z.url()).min(1),
      })
      .optional(),
    timeZone: z.string().optional(),
    /** The site's own codes and units. The file names a JSON document; `server/code-map.ts` has read and checked it. */
    codeMap: z.custom<CodeMap>((value) => typeof value === 'object' && value !== null).optional(),
  })
  .superRefine((tenant, issues) => {
    for (const message of insecurities(tenant))
      issues.addIssue({ code: 'custom', message: `${tenant.id}: ${message}` });
  });

/** One EHR that may launch the app. */
export type Tenant = z.infer<typeof Tenant>;

/** The registry, indexed by canonical issuer and by id. */
export interface Tenants {
  readonly all: readonly Tenant[];
  byId(id: string): Tenant | undefined;
  /** Compares after canonicalisation, without touching the network (L2). */
  byIssuer(iss: string): Tenant | undefined;
}

/** Reads the registry. Throws with every complaint at once: unreadable, insecure (V14), two tenants under one issuer. */
export function readTenants(json: unknown): Tenants {
  const { tenants } = z
    .strictObject({ tenants: z.array(Tenant).min(1, 'an empty allow-list lets nobody in') })
    .parse(json);
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const byIssuer = new Map(tenants.map((tenant) => [canonicalIssuer(tenant.iss), tenant]));
  const callers = tenants.flatMap(({ iss, cdsHooks }) => (cdsHooks ? (cdsHooks.issuers ?? [iss]) : []));
  if (new Set(callers).size < callers.length) throw new Error('tenants: two sign their CDS Hooks calls as one');
  if (byId.size < tenants.length || byIssuer.size < tenants.length)
    throw new Error('tenants: an id or an issuer occurs twice');
  return {
    all: tenants,
    byId: (id) => byId.get(id),
    byIssuer: (iss) => {
      const canonical = canonicalIssuer(iss);
      return canonical === undefined ? undefined : byIssuer.get(canonical);
    },
  };
}

/**
 * The one spelling of an issuer: http(s), lower-case host, no default port, no final slash.
 * `undefined` for what no honest EHR sends: userinfo, query, fragment, dot segments, escapes, blanks, back-slashes.
 */
export function canonicalIssuer(raw: string): string | undefined {
  if (
    raw.length > 2048 ||
    !/^https?:\/\/[\x21-\x7e]+$/i.test(raw) ||
    /[\\@?#%]|\/\.{1,2}(\/|$)|[^:]\/\//.test(raw.slice(8))
  )
    return undefined;
  const url = URL.parse(raw);
  if (!url || url.hostname === '' || url.hostname.endsWith('.')) return undefined;
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`;
}

/** The types that each agreed way of writing creates and reads back; none where write-back is off. */
export function typesWritten({ writeBack }: Pick<Tenant, 'writeBack'>): readonly (readonly string[])[] {
  if (!writeBack.enabled) return [];
  return (writeBack.rungs ?? [{ write: 'DocumentReference' }]).map(({ write }) =>
    write === 'Bundle' ? ['DocumentReference', 'RiskAssessment', 'DetectedIssue', 'Provenance'] : [write],
  );
}

/** Whether a URL points at this machine. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.has(url.hostname);
}

/** The hosts that this tenant's traffic may go to: the FHIR server's and the pinned ones. */
export function hostsOf(tenant: Tenant): ReadonlySet<string> {
  return new Set([new URL(tenant.iss).host, ...tenant.pinnedHosts]);
}

function insecurities(tenant: z.infer<typeof Tenant>): string[] {
  const found: string[] = [];
  const canonical = canonicalIssuer(tenant.iss);
  if (canonical === undefined) return ['iss is not a plain URL'];
  const iss = new URL(canonical);
  if (
    tenant.allowHttpLoopback &&
    ![iss.host, ...tenant.pinnedHosts].every((host) => isLoopback(new URL(`http://${host}`)))
  )
    found.push('allowHttpLoopback is for hosts on this machine only');
  if (iss.protocol !== 'https:' && !tenant.allowHttpLoopback) found.push('iss must be https');
  if (tenant.practice && !isLoopback(iss)) found.push('practice is for an EHR on this machine only');
  for (const ancestor of tenant.frameAncestors) {
    const origin = URL.parse(ancestor);
    if (origin?.origin !== ancestor || ancestor.includes('*'))
      found.push(`frameAncestors: ${JSON.stringify(ancestor)} is not an origin`);
    else if (origin.protocol !== 'https:' && !(tenant.allowHttpLoopback && isLoopback(origin)))
      found.push(`frameAncestors: ${ancestor} must be https`);
  }
  for (const jwks of tenant.cdsHooks?.jwks ?? []) {
    const url = new URL(jwks);
    if (!hostsOf(tenant).has(url.host)) found.push(`cdsHooks: ${url.host} is not among the tenant’s hosts; pin it`);
    else if (url.protocol !== 'https:' && !(tenant.allowHttpLoopback && isLoopback(url)))
      found.push('cdsHooks: jwks must be https');
  }
  if (tenant.scopes?.some((scope) => scope === 'offline_access' || /\*|\.c?r?u?ds?(\?|$)/.test(scope)))
    found.push('scopes: offline_access, wildcards and deletion are never requested (S4, S6)');
  return found;
}
