/**
 * Opens the app in a browser that returns no cookie (docs/decisions/0014). At `/launch/key` this browser's key is bound to
 * the sign-in; at `/l/<launchId>/` the key shows that this browser began it, and gets a session handle for it. The handle
 * is in this page's memory and nowhere else: whoever loads the page again starts again from the chart.
 */
import { ApiFailure, ask } from '../api.ts';
import type { Credentials } from '../credentials.ts';
import { fail, launchIdOf, run } from '../session.ts';
import { browserKey, keptKey } from './key.ts';
import { createProver, type Prover } from './prover.ts';

/** Where the page is, and how it goes elsewhere. */
type Here = Pick<Location, 'origin' | 'pathname' | 'search' | 'replace'>;

/** @param serverTime our server's clock when it sent this page, epoch milliseconds */
export async function start(here: Here, serverTime: number): Promise<void> {
  const ahead = serverTime - Date.now();
  const now = () => Date.now() + ahead;
  try {
    if (launchIdOf(here.pathname) === undefined) await bind(here, now);
    else await run(here, await redeem(here, now));
  } catch (error) {
    fail(error);
  }
}

/** Before the sign-in: tells our server the key, and goes on to the EHR. */
async function bind(here: Here, now: () => number): Promise<void> {
  const key = await browserKey().catch(() => undefined);
  if (!key) return here.replace(`/launch/blocked${here.search}`);
  const { authorize } = await post<{ authorize: string }>(here.origin + here.pathname + here.search, {
    prove: await createProver(key, now),
  });
  here.replace(authorize);
}

/** After it: shows that the key is here. */
async function redeem(here: Here, now: () => number): Promise<Credentials> {
  const key = await keptKey().catch(() => {
    throw new ApiFailure('key-lost', 'This browser did not keep what shows that the sign-in began here.');
  });
  const prove = await createProver(key, now);
  const { handle } = await post<{ handle: string }>(`${here.origin}${here.pathname}redeem`, { prove });
  return async (request) => ({
    authorization: `DPoP ${handle}`,
    DPoP: await prove({ ...request, handle }),
  });
}

async function post<T>(url: string, { prove }: { prove: Prover }): Promise<T> {
  return ask<T>(url, { method: 'POST', headers: { DPoP: await prove({ method: 'POST', url }) } });
}
