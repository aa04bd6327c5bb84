/** The server as one Hono app: sign-in, the guarded launch, and what is public. */
import { randomUUID } from 'node:crypto';
import { brotliCompressSync, constants } from 'node:zlib';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { LaunchContext, Needed } from '../launch/context.ts';
import { jsonOf } from '../launch/json.ts';
import type { AppKeys } from '../launch/keys.ts';
import { PAGE_STYLE, PAGE_STYLE_PATH } from '../launch/pages.ts';
import type { LaunchRecord, Secret } from '../launch/record.ts';
import { createLaunchRoutes, type LaunchRoutes } from '../launch/routes.ts';
import { createSmart } from '../launch/smart.ts';
import type { Granted, Tenant, Tenants } from '../launch/tenants.ts';
import type { Assets } from './assets.ts';
import type { EndReason } from './audit.ts';
import { createAuthorize } from './authorize.ts';
import type { createEgress } from './egress.ts';
import { createFhirRelay } from './fhir.ts';
import { type GuardedEnv, launchGuard, refuse, refuseJson, refusePage } from './guard.ts';
import { type HeaderEnv, securityHeaders } from './headers.ts';
import type { Launched, LaunchedEnv } from './launched.ts';
import type { LedgerMount } from './ledger/routes.ts';
import { brotliOf } from './library/compressed.ts';
import { createBuckets, RATES, type Rates, rateLimit } from './limits.ts';
import { type Log, requestLog } from './log.ts';
import { createPrefetch } from './prefetch.ts';
import { type SecurityTxt, securityTxtOf } from './security-txt.ts';
import { createSessions } from './sessions.ts';
import { shedding } from './shedding.ts';
import type { Kept } from './store/kept.ts';
import { createStyleRoute } from './style.ts';
import { readUserName } from './user-name.ts';

const MAX_BODY_BYTES = 256 * 1024;
const CDS_HOOKS = '/cds-services';
const SIGN_IN = ['/launch', '/launch/*', '/callback', '/standalone', '/l/:launchId/redeem'];
const MAX_URL_LENGTH = 8 * 1024;

/** A file of the library in force, at a path that carries its digest. */
export interface PublishedFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** What the app is made of. */
export interface AppDeps {
  readonly origin: string;
  readonly tenants: Tenants;
  readonly keys: AppKeys;
  readonly secretOf: (tenant: Tenant) => Secret;
  readonly sessionKey: Uint8Array;
  readonly store: Kept;
  readonly egress: Pick<ReturnType<typeof createEgress>, 'fetchFor'>;
  readonly assets: Assets;
  readonly library: LaunchContext['library'];
  /** Paths under `/library/` and `/graphs/`. */
  readonly published: ReadonlyMap<string, PublishedFile>;
  /** What the first round reads: the scopes to request and the features to report. */
  readonly needed: readonly Needed[];
  /** The first round itself, relative to the FHIR base. */
  readonly firstRound: (patientId: string) => readonly string[];
  /** Mounted at `/l/:launchId/write-back` and `/l/:launchId/events`. */
  readonly writeBack: Hono<LaunchedEnv>;
  /** Tests that were promised; a mount, absent where a site keeps none. */
  readonly promises?: Hono<LaunchedEnv>;
  readonly events: Hono<LaunchedEnv>;
  /** Mounted at `/cds-services` where the configuration asks for it. */
  readonly cdsHooks?: Hono<{ Variables: { requestId: string; tenant?: Tenant; errorCode?: string } }>;
  /** Reads what one of its cards sent along to a launch (C6). */
  readonly openCard?: LaunchRoutes['openCard'];
  /** Puts the beginning and the end of a launch into the record (V11). */
  readonly recordVisit?: (visit: Visit, type: 'launched' | 'ended', reason?: EndReason) => Promise<unknown>;
  /** Counts what leaves, by launch; shown at `/l/:launchId/egress`. */
  readonly ledger?: LedgerMount;
  /** Called with each launch as soon as it exists, before its page has loaded; must not throw. */
  readonly whenLaunched?: (launched: Launched) => void;
  /** Whether what this server stands on answers; `/readyz` says so. */
  readonly ready?: () => Promise<boolean>;
  /** What is not as it should be while the server serves all the same, as codes; `/readyz` says so. */
  readonly degraded?: () => readonly string[];
  /** Whom to tell of a weakness (V19). */
  readonly securityTxt?: SecurityTxt;
  readonly version: string;
  readonly log: Log;
  readonly now: () => number;
  /** The caller's address, for rate limits only. */
  readonly addressOf: (c: Context) => string;
  readonly rates?: Rates;
  /** Requests in this process at one time, beyond which it sheds. */
  readonly mostUnderWay?: number;
}

