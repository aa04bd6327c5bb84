/** Token buckets (V9): per address (generous, since a hospital is one address), per session and per tenant, sign-in apart from the rest. */
import type { Context, MiddlewareHandler } from 'hono';
import { refuseJson } from './guard.ts';

/** `capacity` requests at once, refilled at `perSecond`. */
export interface Rate {
  readonly capacity: number;
  readonly perSecond: number;
}

export interface Rates {
  readonly signIn: Rate;
  readonly address: Rate;
  readonly session: Rate;
  readonly tenant: Rate;
}

export const RATES: Rates = {
  signIn: { capacity: 600, perSecond: 20 },
  address: { capacity: 3_000, perSecond: 300 },
  session: { capacity: 300, perSecond: 20 },
  tenant: { capacity: 5_000, perSecond: 500 },
};

/** A family of buckets by key. Returns whether the request may pass. */
export function createBuckets(rate: Rate, now: () => number): (key: string) => boolean {
  const buckets = new Map<string, { left: number; at: number }>();
  const refillMs = (rate.capacity / rate.perSecond) * 1000;
  let forgetAt = 0;
  return (key) => {
    const at = now();
    const bucket = buckets.get(key) ?? { left: rate.capacity, at };
    const left = Math.min(rate.capacity, bucket.left + (Math.max(0, at - bucket.at) / 1000) * rate.perSecond);
    const passes = left >= 1;
    buckets.set(key, { left: passes ? left - 1 : left, at });
    // A bucket that has filled up again says nothing.
    if (at >= forgetAt) {
      forgetAt = at + refillMs;
      for (const [other, { at: touched }] of buckets) if (at - touched > refillMs) buckets.delete(other);
    }
    return passes;
  };
}

/** Turns a request away with `Retry-After` when `keyOf` names an empty bucket; `undefined` is not counted. */
export function rateLimit(
  passes: (key: string) => boolean,
  keyOf: (c: Context) => string | undefined,
  refuse: (c: Context) => Response | Promise<Response> = refuseTooMany,
): MiddlewareHandler {
  return async (c, next) => {
    const key = keyOf(c);
    if (key === undefined || passes(key)) return next();
    c.header('retry-after', '5');
    return refuse(c);
  };
}

function refuseTooMany(c: Context): Response {
  return refuseJson(c, 429, 'too-many-requests', 'Too many requests. Wait a few seconds.');
}
