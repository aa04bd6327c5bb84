/**
 * Opens the app in a browser that returns no cookie (docs/decisions/0015). At `/launch/key` this browser's key is bound to
 * the sign-in; at `/l/<launchId>/` the key shows that this browser began it, and gets a session handle for it. The handle
 * is in this page's memory and nowhere else: whoever loads the page again starts again from the chart.
 */
import type { ask } from '../api.ts';
import type { Credentials } from '../credentials.ts';
import type { fail, run } from '../session.ts';
import { browserKey } from './key.ts';
import { createProver, type Prover } from './prover.ts';

/** The page: where it is, and its own steps, handed in so that this chunk shares none with it. */
export interface Page {
  readonly here: Pick<Location, 'origin' | 'pathname' | 'search' | 'replace'>;
  readonly ask: typeof ask;
  readonly run: typeof run;
  readonly fail: typeof fail;
}

/** @param serverTime our server's clock when it sent this page, epoch milliseconds */
export async function start(page: Page, serverTime: number): Promise<void> {
  const ahead = serverTime - Date.now();
  const now = () => Date.now() + ahead;
  try {
    if (page.here.pathname === '/launch/key') await bind(page, now);
    else await page.run(page.here, await redeem(page, now));
  } catch (error) {
    page.fail(error);
  }
}

/** Before the sign-in: tells our server the key, and goes on to the EHR. */
async function bind(page: Page, now: () => number): Promise<void> {
  const { origin, pathname, search } = page.here;
  const key = await browserKey().catch(() => undefined);
  if (!key) return page.here.replace(`/launch/blocked${search}`);
  const { authorize } = await post<{ authorize: string }>(
    page,
    origin + pathname + search,
    await createProver(key, now),
  );
  page.here.replace(authorize);
}

/** After it: shows that the key is here. A key that was lost is made anew, and refused. */
async function redeem(page: Page, now: () => number): Promise<Credentials> {
  const prove = await createProver(await browserKey(), now);
  const { origin, pathname } = page.here;
  const { handle } = await post<{ handle: string }>(page, `${origin}${pathname}redeem`, prove);
  return async (request) => ({
    authorization: `DPoP ${handle}`,
    DPoP: await prove({ ...request, handle }),
  });
}

async function post<T>({ ask }: Page, url: string, prove: Prover): Promise<T> {
  return ask<T>(url, { method: 'POST', headers: { DPoP: await prove({ method: 'POST', url }) } });
}