type Env = { Variables: GuardedEnv['Variables'] & HeaderEnv['Variables'] };

/** Whose launch begins or ends. */
type Visit = Pick<Launched, 'tenantId' | 'context'>;

/** The app, and the task to run every minute and after each change of the registry. */
export interface App {
  readonly app: Hono<Env>;
  /** Ends launches that are idle or whose EHR is no longer registered, and tells the EHRs (T5). */
  readonly endIdle: () => Promise<void>;
  /** Ends a launch and tells its EHR. */
  readonly end: (launchId: string) => Promise<void>;
}

export function createApp(deps: AppDeps): App {
  const { origin, tenants, now, log } = deps;
  const { fetchFor } = deps.egress;
  // What this server never knew may be another's, whose registry is newer.
  const lapsed = (granted: Granted) => !tenants.byGrant(granted) && tenants.onceByGrant(granted) !== undefined;
  const sessions = createSessions({ store: deps.store, key: deps.sessionKey, now, lapsed });
  const smart = createSmart({ ...deps, fetchFor, reads: deps.needed });
  const authorize = createAuthorize({ tenants, smart, sessions, fetchFor, now, onEnded: keepEnd });
  const prefetch = createPrefetch();
  const naming = new Map<string, Promise<void>>();
  const relay = createFhirRelay({ origin, key: deps.sessionKey, prefetch });

  const app = new Hono<Env>();
  app.use(async (c, next) => {
    c.set('requestId', randomUUID());
    await next();
  });
  app.use(requestLog(log, now), securityHeaders({ https: origin.startsWith('https:') }));
  limitTraffic(app, deps);

  if (deps.ledger) for (const path of SIGN_IN) app.use(path, deps.ledger.signIn);
  app.route('/', createLaunchRoutes({ ...deps, smart, sessions, onLaunched: startReading, onEnded: endOthers }));
  app.get('/l/:launchId', (c) => c.redirect(`/l/${encodeURIComponent(c.req.param('launchId'))}/`, 308));
  app.use('/l/:launchId/context', async (c, next) => {
    await naming.get(c.req.param('launchId'));
    await next();
  });
  app.use('/l/:launchId/*', launchGuard({ origin, tenants, sessions, authorize, now }));
  limitLaunches(app, deps);
  if (deps.ledger) app.use('/l/:launchId/*', deps.ledger.launch);
  app.get('/l/:launchId/', (c) => sendPage(c, pageOf(deps.assets.index, c.get('launch').context)));
  app.get('/l/:launchId/context', (c) => c.json(c.get('launch').context));
  app.post('/l/:launchId/logout', async (c) => {
    await end(c.get('launch').context.launchId);
    return c.body(null, 204);
  });
  app.route('/l/:launchId/fhir', relay.routes);
  app.route('/l/:launchId/write-back', deps.writeBack);
  if (deps.ledger) app.route('/l/:launchId/egress', deps.ledger.routes);
  app.route('/l/:launchId/events', deps.events);
  app.route('/l/:launchId/style', createStyleRoute({ fetchFor, now }));
  if (deps.cdsHooks) app.route(CDS_HOOKS, deps.cdsHooks);
  if (deps.promises) app.route('/l/:launchId/promises', deps.promises);
  publish(app, deps);

  app.notFound((c) => refusePage(c, 'not-found'));
  app.onError((error, c) => {
    log({ level: 'error', event: 'request', reqId: c.get('requestId'), errCode: error.name });
    return refuse(c, 'internal');
  });
  return { app, endIdle, end };

  async function end(launchId: string): Promise<void> {
    const record = await sessions.end(launchId);
    if (record) await revokeAll([record], () => 'logged-out');
  }

  function endOthers(records: readonly LaunchRecord[]): Promise<void> {
    return revokeAll(records, () => 'another-user');
  }

  /** The first round starts before the page has loaded. */
  function startReading(record: LaunchRecord): void {
    const { launchId, patientId } = record.context;
    const launched = authorize(record, '');
    if (!launched) return;
    deps.ledger?.adopt(record);
    keep(record, 'launched');
    deps.whenLaunched?.(launched);
    prefetch.start(launchId, relay.early(launched, deps.firstRound(patientId)));
    const named = readUserName(launched).then((name) =>
      name === undefined ? undefined : sessions.rename(launchId, name),
    );
    // Without it the clinician's id stands in the note, and the launch goes on.
    const nameless = () => log({ level: 'error', event: 'request', tenant: record.tenantId, errCode: 'name-not-kept' });
    naming.set(
      launchId,
      named.catch(nameless).finally(() => naming.delete(launchId)),
    );
  }

  /** A launch does not fail because its record did; that it did is for the log. */
  function keep(visit: Visit, type: 'launched' | 'ended', reason?: EndReason): void {
    const failed = () => log({ level: 'error', event: 'request', tenant: visit.tenantId, errCode: 'record-failed' });
    void deps.recordVisit?.(visit, type, reason).catch(failed);
  }

  /** A launch is over, here and on the record. */
  function keepEnd(record: LaunchRecord, reason: EndReason): void {
    prefetch.drop(record.context.launchId);
    keep(record, 'ended', reason);
  }

  async function endIdle(): Promise<void> {
    await revokeAll(await sessions.endIdle(), (record) => (tenants.byGrant(record) ? 'timed-out' : 'unregistered'));
  }

  async function revokeAll(
    records: readonly LaunchRecord[],
    reasonOf: (record: LaunchRecord) => EndReason,
  ): Promise<void> {
    await Promise.all(
      records.map(async (record) => {
        const { tenantId, tokens } = record;
        keepEnd(record, reasonOf(record));
        const tenant = tenants.onceByGrant(record);
        // The launch has ended here whatever the EHR answers; that it was not told is for the log.
        if (tenant && tokens)
          await smart
            .revoke(tenant, tokens)
            .catch(() => log({ level: 'warn', event: 'request', tenant: tenantId, errCode: 'revocation-failed' }));
      }),
    );
  }
}

