/** The routes of the write-back as the page asks them, over one store; `launched` is looked up at each request. */
import { Hono } from 'hono';
import type { WriteOutcome } from '../../../launch/api.ts';
import { createAudit } from '../../../server/audit.ts';
import type { Launched, LaunchedEnv } from '../../../server/launched.ts';
import type { KeyRing } from '../../../server/store/keys.ts';
import type { Store } from '../../../server/store/store.ts';
import { createWriteBackRoutes } from '../../../server/write-back/routes.ts';

/** What a test asks of them. */
export interface Asked {
  post<T>(path: string, body?: unknown): Promise<{ status: number; body: T }>;
  outcomes(): Promise<readonly WriteOutcome[]>;
}

export function routesOf(server: {
  readonly store: Store;
  readonly keys: KeyRing;
  readonly launched: () => Launched;
}): Asked {
  const { store, keys, launched } = server;
  const audit = createAudit({ store, keys });
  const app = new Hono<LaunchedEnv>()
    .use(async (c, next) => {
      c.set('launch', launched());
      c.set('requestId', 'request-1');
      await next();
    })
    .route('/write-back', createWriteBackRoutes({ store, keys, audit, sleep: async () => {}, timeout: 200 }));
  return {
    post: async <T>(path: string, body: unknown = {}) => {
      const response = await app.request(`/write-back/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as T };
    },
    outcomes: async () => (await (await app.request('/write-back')).json()) as WriteOutcome[],
  };
}
