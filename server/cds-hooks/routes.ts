/**
 * CDS Hooks 2.0.1 (`/cds-services`): a mount, off unless the configuration switches it on. READ FIRST in this folder.
 * A call is verified, its chart gathered, judged by the engine, answered with cards, and what was shown is recorded.
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import type { TenantFetch } from '../../launch/discovery.ts';
import { jsonOf } from '../../launch/json.ts';
import type { Tenant, Tenants } from '../../launch/tenants.ts';
import type { Recommendation } from '../../models/engine/evaluation.ts';
import type { Audit } from '../audit.ts';
import { createBuckets, RATES } from '../limits.ts';
import type { Kept } from '../store/kept.ts';
import type { KeyRing } from '../store/keys.ts';
import type { HookSeen } from '../watch.ts';
import { createCallerCheck } from './caller.ts';
import { type Card, cardOf, gapCard, type Leading, lateCard } from './cards.ts';
import { chartOf } from './chart.ts';
import { type Judged, judge, type Knowledge } from './judge.ts';
import { draftOrders } from './orders.ts';
import { reasonCode } from './reasons.ts';
import { referTo } from './reference.ts';
import { Feedback, HOOKS, type Hook, HookRefusal, HookRequest } from './request.ts';
import { discovery, serviceId } from './services.ts';
import { createShown } from './shown.ts';

const LARGEST = 2 * 1024 * 1024;
const DEADLINE_MS = 2_000;

export interface CdsHooksDeps {
  readonly origin: string;
  readonly tenants: Tenants;
  readonly fetchFor: (tenant: Tenant) => TenantFetch;
  readonly knowledge: Knowledge;
  readonly audit: Audit;
  readonly keys: Pick<KeyRing, 'lookup' | 'seal' | 'open'>;
  /** Which cards were sent and answered: shared by all servers. */
  readonly cards: Kept;
  readonly now: () => number;
  readonly deadlineMs?: number;
  /** Origins whose own pages may call the services (H13). An EHR calls from its server and needs none. */
  readonly origins?: readonly string[];
  /** Hears what became of each call and of each card. */
  readonly observe?: (seen: HookSeen) => void;
}

/** What goes back to the EHR, and what became of the call. */
type Answer = { readonly cards: readonly Card[] } & Pick<HookSeen & { is: 'answered' }, 'outcome' | 'indicators'>;

interface Env {
  Variables: { requestId: string; tenant?: Tenant; errorCode?: string };
}

