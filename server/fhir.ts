/** The read relay: the EHR's answers for one patient, passed on with the token left out, never stored, never logged. */
import { type Context, Hono } from 'hono';
import { parseJson } from '../launch/json.ts';
import { RELAY_CODE_SYSTEM } from '../launch/vendors/relay.ts';
import { withinBase } from './authorize.ts';
import { EgressRefused } from './egress.ts';
import { type Launched, type LaunchedEnv, SessionEnded } from './launched.ts';
import { createOfferCache, readingPart } from './offers.ts';
import type { Early, Prefetch, Relayed } from './prefetch.ts';
import { isRelayed, keyOf, type Plan, planRead, Refused } from './relay-plan.ts';
import { sealer } from './sessions.ts';
import { createTurns, LineFull } from './turns.ts';

const FHIR_JSON = 'application/fhir+json; charset=utf-8';
const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** Statuses that mean something to the browser; every other failure of the EHR is a 502. */
const PASSED = new Set([200, 400, 403, 404, 422, 429, 503]);

/** Of one launch's reads: the first round goes out as one, whatever else a page asks for waits its turn (D-1, D-2). */
const AT_ONCE = { atOnce: 12, waiting: 128 };

/** What the relay stands on. `key` seals the cursors. */
export interface Relaying {
  readonly origin: string;
  readonly key: Uint8Array;
  readonly prefetch: Prefetch;
}

