/** `/l/:launchId/promises`: "I will check", kept for this patient at this site and read back at the next launch. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { ApiError } from '../../launch/api.ts';
import { jsonOf } from '../../launch/json.ts';
import type { Launched, LaunchedEnv } from '../launched.ts';
import type { KeyRing } from '../store/keys.ts';
import type { PromiseBook } from './book.ts';

const DAY = 86_400_000;
const promise = z.strictObject({
  path: z.string().regex(/^observation\.[a-z0-9-]{2,60}$/),
  /** Days from today; 0 takes it back. */
  days: z.int().min(0).max(365),
});

/** To be mounted behind the middleware that sets `launch` and `requestId`. `now` in ms since the epoch. */
export function createPromiseRoutes(deps: {
  readonly book: PromiseBook;
  readonly keys: KeyRing;
  readonly now: () => number;
}): Hono<LaunchedEnv> {
  const { book, keys, now } = deps;
  const whose = ({ tenantId, context }: Launched) => keys.lookup('patient', tenantId, context.patientId);
  return new Hono<LaunchedEnv>()
    .use(bodyLimit({ maxSize: 1024 }))
    .get('/', async (c) => c.json(await book.of(whose(c.get('launch')))))
    .post('/', async (c) => {
      const parsed = promise.safeParse(await jsonOf(c.req));
      if (!parsed.success)
        return c.json(
          {
            code: 'malformed',
            message: 'Not understood. Nothing was kept.',
            requestId: c.get('requestId'),
          } satisfies ApiError,
          400,
        );
      const { path, days } = parsed.data;
      const key = whose(c.get('launch'));
      if (days === 0) await book.withdraw(key, path);
      else await book.make(key, { path, made: now(), due: now() + days * DAY });
      return c.json(await book.of(key));
    });
}
