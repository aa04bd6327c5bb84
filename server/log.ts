/** The log: one JSON line per request from an allow-list of fields (V10). No URL, query, body, name, token, patient or address can enter it. */
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Tenant } from '../launch/tenants.ts';

/** Everything a line may say. */
export interface LogLine {
  readonly ts: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly event: 'request' | 'start' | 'stop' | 'config' | 'csp-violation' | 'checkpoint' | 'syslog';
  readonly reqId?: string;
  readonly tenant?: string;
  /** The route's template, `/l/:launchId/fhir/*`, never the path. */
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly ms?: number;
  readonly bytes?: number;
  readonly errCode?: string;
}

export type Log = (line: Omit<LogLine, 'ts'>) => void;

/** Writes lines to `write`. Only the fields above pass, and only short ones without blanks: whatever else a caller hands in is dropped here. */
export function createLog(write: (line: string) => void, now: () => number = Date.now): Log {
  const fields = ['level', 'event', 'reqId', 'tenant', 'route', 'method', 'status', 'ms', 'bytes', 'errCode'] as const;
  return (line) => {
    const kept = fields.map((field) => [field, line[field]] as const).filter(([, value]) => isLoggable(value));
    write(`${JSON.stringify({ ts: new Date(now()).toISOString(), ...Object.fromEntries(kept) })}\n`);
  };
}

function isLoggable(value: string | number | undefined): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^[\w/:.*{}-]{1,120}$/.test(value));
}

/** Variables that routes set for the log. */
export interface LogEnv {
  Variables: { requestId: string; tenant?: Tenant; errorCode?: string };
}

/** Logs each request once it is answered. */
export function requestLog(log: Log, now: () => number): MiddlewareHandler<LogEnv> {
  return async (c, next) => {
    const started = now();
    await next();
    const { status } = c.res;
    const tenant = c.get('tenant')?.id;
    const bytes = Number(c.res.headers.get('content-length') ?? Number.NaN);
    const errCode = c.get('errorCode') ?? (status >= 500 ? 'internal' : undefined);
    log({
      level: status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info',
      event: 'request',
      reqId: c.get('requestId'),
      route: template(c),
      method: c.req.method,
      status,
      ms: now() - started,
      ...(tenant !== undefined && { tenant }),
      ...(Number.isFinite(bytes) && { bytes }),
      ...(errCode !== undefined && { errCode }),
    });
  };
}

function template(c: Context): string {
  return routePath(c, -1);
}
