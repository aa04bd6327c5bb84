/** Who is asking, about whom, and what the app may do: the part of a launch that the browser may know. It never holds a token. */
import type { CodeMap } from '../models/engine/facts/code-map.ts';
import { LaunchError } from './errors.ts';
import { IDLE_MS } from './record.ts';
import { grants } from './scopes.ts';
import { type Tenant, typesWritten } from './tenants.ts';
import { outcomeCodes } from './vendors/index.ts';
import type { OutcomeCodes } from './vendors/vendor.ts';

/** A resource that the EHR put in context besides patient and encounter (C3). The reference is the EHR's word: it is not fetched from another host. */
export interface ContextItem {
  readonly reference?: string;
  readonly canonical?: string;
  readonly type?: string;
  readonly role?: string;
}

/** Features a launch may use, and why not where it may not. */
export interface FeatureState {
  readonly id: string;
  readonly available: boolean;
  /** In words, for the screen: `not granted: patient/Observation.rs`. */
  readonly reason?: string;
}

/** A file of the library: where it is, and the SHA-256 (hex) of its bytes. */
export interface ServedPart {
  readonly url: string;
  readonly sha256: string;
}

/** The EHR's frame may be spoken to: SMART Web Messaging was granted, and the site knows the frame's origin (interop W1, W2). */
export interface WebMessaging {
  /** Meant for the browser: it ties a message to the launch, and opens nothing else. */
  readonly handle: string;
  /** Exactly where messages go to and come from. */
  readonly origin: string;
  /** Whether the EHR may be told that the app is done (`messaging/ui`). */
  readonly ui: boolean;
}

/** The CDS Hooks card from which the app was opened, as this server remembers it from the card itself. */
export interface FromCard {
  readonly hook: string;
  /** Id of the recommendation on it, and of everything merged into that; absent on a card that said what was not checked. */
  readonly recommendation?: { readonly id: string; readonly from: readonly string[] };
}

/** A SMART launch, as served to the browser at `GET /l/<launchId>/context`. */
export interface LaunchContext {
  readonly launchId: string;
  readonly tenant: { readonly id: string; readonly name: string };
  /** Only ever from the token response. */
  readonly patientId: string;
  readonly encounterId?: string;
  readonly user: { readonly fhirUser: string; readonly display: string; readonly mayApprove: boolean };
  /** Granted scopes, as the token response said. */
  readonly scope: readonly string[];
  /** Show the full banner: true when the EHR said so or said nothing. */
  readonly needPatientBanner: boolean;
  readonly intent?: string;
  readonly card?: FromCard;
  readonly webMessaging?: WebMessaging;
  readonly fhirContext?: readonly ContextItem[];
  /** ISO instants. */
  readonly launchedAt: string;
  readonly expiresAt: string;
  /** How long it may lie unused, milliseconds (T5). */
  readonly idleMs?: number;
  /** The EHR says how it looks (C5). */
  readonly styled?: boolean;
  readonly features: readonly FeatureState[];
  /** Digest of the library in force and where to fetch it. */
  readonly library: {
    readonly version: string;
    readonly digest: string;
    readonly url: string;
    /** The part of it that the first number needs. */
    readonly first?: string;
    /** Its FHIRPath, parsed. */
    readonly expressions?: string;
    /** The words of its citations, where `url` has numbers in their place. */
    readonly citations?: ServedPart;
    /** The drug table in two parts; without them it is read whole. */
    readonly drugs?: { readonly codes: ServedPart; readonly names: ServedPart };
  };
  /** True when the EHR is the bundled practice EHR. */
  readonly practice: boolean;
  /** How this site writes its charts; handed to the reader as it is. */
  readonly reading?: { readonly timeZone?: string; readonly codeMap?: CodeMap };
  /** What vendors' own outcome codes say about an answer's completeness. */
  readonly outcomeCodes?: readonly OutcomeCodes[];
}

/** Something the first round reads, and the words for it: what `features` reports on. */
export interface Needed {
  readonly resourceType: string;
  readonly category?: string;
  readonly feature: string;
}

/** All that a launch context is made of. `launch` is the token response without its tokens; `claims` are the validated id_token's. */
export interface ContextParts {
  readonly launchId: string;
  readonly tenant: Tenant;
  readonly launch: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scope: readonly string[];
  readonly needed: readonly Needed[];
  readonly library: LaunchContext['library'];
  /** Reads the `appContext` of one of our cards; `undefined` for anything else, and for a card about another patient (C6). */
  readonly openCard?: (appContext: string, about: { tenantId: string; patientId: string }) => FromCard | undefined;
  readonly launchedAt: Date;
  readonly expiresAt: Date;
}

// FHIR allows 64 characters; ids of 90 are in use.
const ID = /^[A-Za-z0-9.-]{1,128}$/;
const INTENTS = new Set(['reconcile-medications', 'order-review']);
const APPROVERS = new Set(['Practitioner', 'PractitionerRole']);

