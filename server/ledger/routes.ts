/** The ledger at the server's seams: whose account a request is on, and `/l/:launchId/egress`, which shows it. */
import { Hono, type MiddlewareHandler } from 'hono';
import type { Tenant } from '../../launch/tenants.ts';
import type { LaunchedEnv } from '../launched.ts';
import type { Ledger } from './ledger.ts';

/** Of a sign-in: an account of its own until it is a launch. The routes behind it set `tenant`. */
export function signInAccount(ledger: Ledger): MiddlewareHandler<{ Variables: { tenant?: Tenant } }> {
  return (c, next) => ledger.apart(() => c.get('tenant')?.id, next);
}

/** Of a launch; behind the middleware that sets `launch`. */
export function launchAccount(ledger: Ledger): MiddlewareHandler<LaunchedEnv> {
  return (c, next) => ledger.within(c.get('launch'), next);
}

/** To be mounted behind the same middleware. */
export function ledgerRoutes(ledger: Ledger): Hono<LaunchedEnv> {
  return new Hono<LaunchedEnv>().get('/', (c) => c.json(ledger.of(c.get('launch'))));
}
