/**
 * Where a browser returns no cookie, sign-in and launch are bound to a key that the browser made and cannot give away
 * (docs/decisions/0015). The page is the app's own, without anything of a patient in it; what it does is in `client/proof/`.
 */
import { type Context, Hono } from 'hono';
import type { LaunchContext } from '../context.ts';
import { LaunchError } from '../errors.ts';
import type { LaunchRecord, Parked, PendingLaunch, Sessions } from '../record.ts';
import type { LaunchEnv, Start } from '../routes.ts';
import type { Tenant, Tenants } from '../tenants.ts';
import { readProof } from './proof.ts';

/** What the key's routes stand on: the launch's own steps, and the page. */
export interface ProofRoutes {
  readonly origin: string;
  /** The app's page, as built. */
  readonly shell: string;
  readonly library: LaunchContext['library'];
  readonly tenants: Tenants;
  readonly sessions: Sessions;
  readonly now: () => number;
  /** What a link to `/launch/key` asks for. */
  readonly startOf: (c: Context<LaunchEnv>) => Start;
  /** The EHR's authorize address, for a sign-in bound to this key. */
  readonly begin: (start: Start, bound: Pick<PendingLaunch, 'browser' | 'jkt'>) => Promise<string>;
  readonly complete: (tenant: Tenant, parked: Parked, launchId: string) => Promise<LaunchRecord>;
  /** Opens the session and starts what follows from it; answers with its id. */
  readonly open: (record: LaunchRecord, from: { readonly browser: string }) => Promise<string>;
}

/** `/launch/key`, and `/l/<launchId>/` from the EHR's answer until its proof. */
export function createProofRoutes(deps: ProofRoutes): Hono<LaunchEnv> {
  const routes = new Hono<LaunchEnv>();

  routes.get('/launch/key', (c) => {
    c.set('tenant', deps.startOf(c).tenant);
    return c.html(shell());
  });

  routes.post('/launch/key', async (c) => {
    const start = deps.startOf(c);
    const jkt = await provenKey(c);
    return c.json({ authorize: await deps.begin(start, { browser: `key:${jkt}`, jkt }) });
  });

  routes.get('/l/:launchId/', async (c, next) => {
    const parked = await deps.sessions.parked(c.req.param('launchId'));
    const tenant = parked && deps.tenants.byGrant(parked.pending);
    if (!tenant) return next();
    c.set('tenant', tenant);
    return c.html(shell());
  });

  /** The code goes to the EHR only when the key has shown that this browser began the sign-in (L5, S-2): once, whatever comes of it. */
  routes.post('/l/:launchId/redeem', async (c) => {
    const launchId = c.req.param('launchId');
    const jkt = await provenKey(c);
    const parked = await deps.sessions.unpark(launchId);
    const tenant = parked && deps.tenants.byGrant(parked.pending);
    if (!tenant || parked.pending.jkt !== jkt) throw new LaunchError('not-found');
    c.set('tenant', tenant);
    const record = await deps.complete(tenant, parked, launchId);
    return c.json({ handle: await deps.open(record, { browser: parked.pending.browser }) });
  });

  return routes;

  /** The page with our time in it, for a workstation's clock may be off, and a head start on the knowledge. */
  function shell(): string {
    const { first, url } = deps.library;
    return deps.shell.replace(
      '</head>',
      () =>
        `<link rel="preload" as="fetch" crossorigin href="${first ?? url}" />
<script type="application/json" id="launch-key">${deps.now()}</script></head>`,
    );
  }

  async function provenKey(c: Context<LaunchEnv>): Promise<string> {
    const url = deps.origin + new URL(c.req.url).pathname;
    const proof = c.req.header('dpop') ?? '';
    const proven = await readProof(proof, { method: c.req.method, url, now: deps.now() });
    if (!proven) throw new LaunchError('proof-refused');
    return proven.jkt;
  }
}