/**
 * The page with what it would ask for first: its launch, as data that no browser runs, and a head start on the knowledge.
 * One round trip less before the first read.
 */
function pageOf(index: string, context: LaunchContext): string {
  const data = JSON.stringify(context).replaceAll('<', '\\u003c');
  return index.replace(
    '</head>',
    () =>
      `<link rel="preload" as="fetch" crossorigin href="${context.library.first ?? context.library.url}" />
<script type="application/json" id="launch-context">${data}</script></head>`,
  );
}

/** The page differs from launch to launch and is kept nowhere, so it is compressed as it goes; it holds nothing that a stranger could have put there. */
function sendPage(c: Context, page: string): Response {
  if (!/\bbr\b/.test(c.req.header('accept-encoding') ?? '')) return c.html(page) as Response;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  c.header('content-encoding', 'br');
  c.header('content-type', 'text/html; charset=UTF-8');
  return c.body(new Uint8Array(brotliCompressSync(page, { params })));
}

/** V8, V9: what is too long, too large or too often is turned away before anything else looks at it. */
function limitTraffic(app: Hono<Env>, { addressOf, now, rates = RATES, cdsHooks, mostUnderWay }: AppDeps): void {
  app.use(shedding(mostUnderWay));
  app.use(rateLimit(createBuckets(rates.address, now), addressOf, (c) => refuse(c, 'too-many-requests')));
  const signIn = rateLimit(createBuckets(rates.signIn, now), addressOf, (c) => refusePage(c, 'too-many-requests'));
  for (const path of SIGN_IN) app.use(path, signIn);
  app.use(async (c, next) => {
    if (c.req.url.length <= MAX_URL_LENGTH) return next();
    return refuseJson(c, 400, 'url-too-long', 'The address is too long.');
  });
  const limited = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => refuseJson(c, 413, 'too-large', 'The request is too large.'),
  });
  // A GET has no body, and to look for one takes as long as all other checks. A hook's prefetch is a chart; the mount has a limit of its own.
  const unlimited = ({ req }: Context) => req.method === 'GET' || (cdsHooks && req.path.startsWith(`${CDS_HOOKS}/`));
  app.use((c, next) => (unlimited(c) ? next() : limited(c, next)));
}

