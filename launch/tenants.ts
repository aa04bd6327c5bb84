/** The tenant registry: which EHRs may launch us, as which client, framed by whom. One reviewed JSON file; the issuer decides the tenant (C7). */
import { createHash } from 'node:crypto';
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

/** What a site may agree to have written; `Bundle` is a transaction. */
export const Write = z.enum([
  'Bundle',
  'Communication',
  'DocumentReference',
  'Observation',
  'QuestionnaireResponse',
  'ServiceRequest',
]);

/** One way of writing that the site agreed on (interop WB1, WB2). Without any, notes are written. */
const Rung = z.strictObject({
  write: Write,
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
      /** `required`: only what a kept rehearsal found usable is written (WB1). Otherwise its findings are used where there is one. */
      rehearsed: z.literal('required').exactOptional(),
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
    /** Origins of the EHR's own frame, which SMART Web Messaging may be spoken with (W1); absent: it is spoken with none. */
    webMessaging: z.strictObject({ origins: z.array(z.string()).min(1) }).optional(),
    timeZone: z.string().optional(),
    /** The site's own codes and units. The file names a JSON document; `server/code-map.ts` has read and checked it. */
    codeMap: z.custom<CodeMap>((value) => typeof value === 'object' && value !== null).optional(),
  })
  .superRefine((tenant, issues) => {
    for (const { at, why } of insecurities(tenant))
      issues.addIssue({
        code: 'custom',
        path: at,
        message: `${tenant.id}: ${why}`,
        input: valueAt(tenant, at),
        params: INSECURE,
      });
  });

/** Marks a complaint of the schema as one about security (V14). */
export const INSECURE = { insecure: true } as const;

/** One EHR that may launch the app. */
export type Tenant = z.infer<typeof Tenant>;

/** The whole file. `version` counts its releases: a reload refuses an earlier one. */
export const TenantsFile = z
  .strictObject({
    version: z.int().min(1).optional(),
    tenants: z.array(Tenant),
  })
  .superRefine(({ tenants }, issues) => {
    if (tenants.length === 0)
      issues.addIssue({
        code: 'custom',
        path: ['tenants'],
        message: 'an empty allow-list lets nobody in',
        input: tenants,
        params: INSECURE,
      });
    for (const { at, why } of collisions(tenants))
      issues.addIssue({ code: 'custom', path: at, message: why, input: valueAt({ tenants }, at) });
  });

/** By whom a grant was given, as a launch remembers it. */
export interface Granted {
  readonly tenantId: string;
  /** `grantorOf` the tenant at that time. */
  readonly grantor: string;
}

/** The registry, indexed by canonical issuer and by id. It may be a live view: whoever keeps a tenant keeps what it was. */
export interface Tenants {
  readonly all: readonly Tenant[];
  byId(id: string): Tenant | undefined;
  /** Compares after canonicalisation, without touching the network (L2). */
  byIssuer(iss: string): Tenant | undefined;
  /** Whose EHR signs its CDS Hooks calls under this name (H5). */
  byCaller(iss: string): Tenant | undefined;
  /** The tenant that gave this grant, while it is the EHR that it was: its tokens go nowhere else (L11). */
  byGrant(granted: Granted): Tenant | undefined;
  /** The same, or as it was last: for telling an EHR that its grant is given back, and for nothing else. */
  onceByGrant(granted: Granted): Tenant | undefined;
}

/** Reads the registry. Throws with every complaint at once: unreadable, insecure (V14), two tenants under one issuer. */
export function readTenants(json: unknown): Tenants {
  return indexed(TenantsFile.parse(json).tenants);
}

/** The registry of tenants that have been checked together. */
export function indexed(tenants: readonly Tenant[]): Tenants {
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const byIssuer = new Map(tenants.map((tenant) => [canonicalIssuer(tenant.iss), tenant]));
  const byCaller = new Map(tenants.flatMap((tenant) => callersOf(tenant).map((iss) => [iss, tenant] as const)));
  const byGrantor = new Map(tenants.map((tenant) => [grantorOf(tenant), tenant]));
  const byGrant = ({ grantor }: Granted) => byGrantor.get(grantor);
  return {
    all: tenants,
    byId: (id) => byId.get(id),
    byIssuer: (iss) => {
      const canonical = canonicalIssuer(iss);
      return canonical === undefined ? undefined : byIssuer.get(canonical);
    },
    byCaller: (iss) => byCaller.get(iss),
    byGrant,
    onceByGrant: byGrant,
  };
}

