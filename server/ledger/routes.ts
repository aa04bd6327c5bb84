/** `/l/:launchId/egress`: the ledger of this launch, for the screen that shows it. */
import { Hono } from 'hono';
import type { LaunchedEnv } from '../launched.ts';
import type { Ledger } from './ledger.ts';

/** To be mounted behind the middleware that sets `launch`. */
export function createLedgerRoutes({ ledger }: { readonly ledger: Ledger }): Hono<LaunchedEnv> {
  return new Hono<LaunchedEnv>().get('/', (c) => c.json(ledger.of(c.get('launch'))));
}