function limitLaunches(app: Hono<Env>, { now, rates = RATES }: AppDeps): void {
  app.use(
    '/l/:launchId/*',
    rateLimit(createBuckets(rates.session, now), (c) => c.get('launch')?.sessionId),
    rateLimit(createBuckets(rates.tenant, now), (c) => c.get('launch')?.tenantId),
  );
}

/** What anyone may fetch: files by digest, our public keys, health. */
function publish(app: Hono<Env>, deps: AppDeps): void {
  const { origin, assets, published, keys, log, version, library, ready, degraded, securityTxt, now } = deps;
  app.get('/', (c) => c.redirect('/standalone', 303));
  app.get('/assets/*', assets.handler);
  for (const prefix of ['/library/*', '/graphs/*'])
    app.get(prefix, async (c, next) => {
      const file = published.get(c.req.path);
      if (!file) return next();
      c.set('immutable', true);
      const headers = { 'content-type': file.contentType, vary: 'Accept-Encoding' };
      if (!/\bbr\b/.test(c.req.header('accept-encoding') ?? ''))
        return c.body(new Uint8Array(file.bytes), 200, headers);
      return c.body(new Uint8Array(await brotliOf(file)), 200, { ...headers, 'content-encoding': 'br' });
    });
  app.get(PAGE_STYLE_PATH, (c) => c.body(PAGE_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/.well-known/jwks.json', (c) => c.json(keys.jwks, 200, { 'cache-control': 'public, max-age=3600' }));
  app.get('/.well-known/security.txt', (c, next) => {
    const text = securityTxt && securityTxtOf(securityTxt, origin, now());
    return text ? c.text(text) : next();
  });
  app.get('/livez', (c) => c.json({ live: true }));
  app.get('/readyz', async (c) => {
    const standing = ready === undefined || (await ready().catch(() => false));
    const codes = degraded?.() ?? [];
    return c.json({ ready: standing, ...(codes.length > 0 && { degraded: codes }) }, standing ? 200 : 503);
  });
  app.get('/version', (c) => c.json({ version, library: { version: library.version, digest: library.digest } }));
  app.post('/csp-report', async (c) => {
    const reports: unknown = await jsonOf(c.req);
    const directive = JSON.stringify(reports ?? '').match(/"effective-?[dD]irective":"([a-z-]{1,40})/)?.[1];
    log({ level: 'warn', event: 'csp-violation', reqId: c.get('requestId'), errCode: directive ?? 'unreadable' });
    return c.body(null, 204);
  });
}
