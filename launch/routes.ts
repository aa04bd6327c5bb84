/** `GET /launch`, `/callback`, `/standalone`: from an EHR's link to a launch of our own. SMART App Launch 2.2, on the server. Browsers without cookies: `proof/`. */
import { createHash, randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { ApiError } from './api.ts';
import { type ContextParts, type LaunchContext, launchContext, type Needed } from './context.ts';
import { LAUNCH_ERRORS, LaunchError } from './errors.ts';
import { errorPage, tenantPicker } from './pages.ts';
import { authorizeForm, formActionOf, LONGEST_ADDRESS, POST_SCRIPT, POST_SCRIPT_PATH } from './post.ts';
import { createProofRoutes } from './proof/routes.ts';
import type { LaunchRecord, Parked, PendingLaunch, Sessions } from './record.ts';
import type { ScopeRung } from './scopes.ts';
import type { Smart } from './smart.ts';
import { grantorOf, type Tenant, type Tenants } from './tenants.ts';

/** The session cookie, and the one that ties a sign-in under way to this browser. Both carry the `__Host-` prefix. */
export const SESSION_COOKIE = 'sid';
export const SIGN_IN_COOKIE = 'signin';
const ABSOLUTE_MS = 8 * 60 * 60 * 1000;
const SIGN_IN_SECONDS = 600;

/** What the routes stand on. */
export interface LaunchRoutes {
  readonly origin: string;
  /** The app's page, as built. */
  readonly assets: { readonly index: string };
  readonly tenants: Tenants;
  readonly smart: Smart;
  readonly sessions: Sessions;
  readonly needed: readonly Needed[];
  readonly library: LaunchContext['library'];
  /** Reads what a card of ours sent along (C6); absent where no cards are sent. */
  readonly openCard?: ContextParts['openCard'];
  readonly now: () => number;
  /** Called with each launch as soon as it exists, before the page has loaded; must not throw. */
  readonly onLaunched: (record: LaunchRecord) => void;
  /** Called with launches that another user's sign-in ended (M3); must not throw. */
  readonly onEnded: (records: readonly LaunchRecord[]) => void;
}

/** Hono variables that these routes read and set: the tenant is for the `frame-ancestors` of the answer and for the log. */
export interface LaunchEnv {
  Variables: { requestId: string; tenant?: Tenant; errorCode?: string; formAction?: string };
}

/** What a link asks for: an EHR of the registry, and the chart's `launch` unless it is a standalone launch. */
export interface Start {
  readonly tenant: Tenant;
  readonly launch?: string;
}

/** The three routes. Every failure is a page of its own, without a word from the request (L9). */
export function createLaunchRoutes(deps: LaunchRoutes): Hono<LaunchEnv> {
  const routes = new Hono<LaunchEnv>();

  routes.get('/launch', (c) => toCookie(c, fromChart(c)));
  routes.get('/standalone', (c) => {
    if (c.req.query('tenant') === undefined) return c.html(tenantPicker(deps.tenants.all));
    return toCookie(c, withoutChart(c));
  });
  routes.get(POST_SCRIPT_PATH, (c) => c.body(POST_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  routes.get('/launch/key', (c, next) => (returnsCookie(c) ? toAuthorize(c, startOf(c)) : next()));
  routes.get('/launch/blocked', (c) => {
    const start = startOf(c);
    c.set('tenant', start.tenant);
    throw new CookiesBlocked(start);
  });
  routes.route('/', createProofRoutes({ ...deps, shell: deps.assets.index, startOf, begin, complete, open }));

  routes.get('/callback', async (c) => {
    const query = new URL(c.req.url).searchParams;
    const { pending, tenant } = await signInUnderWay(c, query);
    if (query.get('error') === 'invalid_scope') {
      const rung = await deps.smart.stepDown(tenant, pending.rung);
      const { launch, browser, jkt } = pending;
      const again = { tenant, ...(launch !== undefined && { launch }), ...(rung && { rung }) };
      if (rung && jkt !== undefined) return c.redirect(await begin(again, { browser, jkt }), 303);
      if (rung) return toAuthorize(c, again);
    }
    const launchId = randomBytes(16).toString('base64url');
    const parked = { pending, answer: query.toString() };
    if (pending.jkt !== undefined && !query.has('error')) await deps.sessions.park(launchId, parked);
    else setHostCookie(c, SESSION_COOKIE, await openFor(c, await complete(tenant, parked, launchId), pending));
    return c.redirect(`/l/${launchId}/`, 303);
  });

  routes.onError((error, c) => answerLaunchError(error, c));
  return routes;

  /** A framed page may get no cookie back, and that shows only where it is asked for once more. */
  async function toCookie(c: Context<LaunchEnv>, start: Start): Promise<Response> {
    c.set('tenant', start.tenant);
    if (returnsCookie(c) || c.req.header('sec-fetch-dest') === 'document') return toAuthorize(c, start);
    setHostCookie(c, SIGN_IN_COOKIE, randomBytes(32).toString('base64url'), SIGN_IN_SECONDS);
    return c.redirect(`/launch/key?${queryOf(start)}`, 303);
  }

  async function toAuthorize(c: Context<LaunchEnv>, start: Start & { readonly rung?: ScopeRung }) {
    c.set('tenant', start.tenant);
    // A second chart opened in the same browser shares the cookie, so that neither sign-in breaks the other.
    const known = getCookie(c, SIGN_IN_COOKIE, 'host');
    const browser = known && /^[\w-]{43}$/.test(known) ? known : randomBytes(32).toString('base64url');
    const url = await begin(start, { browser: digest(browser) });
    setHostCookie(c, SIGN_IN_COOKIE, browser, SIGN_IN_SECONDS);
    if (url.length <= LONGEST_ADDRESS || !(await deps.smart.takesForm(start.tenant))) return c.redirect(url, 303);
    c.set('formAction', formActionOf(url));
    return c.html(authorizeForm(url));
  }

  /** The EHR's authorize address; what belongs to it is remembered. */
  async function begin(
    start: Start & { readonly rung?: ScopeRung },
    bound: Pick<PendingLaunch, 'browser' | 'jkt'>,
  ): Promise<string> {
    const { url, pending } = await deps.smart.begin({ ...start, ...bound });
    await deps.sessions.remember(pending);
    return url;
  }

  function startOf(c: Context<LaunchEnv>): Start {
    return c.req.query('tenant') === undefined ? fromChart(c) : withoutChart(c);
  }

  function fromChart(c: Context<LaunchEnv>): Start {
    const { iss, launch } = c.req.query();
    if (!iss || !launch || launch.length > 4096) throw new LaunchError('bad-request');
    const tenant = deps.tenants.byIssuer(iss);
    if (!tenant) throw new LaunchError('unknown-issuer');
    return { tenant, launch };
  }

  function withoutChart(c: Context<LaunchEnv>): Start {
    const tenant = deps.tenants.byId(c.req.query('tenant') ?? '');
    if (!tenant) throw new LaunchError('unknown-issuer');
    return { tenant };
  }

  /** L5: the state is used up whatever happens next. */
  async function signInUnderWay(
    c: Context<LaunchEnv>,
    query: URLSearchParams,
  ): Promise<{ pending: PendingLaunch; tenant: Tenant }> {
    const state = query.get('state');
    const pending = state ? await deps.sessions.take(state) : undefined;
    const tenant = pending ? deps.tenants.byGrant(pending) : undefined;
    const frame = tenant ?? framing(query.get('iss'));
    if (frame) c.set('tenant', frame);
    if (!pending || !tenant) throw new LaunchError('state-invalid');
    // Whose sign-in it is, its page shows with the key.
    if (pending.jkt !== undefined) return { pending, tenant };
    const browser = getCookie(c, SIGN_IN_COOKIE, 'host');
    if (browser === undefined)
      throw new CookiesBlocked({ tenant, ...(pending.launch !== undefined && { launch: pending.launch }) });
    if (digest(browser) !== pending.browser) throw new LaunchError('state-invalid');
    return { pending, tenant };
  }

  /** In whose frame a refusal is shown when no sign-in tells: the EHR that the answer names (RFC 9207), or the only one there is. */
  function framing(iss: string | null): Tenant | undefined {
    const [only, another] = deps.tenants.all;
    return iss === null ? (another ? undefined : only) : deps.tenants.byIssuer(iss);
  }

  function openFor(c: Context<LaunchEnv>, record: LaunchRecord, { browser }: PendingLaunch): Promise<string> {
    const previousSid = getCookie(c, SESSION_COOKIE, 'host');
    return open(record, { browser, ...(previousSid !== undefined && { previousSid }) });
  }

  async function open(record: LaunchRecord, from: Parameters<Sessions['open']>[1]): Promise<string> {
    const { sid, ended } = await deps.sessions.open(record, from);
    deps.onLaunched(record);
    if (ended.length > 0) deps.onEnded(ended);
    return sid;
  }

  async function complete(tenant: Tenant, { pending, answer: query }: Parked, launchId: string): Promise<LaunchRecord> {
    const answer = await deps.smart.finish(tenant, pending, new URLSearchParams(query));
    const { claims, tokens } = answer;
    if (!claims) throw new LaunchError('id-token-invalid');
    const now = deps.now();
    const context = launchContext({
      launchId,
      tenant,
      launch: answer.launch,
      claims,
      scope: answer.scope,
      needed: deps.needed,
      library: deps.library,
      ...(deps.openCard && { openCard: deps.openCard }),
      launchedAt: new Date(now),
      expiresAt: new Date(tokens.refresh ? now + ABSOLUTE_MS : Math.min(tokens.expiresAt, now + ABSOLUTE_MS)),
    });
    const { jkt } = pending;
    const granted = { tenantId: tenant.id, grantor: grantorOf(tenant) };
    const { smart_style_url: styleUrl } = answer.launch;
    return {
      context,
      ...granted,
      sub: claims.sub,
      tokens,
      ...(typeof styleUrl === 'string' && { styleUrl }),
      ...(jkt !== undefined && { jkt }),
    };
  }
}

/** The page for a failed launch, or its code and words for a page that asked. What is not one of ours is thrown on. */
export function answerLaunchError(error: Error, c: Context): Response | Promise<Response> {
  if (!(error instanceof LaunchError)) throw error;
  c.set('errorCode', [error.code, oauthCode(error.cause)].filter(Boolean).join(':'));
  const { status, text: message } = LAUNCH_ERRORS[error.code];
  const requestId: string = c.get('requestId');
  if (c.req.method !== 'GET') return c.json({ code: error.code, message, requestId } satisfies ApiError, status);
  const newWindow = error instanceof CookiesBlocked ? error.newWindow : undefined;
  return c.html(errorPage({ code: error.code, requestId, ...(newWindow !== undefined && { newWindow }) }), status);
}

/** The registered OAuth error code behind a failure (`invalid_client`), for the log: a word from a short list of shapes, never the description. */
function oauthCode(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'error' in cause ? cause.error : undefined;
  return typeof code === 'string' && /^[a-z_]{3,40}$/.test(code) ? code : undefined;
}

/** The browser came back without the cookie that it was given; a fresh launch in a window of its own may keep it. */
class CookiesBlocked extends LaunchError {
  readonly newWindow: string;
  constructor(start: Start) {
    super('cookies-blocked');
    this.newWindow = `${start.launch === undefined ? '/standalone' : '/launch'}?${queryOf(start)}`;
  }
}

function queryOf({ tenant, launch }: Start): URLSearchParams {
  return new URLSearchParams(launch === undefined ? { tenant: tenant.id } : { iss: tenant.iss, launch });
}

/** Whether this browser has returned one of our cookies. */
function returnsCookie(c: Context): boolean {
  return [SIGN_IN_COOKIE, SESSION_COOKIE].some((name) => getCookie(c, name, 'host') !== undefined);
}

/** V6. `SameSite=None` because the EHR frames us from another site; the guard on `/l/*` makes up for it (V5). */
function setHostCookie(c: Context, name: string, value: string, maxAge?: number): void {
  setCookie(c, name, value, {
    prefix: 'host',
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'None',
    partitioned: true,
    ...(maxAge !== undefined && { maxAge }),
  });
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}