/** The launch as the browser may know it. Throws `no-patient`: the patient comes from the token response or not at all (C1). */
export function launchContext(parts: ContextParts): LaunchContext {
  const { launch, tenant } = parts;
  if (typeof launch.patient !== 'string' || !ID.test(launch.patient)) throw new LaunchError('no-patient');
  const user = readUser(parts.claims, tenant);
  const items = contextItems(launch.fhirContext);
  const about = { tenantId: tenant.id, patientId: launch.patient };
  const card = isShort(launch.appContext) ? parts.openCard?.(launch.appContext, about) : undefined;
  const messaging = webMessaging(parts);
  return {
    launchId: parts.launchId,
    tenant: { id: tenant.id, name: tenant.name },
    patientId: launch.patient,
    ...(typeof launch.encounter === 'string' && ID.test(launch.encounter) && { encounterId: launch.encounter }),
    user,
    scope: parts.scope,
    needPatientBanner: launch.need_patient_banner !== false,
    ...(typeof launch.intent === 'string' && INTENTS.has(launch.intent) && { intent: launch.intent }),
    ...(card && { card }),
    ...(messaging && { webMessaging: messaging }),
    ...(items.length > 0 && { fhirContext: items }),
    launchedAt: parts.launchedAt.toISOString(),
    expiresAt: parts.expiresAt.toISOString(),
    idleMs: IDLE_MS,
    ...(typeof launch.smart_style_url === 'string' && { styled: true }),
    features: features(parts, user.mayApprove),
    library: parts.library,
    practice: tenant.practice,
    reading: {
      ...(tenant.timeZone !== undefined && { timeZone: tenant.timeZone }),
      ...(tenant.codeMap !== undefined && { codeMap: tenant.codeMap }),
    },
    outcomeCodes: outcomeCodes(),
  };
}

/** Somebody else's text that is worth looking into: C6 allows 4 KB. */
function isShort(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 4096;
}

/** W1, W2: handle, origin and scope, all three, and an origin that the site has named itself. */
function webMessaging({ launch, scope, tenant }: ContextParts): WebMessaging | undefined {
  const { smart_web_messaging_handle: handle, smart_web_messaging_origin: origin } = launch;
  if (!isShort(handle) || handle === '' || typeof origin !== 'string') return undefined;
  if (!scope.includes('messaging/scratchpad') || !tenant.webMessaging?.origins.includes(origin)) return undefined;
  return { handle, origin, ui: scope.includes('messaging/ui') };
}

/** I2: only a Practitioner or PractitionerRole of this very server may approve; anyone else reads. */
function readUser(claims: ContextParts['claims'], tenant: Tenant): LaunchContext['user'] {
  const claimed = claims.fhirUser ?? claims.profile;
  const given = typeof claimed === 'string' ? claimed : '';
  const base = `${tenant.iss.replace(/\/$/, '')}/`;
  const [, type = '', id] =
    /^([A-Za-z]+)\/([A-Za-z0-9.-]{1,128})$/.exec(given.startsWith(base) ? given.slice(base.length) : given) ?? [];
  const name = [claims.name, claims.preferred_username].find(
    (claim) => typeof claim === 'string' && claim.trim() !== '',
  );
  const fhirUser = id === undefined ? '' : `${type}/${id}`;
  const display = typeof name === 'string' ? name.slice(0, 120) : fhirUser || 'Unknown user';
  return { fhirUser, display, mayApprove: APPROVERS.has(type) };
}

function contextItems(given: unknown): ContextItem[] {
  if (!Array.isArray(given)) return [];
  return given.slice(0, 50).flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const members = Object.entries(item).filter(
      ([name, value]) => /^(reference|canonical|type|role)$/.test(name) && typeof value === 'string',
    );
    const read = Object.fromEntries(members) as ContextItem;
    const launchType = /^(Patient|Encounter)\//.test(read.reference ?? '') && (read.role ?? 'launch') === 'launch';
    return (read.reference ?? read.canonical) === undefined || launchType ? [] : [read];
  });
}

/** S3: what was not granted is named, so that nothing is computed from data that were never asked for. */
function features({ needed, scope, tenant }: ContextParts, mayApprove: boolean): FeatureState[] {
  const reads = needed.map(({ feature, ...wanted }): FeatureState => {
    const available = grants(scope, { ...wanted, interaction: wanted.resourceType === 'Patient' ? 'r' : 's' });
    return available
      ? { id: feature, available }
      : { id: feature, available, reason: `not granted: patient/${wanted.resourceType}.rs` };
  });
  return [...reads, writeBack(scope, tenant, mayApprove)];
}

/** Some way of writing is enough; which one, the server decides for each recommendation. */
function writeBack(scope: readonly string[], tenant: Tenant, mayApprove: boolean): FeatureState {
  const missing = typesWritten(tenant).map((types) =>
    types.flatMap((resourceType) => {
      const lacking = (['c', 'r'] as const).filter((interaction) => !grants(scope, { resourceType, interaction }));
      return lacking.length > 0 ? [`patient/${resourceType}.${lacking.join('')}`] : [];
    }),
  );
  const reason = !tenant.writeBack.enabled
    ? 'write-back is switched off for this EHR'
    : !mayApprove
      ? 'only a clinician may approve a note'
      : missing.every((scopes) => scopes.length > 0)
        ? `not granted: ${missing[0]?.join(', ')}`
        : undefined;
  return reason === undefined ? { id: 'write-back', available: true } : { id: 'write-back', available: false, reason };
}
