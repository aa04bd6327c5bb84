/** A JSON body nested deeper than 40 is turned away before anyone parses it (V8). */
import type { Context, MiddlewareHandler } from 'hono';
import { isTooDeep } from '../launch/json.ts';
import { refuseJson } from './guard.ts';

/** Behind a limit of size. Forms are left alone: nothing in them nests. */
export function depthLimit(refuse: (c: Context) => Response = refuseDeep): MiddlewareHandler {
  return async (c, next) => {
    const type = c.req.header('content-type') ?? '';
    const bare =
      c.req.method === 'GET' || c.req.method === 'HEAD' || type.startsWith('application/x-www-form-urlencoded');
    return !bare && isTooDeep(await c.req.text()) ? refuse(c) : next();
  };
}

function refuseDeep(c: Context): Response {
  return refuseJson(c, 400, 'too-deep', 'Not understood: nested too deep. Nothing was done.');
}
