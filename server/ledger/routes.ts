/** The ledger as the app mounts it: whose account a request is on, and `/l/:launchId/egress`, which shows it. */
import { Hono, type MiddlewareHandler } from 'hono';
import type { Tenant } from '../../launch/tenants.ts';
import type { LaunchedEnv } from '../launched.ts';
import type { Ledger, Visit } from './ledger.ts';

/** What the app puts where it belongs. */
export interface LedgerMount {
  /** Of a sign-in: an account of its own until it is a launch. The routes behind it set `tenant`. */
  readonly signIn: MiddlewareHandler<{ Variables: { tenant?: Tenant } }>;
  /** Of a launch; behind the middleware that sets `launch`, and before every route that calls the EHR. */
  readonly launch: MiddlewareHandler<LaunchedEnv>;
  /** Behind the same middleware. */
  readonly routes: Hono<LaunchedEnv>;
  /** To be told of each launch as it begins, while its sign-in is being answered. */
  adopt(visit: Visit): void;
}

export function mountOf(ledger: Ledger): LedgerMount {
  return {
    signIn: (c, next) => ledger.apart(() => c.get('tenant')?.id, next),
    launch: (c, next) => ledger.within(c.get('launch'), next),
    routes: new Hono<LaunchedEnv>().get('/', (c) => c.json(ledger.of(c.get('launch')))),
    adopt: ledger.adopt,
  };
}
