/** What the listener itself bears (V8): a header of 16 KB, its arrival within 15 s and the whole request's within a minute, looked after every 5 s. */
export const LISTENER = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
} as const;
