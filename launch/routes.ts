/** `GET /launch`, `/callback`, `/standalone`: from an EHR's link to a launch of our own. SMART App Launch 2.2, on the server. */
import { createHash, randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { type LaunchContext, launchContext, type Needed } from './context.ts';
import { LAUNCH_ERRORS, LaunchError } from './errors.ts';
import { errorPage, tenantPicker } from './pages.ts';
import type { LaunchRecord, PendingLaunch, Sessions } from './record.ts';
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
  readonly tenants: Tenants;
  readonly smart: Smart;
  readonly sessions: Sessions;
  readonly needed: readonly Needed[];
  readonly library: LaunchContext['library'];
  readonly now: () => number;
  /** Called with each launch as soon as it exists, before the page has loaded; must not throw. */
  readonly onLaunched: (record: LaunchRecord) => void;
  /** Called with launches that another user's sign-in ended (M3); must not throw. */
  readonly onEnded: (records: readonly LaunchRecord[]) => void;
}

/** Hono variables that these routes read and set: the tenant is for the `frame-ancestors` of the answer and for the log. */
export interface LaunchEnv {
  Variables: { requestId: string; tenant?: Tenant; errorCode?: string };
}

/** The three routes. Every failure is a page of its own, without a word from the request (L9). */
export function createLaunchRoutes(deps: LaunchRoutes): Hono<LaunchEnv> {
  const routes = new Hono<LaunchEnv>();

  routes.get('/launch', (c) => {
    const { iss, launch } = c.req.query();
    if (!iss || !launch || launch.length > 4096) throw new LaunchError('bad-request');
    const tenant = deps.tenants.byIssuer(iss);
    if (!tenant) throw new LaunchError('unknown-issuer');
    return toAuthorize(c, { tenant, launch });
  });

  routes.get('/standalone', (c) => {
    const id = c.req.query('tenant');
    if (id === undefined) return c.html(tenantPicker(deps.tenants.all));
    const tenant = deps.tenants.byId(id);
    if (!tenant) throw new LaunchError('unknown-issuer');
    return toAuthorize(c, { tenant });
  });

  routes.get('/callback', async (c) => {
    const query = new URL(c.req.url).searchParams;
    const { pending, tenant } = await signInUnderWay(c, query.get('state'));
    if (query.get('error') === 'invalid_scope') {
      const rung = await deps.smart.stepDown(tenant, pending.rung);
      if (rung)
        return toAuthorize(c, { tenant, rung, ...(pending.launch !== undefined && { launch: pending.launch }) });
    }
    const record = await complete(tenant, pending, query);
    const previousSid = getCookie(c, SESSION_COOKIE, 'host');
    const { sid, ended } = await deps.sessions.open(record, {
      browser: pending.browser,
      ...(previousSid !== undefined && { previousSid }),
    });
    setHostCookie(c, SESSION_COOKIE, sid);
    deps.onLaunched(record);
    if (ended.length > 0) deps.onEnded(ended);
    return c.redirect(`/l/${record.context.launchId}/`, 303);
  });

  routes.onError((error, c) => answerLaunchError(error, c));
  return routes;

  async function toAuthorize(c: Context<LaunchEnv>, start: { tenant: Tenant; launch?: string; rung?: ScopeRung }) {
    c.set('tenant', start.tenant);
    // A second chart opened in the same browser shares the cookie, so that neither sign-in breaks the other.
    const known = getCookie(c, SIGN_IN_COOKIE, 'host');
    const browser = known && /^[\w-]{43}$/.test(known) ? known : randomBytes(32).toString('base64url');
    const { url, pending } = await deps.smart.begin({ ...start, browser: digest(browser) });
    await deps.sessions.remember(pending);
    setHostCookie(c, SIGN_IN_COOKIE, browser, SIGN_IN_SECONDS);
    return c.redirect(url, 303);
  }

  /** L5: the state is used up whatever happens next. */
  async function signInUnderWay(
    c: Context<LaunchEnv>,
    state: string | null,
  ): Promise<{ pending: PendingLaunch; tenant: Tenant }> {
    const pending = state ? await deps.sessions.take(state) : undefined;
    const tenant = pending && deps.tenants.byGrant(pending);
    if (!pending || !tenant) throw new LaunchError('state-invalid');
    c.set('tenant', tenant);
    const browser = getCookie(c, SIGN_IN_COOKIE, 'host');
    if (browser === undefined) throw new CookiesBlocked(tenant, pending.launch);
    if (digest(browser) !== pending.browser) throw new LaunchError('state-invalid');
    return { pending, tenant };
  }

  async function complete(tenant: Tenant, pending: PendingLaunch, query: URLSearchParams): Promise<LaunchRecord> {
    const answer = await deps.smart.finish(tenant, pending, query);
    const { claims, tokens } = answer;
    if (!claims) throw new LaunchError('id-token-invalid');
    const now = deps.now();
    const context = launchContext({
      launchId: randomBytes(16).toString('base64url'),
      tenant,
      launch: answer.launch,
      claims,
      scope: answer.scope,
      needed: deps.needed,
      library: deps.library,
      launchedAt: new Date(now),
      expiresAt: new Date(tokens.refresh ? now + ABSOLUTE_MS : Math.min(tokens.expiresAt, now + ABSOLUTE_MS)),
    });
    return { context, tenantId: tenant.id, grantor: grantorOf(tenant), sub: claims.sub, tokens };
  }
}

/** The page for a failed launch. What is not one of ours is thrown on. */
export function answerLaunchError(error: Error, c: Context): Response | Promise<Response> {
  if (!(error instanceof LaunchError)) throw error;
  c.set('errorCode', [error.code, oauthCode(error.cause)].filter(Boolean).join(':'));
  const newWindow = error instanceof CookiesBlocked ? error.newWindow : undefined;
  return c.html(
    errorPage({ code: error.code, requestId: c.get('requestId'), ...(newWindow !== undefined && { newWindow }) }),
    LAUNCH_ERRORS[error.code].status,
  );
}

/** The registered OAuth error code behind a failure (`invalid_client`), for the log: a word from a short list of shapes, never the description. */
function oauthCode(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'error' in cause ? cause.error : undefined;
  return typeof code === 'string' && /^[a-z_]{3,40}$/.test(code) ? code : undefined;
}

/** The browser came back without the cookie that it was given; a fresh launch in a window of its own may keep it. */
class CookiesBlocked extends LaunchError {
  readonly newWindow: string;
  constructor(tenant: Tenant, launch: string | undefined) {
    super('cookies-blocked');
    this.newWindow =
      launch === undefined
        ? `/standalone?${new URLSearchParams({ tenant: tenant.id })}`
        : `/launch?${new URLSearchParams({ iss: tenant.iss, launch })}`;
  }
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