/** `GET /metadata`, `GET /<Type>?…`, `GET /<Type>/<id>`, `POST /<Type>/_search` and `GET /_page/<cursor>`, to be mounted at `/l/:launchId/fhir`. */
export function createFhirRelay({ origin, key, prefetch }: Relaying) {
  const cursors = sealer(key);
  const bound = (launched: Launched) => `cursor:${launched.context.launchId}`;
  const cursorUrl = (launched: Launched, plan: Plan) => {
    const sealed = cursors.seal(JSON.stringify(plan), bound(launched));
    return `${origin}/l/${launched.context.launchId}/fhir/_page/${sealed}`;
  };

  const offers = createOfferCache<Relayed>(Date.now);
  const turns = createTurns(AT_ONCE);
  const read = (launched: Launched, plan: Plan, signal?: AbortSignal): Promise<Relayed> =>
    // Shared by launches, so that no browser that goes away takes it along.
    plan.interaction === 'capabilities'
      ? offers(launched, () => ask(launched, plan))
      : turns(launched.context.launchId, () => ask(launched, plan, signal), signal);

  async function ask(launched: Launched, plan: Plan, signal?: AbortSignal): Promise<Relayed> {
    const response = await launched.fhir({
      method: plan.method,
      path: plan.path,
      ...(plan.body !== undefined && {
        body: plan.body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
      ...(signal && { signal }),
    });
    const status = response.status === 410 ? 404 : response.status;
    if (status !== 200) return failed(PASSED.has(status) ? status : 502, response);
    const body = await readBody(response);
    return {
      status,
      headers: { 'content-type': FHIR_JSON },
      body: admit(launched, plan, body, (next) => cursorUrl(launched, next)),
    };
  }

  const routes = new Hono<LaunchedEnv>();
  routes.get('/_page/:cursor', async (c) => {
    const launched = c.get('launch');
    return answer(c, await read(launched, openCursor(launched, c.req.param('cursor')), c.req.raw.signal));
  });
  routes.on(['GET', 'POST'], '/*', async (c) => {
    const launched = c.get('launch');
    const url = new URL(c.req.url);
    const target = url.pathname.slice(`/l/${launched.context.launchId}/fhir/`.length) + url.search;
    const plan = planRead(launched, { target, ...(c.req.method === 'POST' && { form: await c.req.text() }) });
    const early = await prefetch.take(launched.context.launchId, keyOf(plan));
    return answer(c, early ?? (await read(launched, plan, c.req.raw.signal)));
  });
  routes.onError((error, c) => answer(c, explain(error)));

  function openCursor(launched: Launched, cursor: string): Plan {
    try {
      return JSON.parse(cursors.open(cursor, bound(launched))) as Plan;
    } catch {
      throw new Refused(404, 'not-found', 'No such page.');
    }
  }

  return {
    routes,
    /** The reads to start at the callback for these targets; what this launch may not read is left out. */
    early: (launched: Launched, targets: readonly string[]): Early[] =>
      targets.flatMap((target) => {
        try {
          const plan = planRead(launched, { target });
          return [{ key: keyOf(plan), run: () => read(launched, plan) }];
        } catch (error) {
          if (error instanceof Refused) return [];
          throw error;
        }
      }),
  };
}

function answer(c: Context, { status, headers, body }: Relayed): Response {
  if (status >= 400) c.set('errorCode', `fhir-${status}`);
  return new Response(body, { status, headers });
}

type Json = { readonly [member: string]: unknown };
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What of the EHR's answer may pass: resources about this patient, with `next` pointing back to us. Text that needs no
 * change passes as it came, so that decimals keep their digits; of a page in the middle, only its `next` is replaced.
 */
function admit(launched: Launched, plan: Plan, text: string, cursorUrl: (plan: Plan) => string): string {
  // A page of the chart may be 20 MB and is passed on, not walked; a statement is kept, and read here.
  const resource: unknown = plan.interaction === 'capabilities' ? parseJson(text) : JSON.parse(text);
  if (plan.interaction === 'capabilities') return readingPart(resource, isRelayed);
  if (!isObject(resource)) throw new SyntaxError('not a FHIR resource');
  if (plan.interaction === 'r') {
    const asked = resource.resourceType === plan.resourceType && `${plan.resourceType}/${resource.id}` === plan.path;
    if (!asked || (plan.compartment && !isAbout(launched, resource, 'strictly')))
      throw new Refused(404, 'not-found', 'No such resource.');
    return text;
  }
  if (resource.resourceType !== 'Bundle') throw new SyntaxError('a search answered without a Bundle');
  const entries = Array.isArray(resource.entry) ? resource.entry.filter(isObject) : [];
  const links = Array.isArray(resource.link) ? resource.link.filter(isObject) : [];
  const kept = entries.filter((entry) => isObject(entry.resource) && isAbout(launched, entry.resource));
  const next = links.find((link) => link.relation === 'next')?.url;
  if (next === undefined && kept.length === entries.length) return text;

  const page = typeof next === 'string' ? withinBase(launched.fhirBase, next) : undefined;
  const warnings: object[] = [];
  const warn = (own: string, text: string) =>
    warnings.push({ search: { mode: 'outcome' }, resource: outcome('warning', 'incomplete', text, own) });
  if (next !== undefined && page === undefined)
    warn('page-elsewhere', 'The EHR named a further page outside its own address; it was not read.');
  if (kept.length < entries.length) warn('someone-else', 'Entries about someone else were left out.');
  const nextPlan: Plan | undefined =
    page === undefined
      ? undefined
      : { resourceType: plan.resourceType, interaction: 's', compartment: true, method: 'GET', path: page };
  const nextUrl = nextPlan && cursorUrl(nextPlan);
  const spliced =
    nextUrl !== undefined && warnings.length === 0 && typeof next === 'string'
      ? withUrl(text, { from: next, to: nextUrl })
      : undefined;
  return (
    spliced ??
    JSON.stringify({
      ...resource,
      link: nextUrl === undefined ? [] : [{ relation: 'next', url: nextUrl }],
      entry: [...kept, ...warnings],
    })
  );
}

/** The text with one link replaced, where that link stands once and plainly: writing a page of a thousand entries anew costs more than reading it. */
function withUrl(text: string, { from, to }: { readonly from: string; readonly to: string }): string | undefined {
  const written = JSON.stringify(from);
  const at = text.indexOf(written);
  if (at < 0 || text.indexOf(written, at + 1) >= 0 || !/"url"\s*:\s*$/.test(text.slice(Math.max(0, at - 40), at)))
    return undefined;
  return text.slice(0, at) + JSON.stringify(to) + text.slice(at + written.length);
}

/** Whether a resource is about the launch's patient. Types about nobody are; a resource that names no subject is, unless asked `strictly`. */
function isAbout(launched: Launched, resource: Json, strictly?: 'strictly'): boolean {
  if (resource.resourceType === 'Patient') return resource.id === launched.context.patientId;
  const subject = [resource.subject, resource.patient].find(isObject);
  const reference = subject?.reference;
  if (typeof reference !== 'string') return !strictly;
  const local = reference.startsWith(`${launched.fhirBase}/`)
    ? reference.slice(launched.fhirBase.length + 1)
    : reference;
  return local.replace(/\/_history\/.*$/, '') === `Patient/${launched.context.patientId}`;
}

async function readBody(response: Response): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An EHR's refusal: its OperationOutcome if it sent one of a reasonable size, ours otherwise; `Retry-After` stays. */
async function failed(status: number, response: Response): Promise<Relayed> {
  const retry = response.headers.get('retry-after');
  const headers = {
    'content-type': FHIR_JSON,
    ...(retry !== null && /^[\w ,:]{1,40}$/.test(retry) && { 'retry-after': retry }),
  };
  const body = status === 502 ? '' : await readBody(response).catch(() => '');
  if (status === 502) await response.body?.cancel();
  const isOutcome = body.length < 65_536 && /"resourceType"\s*:\s*"OperationOutcome"/.test(body);
  const said = {
    403: 'The EHR refused this read.',
    404: 'No such resource.',
    429: 'The EHR is busy.',
    503: 'The EHR is not available.',
  }[status];
  return {
    status,
    headers,
    body: isOutcome
      ? body
      : JSON.stringify(
          outcome('error', status === 404 ? 'not-found' : 'processing', said ?? 'The EHR answered with an error.'),
        ),
  };
}

function explain(error: Error): Relayed {
  const of = (status: number, code: string, text: string, own?: string): Relayed => ({
    status,
    headers: { 'content-type': FHIR_JSON },
    body: JSON.stringify(outcome('error', code, text, own)),
  });
  if (error instanceof Refused) return of(error.status, error.code, error.message, error.own);
  if (error instanceof LineFull) {
    const { headers, ...busy } = of(503, 'throttled', 'Too many reads at once. Try again in a moment.');
    return { ...busy, headers: { ...headers, 'retry-after': '1' } };
  }
  if (error instanceof SessionEnded)
    return of(401, 'expired', 'The session has ended. Open the app from the chart again.');
  if (error instanceof SyntaxError) return of(502, 'structure', 'The EHR’s answer could not be read.');
  if (error instanceof RangeError || isOversize(error)) return of(502, 'too-long', 'The EHR’s answer is too large.');
  if (error instanceof EgressRefused) return of(502, 'security', 'This address may not be contacted.');
  if (error.name === 'TimeoutError') return of(504, 'timeout', 'The EHR did not answer in time.');
  return of(502, 'transient', 'The EHR could not be reached.');
}

/** The connection itself stops at the same size; which of the two notices first is chance. */
function isOversize(error: Error): boolean {
  return isObject(error.cause) && error.cause.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

function outcome(severity: 'error' | 'warning', code: string, diagnostics: string, own?: string) {
  const details = own === undefined ? {} : { details: { coding: [{ system: RELAY_CODE_SYSTEM, code: own }] } };
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, ...details, diagnostics }] };
}
