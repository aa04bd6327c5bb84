/** Response headers (V1, V2, V4): the same strict ones everywhere, with the tenant's own list of who may frame us. */
import type { Context, MiddlewareHandler } from 'hono';
import type { Tenant } from '../launch/tenants.ts';

const PERMISSIONS =
  'accelerometer camera display-capture encrypted-media fullscreen geolocation gyroscope hid idle-detection magnetometer microphone midi payment picture-in-picture publickey-credentials-get screen-wake-lock serial usb xr-spatial-tracking'
    .split(' ')
    .map((feature) => `${feature}=()`)
    .join(', ');

/** The content security policy. `wasm` only for the worker's own response: a worker is governed by the policy it came with, the page needs none. */
export function contentSecurityPolicy(options: {
  frameAncestors: readonly string[];
  wasm?: boolean;
  formAction?: string;
}): string {
  const { frameAncestors, wasm = false, formAction = "'self'" } = options;
  return [
    "default-src 'none'",
    `script-src 'self'${wasm ? " 'wasm-unsafe-eval'" : ''}`,
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    `form-action ${formAction}`,
    `frame-ancestors ${frameAncestors.length > 0 ? frameAncestors.join(' ') : "'none'"}`,
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    'report-to csp',
  ].join('; ');
}

/** What a route may say about its own answer. */
export interface HeaderEnv {
  Variables: { requestId: string; tenant?: Tenant; wasm?: boolean; immutable?: boolean; formAction?: string };
}

/** Sets the headers on every answer, errors included. None of them is of CORS: that only the CDS Hooks mount has (H13). */
export function securityHeaders(options: { readonly https: boolean }): MiddlewareHandler<HeaderEnv> {
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headersFor(c, options.https))) c.res.headers.set(name, value);
  };
}

function headersFor(c: Context<HeaderEnv>, https: boolean): Record<string, string> {
  const frameAncestors = c.get('tenant')?.frameAncestors ?? [];
  return {
    'content-security-policy': contentSecurityPolicy({
      frameAncestors,
      wasm: c.get('wasm') ?? false,
      formAction: c.get('formAction') ?? "'self'",
    }),
    'reporting-endpoints': 'csp="/csp-report"',
    // What the log has, to be told to IT; random, so it says nothing by itself.
    'x-request-id': c.get('requestId'),
    ...(https && { 'strict-transport-security': 'max-age=63072000; includeSubDomains' }),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': PERMISSIONS,
    'cross-origin-opener-policy': 'same-origin-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    ...(!c.res.headers.has('cache-control') && {
      'cache-control': c.get('immutable') ? 'public, max-age=31536000, immutable' : 'no-store',
    }),
  };
}
