/** The chart of a hook call: what came with it, and what is fetched with the token that came with it (H4, H6). */
import type { TenantFetch } from '../../launch/discovery.ts';
import type { Tenant } from '../../launch/tenants.ts';
import { contentsOf } from '../../models/engine/facts/bundle.ts';
import type { SourceReport } from '../../models/engine/facts/facts.ts';
import { isObject, type Json } from '../../models/engine/facts/json.ts';
import { firstRound } from '../../models/engine/facts/queries.ts';
import { isOwnServer } from './caller.ts';
import { HookRefusal, type HookRequest } from './request.ts';
import { type Prefetched, prefetched, prefetchUrl } from './services.ts';

const PAGES = 5;

/** Resources as they came, and how far each source got. */
export interface HookChart {
  readonly resources: readonly unknown[];
  readonly sources: readonly SourceReport[];
}

interface Answer extends HookChart {
  readonly resources: unknown[];
}

/** Reads the chart. Throws 412 when something was neither sent nor can be fetched, 400 when the call is about someone else. */
export async function chartOf(
  { context, prefetch, fhirServer, fhirAuthorization }: HookRequest,
  options: {
    readonly tenant: Tenant;
    readonly fetchFor: (tenant: Tenant) => TenantFetch;
    readonly signal: AbortSignal;
  },
): Promise<HookChart> {
  const { tenant, signal } = options;
  if (fhirServer !== undefined && !isOwnServer(tenant, fhirServer))
    throw new HookRefusal(400, 'fhir-server', 'fhirServer is not the one registered for the caller.');
  if (fhirAuthorization?.patient !== undefined && fhirAuthorization.patient !== context.patientId)
    throw new HookRefusal(400, 'patient', 'The token is for another patient.');
  const token = fhirServer === undefined ? undefined : fhirAuthorization?.access_token;
  const get = token === undefined ? undefined : reader({ ...options, token, signal });
  const answers = await Promise.all(prefetched().map((one) => answer(one)));
  return {
    resources: answers.flatMap(({ resources }) => resources),
    sources: [...answers.flatMap(({ sources }) => sources), ...notPartOfAHook()],
  };

  async function answer(one: Prefetched): Promise<Answer> {
    const sent = prefetch?.[one.key];
    const usable = isObject(sent) && sent.resourceType !== 'OperationOutcome' && fits(one, sent, context.patientId);
    if (usable) return whole(one, sent, get);
    if (get) return fetched(one, get);
    // The EHR asked on our behalf and was refused: that is an answer, and is said.
    if (isObject(sent) && sent.resourceType === 'OperationOutcome' && one.key !== 'patient')
      return { resources: [], sources: [report(one, 'refused', 0, 'the EHR did not give it to the hook')] };
    throw new HookRefusal(412, 'prefetch', `Neither sent nor fetchable: ${one.key}.`);
  }

  async function fetched(one: Prefetched, read: Reader): Promise<Answer> {
    const body = await read(prefetchUrl(one, encodeURIComponent(context.patientId)));
    if (isObject(body) && fits(one, body, context.patientId)) return whole(one, body, read);
    if (one.key === 'patient') throw new HookRefusal(412, 'patient-unread', 'The patient could not be read.');
    return { resources: [], sources: [report(one, 'failed', 0, 'the EHR did not answer the hook’s own question')] };
  }
}

type Reader = (url: string) => Promise<unknown>;

/** GETs within the tenant's FHIR base with the caller's token, which is kept nowhere. Resolves to `undefined` when it failed. */
function reader(options: {
  readonly tenant: Tenant;
  readonly fetchFor: (tenant: Tenant) => TenantFetch;
  readonly token: string;
  readonly signal: AbortSignal;
}): Reader {
  const { tenant, token, signal } = options;
  const base = `${tenant.iss.replace(/\/$/, '')}/`;
  const send = options.fetchFor(tenant);
  return async (path) => {
    const url = new URL(path, base).href;
    if (!url.startsWith(base)) return undefined;
    const headers = { accept: 'application/fhir+json', authorization: `Bearer ${token}` };
    const response = await send(url, { headers, signal }).catch(() => undefined);
    return response?.ok ? response.json().catch(() => undefined) : undefined;
  };
}

/** The further pages of what came, where there is a token to ask for them; else it is said that there is more. */
async function whole(one: Prefetched, first: Json, read: Reader | undefined): Promise<Answer> {
  if (one.key === 'patient') return { resources: [first], sources: [report(one, 'read', 1)] };
  const resources: unknown[] = [];
  let pages = 0;
  for (let page: unknown = first; ; ) {
    if (!isObject(page) || page.resourceType !== 'Bundle') return part('a further page could not be read');
    resources.push(...contentsOf(page).resources);
    pages += 1;
    if (outcomes(page)) return part('the EHR said that part of the answer is missing');
    const next = nextOf(page);
    if (next === undefined)
      return { resources, sources: [report(one, resources.length > 0 ? 'read' : 'empty', resources.length)] };
    if (!read || pages === PAGES) return part('only the newest part came with the hook');
    page = await read(next);
  }

  function part(reason: string): Answer {
    return { resources, sources: [report(one, 'incomplete', resources.length, reason)] };
  }
}

/** H4: is what came under a key what its template asks for? */
function fits({ query, key }: Prefetched, sent: Json, patientId: string): boolean {
  if (key !== 'patient') return sent.resourceType === 'Bundle';
  return sent.resourceType === query.resourceType && sent.id === patientId;
}

function nextOf({ link }: Json): string | undefined {
  if (!Array.isArray(link)) return undefined;
  const next: unknown = link.find((one) => isObject(one) && one.relation === 'next');
  return isObject(next) && typeof next.url === 'string' ? next.url : undefined;
}

/** An OperationOutcome among the entries, worse than a note. */
function outcomes({ entry }: Json): boolean {
  const entries: readonly unknown[] = Array.isArray(entry) ? entry : [];
  return entries.some(
    (one) =>
      isObject(one) &&
      isObject(one.resource) &&
      one.resource.resourceType === 'OperationOutcome' &&
      !(
        Array.isArray(one.resource.issue) &&
        one.resource.issue.every((issue) => isObject(issue) && issue.severity === 'information')
      ),
  );
}

function report(
  { key }: Pick<Prefetched, 'key'>,
  state: SourceReport['state'],
  count: number,
  reason?: string,
): SourceReport {
  return { id: key, state, count, pages: 1, ...(reason !== undefined && { reason }) };
}

/** The rest of the first round is left to the app: said, so that nothing passes as absent. */
function notPartOfAHook(): SourceReport[] {
  const asked = new Set(prefetched().map(({ key }) => key));
  return firstRound()
    .filter(({ id }) => !asked.has(id))
    .map(({ id }) => report({ key: id }, 'not-asked', 0, 'not part of a hook'));
}