/** To be mounted at `/cds-services`. */
export function createCdsHooks(deps: CdsHooksDeps): Hono<Env> {
  const { origin, now, audit, knowledge, deadlineMs = DEADLINE_MS, observe = () => {} } = deps;
  const caller = createCallerCheck(deps);
  const passes = createBuckets(RATES.tenant, now);
  const shown = createShown({ kept: deps.cards, keys: deps.keys, now });
  const routes = new Hono<Env>();

  allowOrigins(routes, deps.origins ?? []);
  routes.get('/', (c) => c.json(discovery()));
  routes.use(
    bodyLimit({ maxSize: LARGEST, onError: (c) => refuse(c, new HookRefusal(413, 'too-large', 'Larger than 2 MB.')) }),
  );
  routes.post('/:service', async (c) => {
    const hook = hookOf(c.req.param('service'));
    const tenant = await verified(c, `/cds-services/${serviceId(hook)}`);
    const request = await body(c, HookRequest);
    if (request.hook !== hook) throw new HookRefusal(400, 'hook', 'The hook is not this service’s.');
    const started = now();
    const { cards, ...became } = await answer(request, tenant);
    observe({ is: 'answered', hook, ...became, ms: now() - started });
    return c.json({ cards });
  });
  routes.post('/:service/feedback', async (c) => {
    const hook = hookOf(c.req.param('service'));
    const tenant = await verified(c, `/cds-services/${serviceId(hook)}/feedback`);
    await take(await body(c, Feedback), tenant);
    return c.json({});
  });
  routes.notFound((c) => refuse(c, new HookRefusal(404, 'service', 'There is no such service.')));
  routes.onError((error, c) => refuse(c, error));
  return routes;

  async function verified(c: Context<Env>, path: string): Promise<Tenant> {
    const tenant = await caller(c.req.header('authorization'), `${origin}${path}`);
    c.set('tenant', tenant);
    if (!passes(tenant.id)) throw new HookRefusal(429, 'too-many-requests', 'Too many requests.');
    return tenant;
  }

  async function answer(request: HookRequest, tenant: Tenant): Promise<Answer> {
    const judged = await inTime(request, tenant);
    if (judged === 'late') return { cards: [lateCard(origin)], outcome: 'late', indicators: [] };
    const { patientId, userId } = request.context;
    const about = { tenantId: tenant.id, patientId };
    const { hook } = request;
    const leading: Leading = {
      origin,
      refer: (card, recommendation) =>
        referTo(deps.keys, about, card, { hook, ...(recommendation && { recommendation }) }),
    };
    const patient = deps.keys.lookup('patient', tenant.id, patientId);
    const unanswered = judged.recommendations.map(async (recommendation) => {
      // The same words about the same patient to the same user.
      const key = deps.keys.lookup('answer', tenant.id, patient, userId, recommendation.id, recommendation.summary);
      if (request.hook === 'order-sign' && (await shown.isAnswered(key))) return [];
      return [{ recommendation, card: cardOf(recommendation, leading), key }];
    });
    const sent = (await Promise.all(unanswered)).flat();
    await Promise.all(sent.map((one) => recordShown(one)));
    const gaps = request.hook === 'order-select' ? judged.notChecked : [];
    return {
      cards: [...sent.map(({ card }) => card), ...(gaps.length > 0 ? [gapCard(gaps, leading)] : [])],
      outcome: gaps.length > 0 ? 'not-checked' : sent.length > 0 ? 'cards' : 'none',
      indicators: sent.map(({ recommendation }) => recommendation.indicator),
    };

    async function recordShown({
      recommendation,
      card,
      key,
    }: {
      recommendation: Recommendation;
      card: Card;
      key: string;
    }) {
      const { id: recommendationId, indicator } = recommendation;
      await shown.add(tenant.id, card.uuid, { recommendationId, indicator, patient, user: userId, answerKey: key });
      await record({
        type: 'shown',
        tenant: tenant.id,
        patient,
        user: userId,
        recommendationId,
        indicator,
        card: card.uuid,
      });
    }
  }

  /** H12: an answer that would come too late is given up, and that is said. */
  async function inTime(request: HookRequest, tenant: Tenant): Promise<Judged | 'late'> {
    const signal = AbortSignal.timeout(deadlineMs);
    const late = new Promise<'late'>((settle) =>
      signal.addEventListener('abort', () => settle('late'), { once: true }),
    );
    return Promise.race([judgement(request, tenant, signal), late]);
  }

  async function judgement(request: HookRequest, tenant: Tenant, signal: AbortSignal): Promise<Judged> {
    const drafts = draftOrders(request);
    const chart = await chartOf(request, { tenant, fetchFor: deps.fetchFor, signal });
    const { timeZone, codeMap } = tenant;
    return judge(
      {
        hook: request.hook,
        patientId: request.context.patientId,
        chart,
        drafts,
        now: now(),
        ...(timeZone !== undefined && { timeZone }),
        ...(codeMap && { codeMap }),
      },
      knowledge,
    );
  }

  /** H10: the same outcome twice counts once; a card that nobody remembers is counted all the same. */
  async function take({ feedback }: Feedback, tenant: Tenant): Promise<void> {
    for (const { card, outcome, overrideReason } of feedback) {
      const answer = { tenantId: tenant.id, card, outcome };
      const { shown: known, news } = await shown.answer(answer);
      if (!news) continue;
      observe({ is: 'feedback', outcome, ...(known && { indicator: known.indicator }) });
      const reason = reasonCode(overrideReason?.reason?.code);
      await record({
        type: outcome === 'accepted' ? 'accepted' : 'declined',
        tenant: tenant.id,
        card: /^[\w-]{1,64}$/.test(card) ? card : 'unreadable',
        ...(known && {
          patient: known.patient,
          user: known.user,
          recommendationId: known.recommendationId,
          indicator: known.indicator,
        }),
        ...(reason !== undefined && { reason }),
      }).catch(async (error: unknown) => {
        await shown.uncounted(answer);
        throw error;
      });
    }
  }

  function record(event: Omit<Parameters<Audit['record']>[0], 'at' | 'libraryDigest'>): Promise<unknown> {
    return audit.record({ ...event, libraryDigest: knowledge.library.digest, at: new Date(now()).toISOString() });
  }
}

/**
 * H13: anyone's page may read what is announced; only listed origins may call, with the two headers that a call needs.
 * No cookie is ever asked for: a caller is known by its JWT.
 */
function allowOrigins(routes: Hono<Env>, origins: readonly string[]): void {
  routes.use('/', cors({ origin: '*', allowMethods: ['GET'] }));
  if (origins.length === 0) return;
  const listed = cors({
    origin: [...origins],
    allowMethods: ['POST'],
    allowHeaders: ['Authorization', 'Content-Type'],
    maxAge: 600,
  });
  for (const path of ['/:service', '/:service/feedback']) routes.use(path, listed);
}

function hookOf(service: string): Hook {
  const hook = HOOKS.find((one) => serviceId(one) === service);
  if (!hook) throw new HookRefusal(404, 'service', 'There is no such service.');
  return hook;
}

async function body<T>(
  c: Context<Env>,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
): Promise<T> {
  const sent: unknown = await jsonOf(c.req);
  const parsed = schema.safeParse(sent);
  if (!parsed.success) throw new HookRefusal(400, 'malformed', 'The request is not as CDS Hooks specifies it.');
  return parsed.data;
}

/** H14: an OperationOutcome in our own words; what failed may quote a chart and is not repeated. */
function refuse(c: Context, error: Error): Response {
  const known = error instanceof HookRefusal ? error : undefined;
  c.set('errorCode', known?.reason ?? 'internal');
  const outcome = {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: known ? ISSUES[known.status] : 'exception',
        diagnostics: known?.message ?? `Something failed here. Tell IT the number ${c.get('requestId') ?? ''}.`,
      },
    ],
  };
  return c.json(outcome, known?.status ?? 500, { 'content-type': 'application/fhir+json' });
}

const ISSUES: Readonly<Record<HookRefusal['status'], string>> = {
  400: 'invalid',
  401: 'login',
  404: 'not-found',
  412: 'incomplete',
  413: 'too-long',
  429: 'throttled',
};
