/** Turning requests away at the door when more are under way than can be answered in time (V8): refusing is cheap, a late answer is not. */
import type { MiddlewareHandler } from 'hono';
import { refuse } from './guard.ts';

/** Requests under way in this process; 50 clinicians who open a chart at the same moment make fewer. */
export const MOST_UNDER_WAY = 1_000;

/** What tells whether the server lives must be answered above all when it is busy. */
const ALWAYS = new Set(['/livez', '/readyz']);

/** 503 with `Retry-After` beyond `most`. */
export function shedding(most = MOST_UNDER_WAY): MiddlewareHandler {
  let underWay = 0;
  return async (c, next) => {
    if (ALWAYS.has(c.req.path)) return next();
    if (underWay >= most) {
      c.header('retry-after', '2');
      return refuse(c, 'overloaded');
    }
    underWay += 1;
    try {
      await next();
    } finally {
      underWay -= 1;
    }
  };
}
