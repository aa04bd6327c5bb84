/** A launch record → `Launched`: calls to the EHR with its token, refreshed once and by one caller at a time (T3). */
import type { TenantFetch } from '../launch/discovery.ts';
import { LaunchError } from '../launch/errors.ts';
import { standingOf } from '../launch/introspection.ts';
import type { LaunchRecord, Tokens } from '../launch/record.ts';
import { grants } from '../launch/scopes.ts';
import type { Smart } from '../launch/smart.ts';
import type { Tenant, Tenants } from '../launch/tenants.ts';
import type { EndReason } from './audit.ts';
import { type FhirRequest, type Launched, SessionEnded } from './launched.ts';
import type { LaunchSessions } from './sessions.ts';

/** A token with less than this left is renewed before it is used. */
const RENEW_BEFORE_MS = 30_000;

/** What an authorised call stands on. */
export interface Authorizing {
  readonly tenants: Tenants;
  readonly smart: Smart;
  readonly sessions: LaunchSessions;
  readonly fetchFor: (tenant: Tenant) => TenantFetch;
  readonly now: () => number;
  /** Called once with a launch that its EHR ended; must not throw. */
  readonly onEnded: (record: LaunchRecord, reason: EndReason) => void;
}

/** Turns an active launch into what handlers may use. `undefined` if its EHR is no longer registered as it was at the launch. */
export function createAuthorize(deps: Authorizing) {
  const renewing = new Map<string, Promise<Tokens>>();

  /** One refresh at a time per launch, on all servers; whoever comes while it runs, or after it, gets its result. */
  function renewed(tenant: Tenant, record: LaunchRecord, stale: Tokens): Promise<Tokens> {
    const { launchId } = record.context;
    const renewal = () => deps.sessions.alone(launchId, () => renew(tenant, record, stale));
    const running = renewing.get(launchId) ?? renewal().finally(() => renewing.delete(launchId));
    renewing.set(launchId, running);
    return running;
  }

  async function renew(tenant: Tenant, record: LaunchRecord, stale: Tokens): Promise<Tokens> {
    const { launchId, patientId, encounterId, scope } = record.context;
    const current = await currentTokens(launchId);
    if (current.access.reveal() !== stale.access.reveal()) return current;
    if (!current.refresh) return ended(launchId, 'token-expired');
    try {
      const { tokens, launch } = await deps.smart.refresh(tenant, current.refresh, scope);
      const otherPatient = launch.patient !== undefined && launch.patient !== patientId;
      const otherEncounter = launch.encounter !== undefined && launch.encounter !== encounterId;
      // C2: a refresh that speaks of someone else ends the launch.
      if (otherPatient || otherEncounter) return await ended(launchId, 'other-patient');
      await deps.sessions.renew(launchId, tokens);
      return tokens;
    } catch (error) {
      if (error instanceof LaunchError && error.code === 'session-expired') return ended(launchId, 'grant-withdrawn');
      throw error;
    }
  }

  /** T4: before a write, whether the EHR stands by the token and by its patient. It need not be able to say. */
  async function confirmed(tenant: Tenant, record: LaunchRecord, tokens: Tokens): Promise<Tokens> {
    const { launchId, patientId } = record.context;
    switch (standingOf(await deps.smart.introspect(tenant, tokens), patientId)) {
      case 'stands':
      case 'unknown':
        return tokens;
      case 'inactive':
        return renewed(tenant, record, tokens);
      case 'other-patient':
        return ended(launchId, 'other-patient');
    }
  }

  async function currentTokens(launchId: string): Promise<Tokens> {
    const tokens = await deps.sessions.tokens(launchId);
    if (!tokens) throw new SessionEnded('the launch has ended');
    return tokens;
  }

  async function ended(launchId: string, reason: EndReason): Promise<never> {
    const record = await deps.sessions.end(launchId);
    // Whoever ended it first has said so.
    if (record) deps.onEnded(record, reason);
    throw new SessionEnded('the EHR no longer accepts this grant');
  }

  return (record: LaunchRecord, sessionId: string): Launched | undefined => {
    const tenant = deps.tenants.byGrant(record);
    if (!tenant) return undefined;
    const { context } = record;
    const fhirBase = tenant.iss.replace(/\/$/, '');
    const fetch = deps.fetchFor(tenant);

    const fhir = async (request: FhirRequest): Promise<Response> => {
      const url = withinBase(fhirBase, request.path);
      if (url === undefined) throw new TypeError('the path leaves the FHIR base');
      const send = ({ access }: Tokens): Promise<Response> => {
        const headers = new Headers({ accept: 'application/fhir+json', ...request.headers });
        headers.set('authorization', `Bearer ${access.reveal()}`);
        const { method, body, signal } = request;
        const optional = { ...(body !== undefined && { body }), ...(signal && { signal }) };
        return fetch(url, { method, headers: Object.fromEntries(headers), ...optional });
      };

      const current = await currentTokens(context.launchId);
      const fresh = runsOut(current) && current.refresh ? await renewed(tenant, record, current) : current;
      const tokens = isWrite(request) ? await confirmed(tenant, record, fresh) : fresh;
      const first = await send(tokens);
      if (first.status !== 401) return first;
      await first.body?.cancel();
      return send(await renewed(tenant, record, tokens));
    };

    return {
      context,
      tenantId: tenant.id,
      fhirBase,
      sessionId,
      userId: record.sub,
      writeBack: tenant.writeBack.enabled,
      ...(tenant.writeBack.rungs && { rungs: tenant.writeBack.rungs }),
      ...(record.styleUrl !== undefined && { styleUrl: record.styleUrl }),
      ...(tenant.timeZone !== undefined && { timeZone: tenant.timeZone }),
      grants: (resourceType, interaction) => grants(context.scope, { resourceType, interaction }),
      fhir,
    };
  };

  function runsOut(tokens: Tokens): boolean {
    return tokens.expiresAt - deps.now() < RENEW_BEFORE_MS;
  }
}

function isWrite({ method, path }: FhirRequest): boolean {
  return method !== 'GET' && !/\/_search$/.test(path);
}

/** An absolute URL inside the FHIR base, or `undefined`: the one check that keeps the token from following a foreign link (F7, I-2). */
export function withinBase(fhirBase: string, path: string): string | undefined {
  const base = new URL(fhirBase);
  const url = URL.parse(path, `${fhirBase}/`);
  if (!url || url.origin !== base.origin || url.username !== '' || url.password !== '') return undefined;
  const root = base.pathname.replace(/\/$/, '');
  if (url.pathname !== root && !url.pathname.startsWith(`${root}/`)) return undefined;
  // An escaped dot or slash may mean something else to the EHR than to us.
  return /%2e|%2f|%5c/i.test(url.pathname) ? undefined : url.href;
}