/** A digest of who gives a tenant's grants and where they may be sent. A launch made under another one has ended. */
export function grantorOf(tenant: Tenant): string {
  const { id, iss, clientId, pinnedHosts, allowPrivate, allowHttpLoopback = false } = tenant;
  const told = [id, canonicalIssuer(iss), clientId, pinnedHosts.toSorted(), allowPrivate.toSorted(), allowHttpLoopback];
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url');
}

/** The issuers under which a tenant's EHR signs its CDS Hooks calls: as registered, else its FHIR address. */
export function callersOf({ cdsHooks, iss }: Tenant): readonly string[] {
  return cdsHooks ? (cdsHooks.issuers ?? [iss]) : [];
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

/** A complaint, and the path to what it is about. */
interface Complaint {
  readonly at: (string | number)[];
  readonly why: string;
}

/** What a complaint is about, as it was given. */
function valueAt(whole: object, path: Complaint['at']): unknown {
  return path.reduce<unknown>((held, part) => (held as Record<string | number, unknown> | undefined)?.[part], whole);
}

/** Two tenants that could not be told apart. */
function collisions(tenants: readonly Tenant[]): Complaint[] {
  const names = (tenant: Tenant) => [
    { at: ['id'], name: tenant.id, why: 'the id occurs twice' },
    { at: ['iss'], name: canonicalIssuer(tenant.iss) ?? tenant.iss, why: 'the issuer occurs twice' },
    ...callersOf(tenant).map((name) => ({ at: ['cdsHooks'], name, why: 'two sign their CDS Hooks calls as one' })),
  ];
  const seen = new Set<string>();
  return tenants.flatMap((tenant, index) =>
    names(tenant).flatMap(({ at, name, why }) => {
      const key = JSON.stringify([at, name]);
      const taken = seen.has(key);
      seen.add(key);
      return taken ? [{ at: ['tenants', index, ...at], why: `${tenant.id}: ${why}` }] : [];
    }),
  );
}

function insecurities(tenant: z.infer<typeof Tenant>): Complaint[] {
  const found: Complaint[] = [];
  const complain = (why: string, ...at: (string | number)[]) => found.push({ at, why });
  const canonical = canonicalIssuer(tenant.iss);
  if (canonical === undefined) return [{ at: ['iss'], why: 'iss is not a plain URL' }];
  const iss = new URL(canonical);
  if (
    tenant.allowHttpLoopback &&
    ![iss.host, ...tenant.pinnedHosts].every((host) => isLoopback(new URL(`http://${host}`)))
  )
    complain('allowHttpLoopback is for hosts on this machine only', 'allowHttpLoopback');
  if (iss.protocol !== 'https:' && !tenant.allowHttpLoopback) complain('iss must be https', 'iss');
  if (tenant.practice && !isLoopback(iss)) complain('practice is for an EHR on this machine only', 'practice');
  const origins = [
    ...tenant.frameAncestors.map((given, index) => ({ given, at: ['frameAncestors', index] })),
    ...(tenant.webMessaging?.origins ?? []).map((given, index) => ({ given, at: ['webMessaging', 'origins', index] })),
  ];
  for (const { given, at } of origins) {
    const origin = URL.parse(given);
    if (origin?.origin !== given || given.includes('*'))
      complain(`${at[0]}: ${JSON.stringify(given)} is not an origin`, ...at);
    else if (origin.protocol !== 'https:' && !(tenant.allowHttpLoopback && isLoopback(origin)))
      complain(`${at[0]}: ${given} must be https`, ...at);
  }
  for (const [index, jwks] of (tenant.cdsHooks?.jwks ?? []).entries()) {
    const url = new URL(jwks);
    const at = ['cdsHooks', 'jwks', index] as const;
    if (!hostsOf(tenant).has(url.host))
      complain(`cdsHooks: ${url.host} is not among the tenant’s hosts; pin it`, ...at);
    else if (url.protocol !== 'https:' && !(tenant.allowHttpLoopback && isLoopback(url)))
      complain('cdsHooks: jwks must be https', ...at);
  }
  for (const [index, scope] of (tenant.scopes ?? []).entries())
    if (scope === 'offline_access' || /\*|\.c?r?u?ds?(\?|$)/.test(scope))
      complain('scopes: offline_access, wildcards and deletion are never requested (S4, S6)', 'scopes', index);
  return found;
}
