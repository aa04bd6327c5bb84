/** The read relay: the EHR's answers for one patient, passed on with the token left out, never stored, never logged. */
import { type Context, Hono } from 'hono';
import type { Bytes } from './admit.ts';
import { createJudge } from './admit-apart.ts';
import { EgressRefused } from './egress.ts';
import { type Launched, type LaunchedEnv, SessionEnded } from './launched.ts';
import { createOfferCache } from './offers.ts';
import { outcome } from './outcome.ts';
import type { Early, Prefetch, Relayed } from './prefetch.ts';
import { keyOf, type Plan, planRead, Refused } from './relay-plan.ts';
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
  const judge = createJudge();
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
    return { status, headers: { 'content-type': FHIR_JSON }, body: await admitted(launched, plan, response) };
  }

  /** What of the answer the browser may have, with an address of ours where the EHR named its next page. */
  async function admitted(launched: Launched, plan: Plan, response: Response): Promise<Bytes> {
    const { context, fhirBase } = launched;
    const verdict = await judge({ plan, patientId: context.patientId, fhirBase }, await readBody(response));
    if ('whole' in verdict) return verdict.whole;
    if ('refused' in verdict) {
      if (verdict.refused === 'no-such-resource') throw new Refused(404, 'not-found', 'No such resource.');
      if (verdict.refused === 'full') throw new LineFull();
      throw new SyntaxError('the EHR’s answer is not what was asked for');
    }
    const { resourceType } = plan;
    const next: Plan = { resourceType, interaction: 's', compartment: true, method: 'GET', path: verdict.next };
    return Buffer.concat([verdict.before, Buffer.from(JSON.stringify(cursorUrl(launched, next))), verdict.after]);
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

/** The whole answer, in a buffer of its own. */
async function readBody(response: Response): Promise<Bytes> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An EHR's refusal: its OperationOutcome if it sent one of a reasonable size, ours otherwise; `Retry-After` stays. */
async function failed(status: number, response: Response): Promise<Relayed> {
  const retry = response.headers.get('retry-after');
  const headers = {
    'content-type': FHIR_JSON,
    ...(retry !== null && /^[\w ,:]{1,40}$/.test(retry) && { 'retry-after': retry }),
  };
  const body = status === 502 ? '' : await readBody(response).then(String, () => '');
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
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && cause.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}
