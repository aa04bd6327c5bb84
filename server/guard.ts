/** The door of `/l/<launchId>/`: cookie, or handle and key, and launch together, from our own page only (V5, I-6, M1). Nothing behind it has to ask again. */
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { ApiError } from '../launch/api.ts';
import { LAUNCH_ERRORS, type LaunchErrorCode } from '../launch/errors.ts';
import { errorPage } from '../launch/pages.ts';
import { handleOf, type Proven, readProof } from '../launch/proof/proof.ts';
import type { LaunchRecord } from '../launch/record.ts';
import { SESSION_COOKIE } from '../launch/routes.ts';
import type { Tenant, Tenants } from '../launch/tenants.ts';
import type { Launched, LaunchedEnv } from './launched.ts';
import type { LaunchSessions } from './sessions.ts';

/** What the guard stands on. */
export interface Guarding {
  readonly origin: string;
  readonly tenants: Tenants;
  readonly sessions: LaunchSessions;
  readonly now: () => number;
  readonly authorize: (record: LaunchRecord, sessionId: string) => Launched | undefined;
}

export interface GuardedEnv {
  Variables: LaunchedEnv['Variables'] & { tenant?: Tenant; errorCode?: string };
}

/** Sets `launch`, or answers: 403 for a request that did not come from our page, 404 for someone else's launch, 401 for one that has ended. */
export function launchGuard(deps: Guarding): MiddlewareHandler<GuardedEnv> {
  return async (c, next) => {
    const launchId = c.req.param('launchId') ?? '';
    const page = isPage(c, launchId);
    const complaint = page ? undefined : crossSite(c, deps.origin, launchId);
    if (complaint) return refuseJson(c, 403, complaint, 'This request did not come from the app’s own page.');
    const handle = handleOf(c.req.header('authorization'));
    const proven = handle === undefined ? undefined : await proofOf(c, deps, handle);
    if (handle !== undefined && !proven) return refuseProof(c);
    const sid = handle ?? getCookie(c, SESSION_COOKIE, 'host');
    const found = await deps.sessions.find(sid, launchId, proven?.jkt);
    if (found.state === 'active') {
      if (proven && !(await deps.sessions.firstSeen(launchId, proven.jti))) return refuseProof(c);
      const launch = deps.authorize(found.record, found.sessionId);
      const tenant = deps.tenants.byGrant(found.record);
      if (launch && tenant) {
        c.set('launch', launch);
        c.set('tenant', tenant);
        return next();
      }
    }
    // An active launch that may not be used is one whose EHR is no longer registered as it was.
    const whose = found.state === 'active' ? undefined : found.whose;
    // The tenant is named for the frame that shows the refusal; it opens nothing.
    const tenant = whose && deps.tenants.byGrant(whose);
    if (tenant) c.set('tenant', tenant);
    const code = found.state !== 'unknown' ? 'session-expired' : page ? whyNoPage(sid, whose) : 'not-found';
    return page ? refusePage(c, code) : refuseJson(c, LAUNCH_ERRORS[code].status, code, LAUNCH_ERRORS[code].text);
  };
}

/** What a page is told that has no session: it was loaded again, the browser blocks cookies, or it is someone else's. */
function whyNoPage(sid: string | undefined, whose: { readonly jkt?: string } | undefined): LaunchErrorCode {
  if (whose?.jkt !== undefined) return 'page-reloaded';
  return sid === undefined ? 'cookies-blocked' : 'not-found';
}

function proofOf(c: Context, { origin, now }: Guarding, handle: string): Promise<Proven | undefined> {
  const url = origin + new URL(c.req.url).pathname;
  return readProof(c.req.header('dpop') ?? '', { method: c.req.method, url, handle, now: now() });
}

function refuseProof(c: Context): Response {
  const { status, text } = LAUNCH_ERRORS['proof-refused'];
  return refuseJson(c, status, 'proof-refused', text);
}

/** A navigation to the app's own page: the one request under `/l/` that cannot carry our header. */
function isPage(c: Context, launchId: string): boolean {
  const destination = c.req.header('sec-fetch-dest');
  const navigates = destination === undefined || destination === 'document' || destination === 'iframe';
  const wantsHtml = c.req.header('accept')?.includes('text/html') ?? false;
  return c.req.method === 'GET' && c.req.path === `/l/${launchId}/` && navigates && wantsHtml;
}

/** Why a request is not our own page's, or `undefined`. Hono's `csrf()` is not enough: it never looks at JSON (V5). */
function crossSite(c: Context, origin: string, launchId: string): string | undefined {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return 'cross-site';
  if (c.req.header('x-launch') !== launchId) return 'launch-header';
  if (c.req.method === 'GET') return undefined;
  if (c.req.header('origin') !== origin) return 'origin';
  const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  const expected = c.req.path.endsWith('/_search') ? 'application/x-www-form-urlencoded' : 'application/json';
  return type === expected ? undefined : 'content-type';
}

/** An `ApiError`: our words and the request's number. */
export function refuseJson(
  c: Context,
  status: 400 | 401 | 403 | 404 | 413 | 429 | 500 | 502 | 503,
  code: string,
  message: string,
): Response {
  c.set('errorCode', code);
  return c.json({ code, message, requestId: c.get('requestId') } satisfies ApiError, status);
}

/** A refusal in the form that its reader can use: a page for a navigation, JSON for our own page. */
export function refuse(c: Context, code: LaunchErrorCode): Response | Promise<Response> {
  const { status, text } = LAUNCH_ERRORS[code];
  const navigates = c.req.method === 'GET' && (c.req.header('accept')?.includes('text/html') ?? false);
  return navigates ? refusePage(c, code) : refuseJson(c, status, code, text);
}

/** The page for a code: for navigations, where JSON would help nobody. */
export function refusePage(c: Context, code: LaunchErrorCode): Response | Promise<Response> {
  c.set('errorCode', code);
  return c.html(errorPage({ code, requestId: c.get('requestId') }), LAUNCH_ERRORS[code].status);
}
