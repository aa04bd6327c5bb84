/** `GET /l/:launchId/style`: how the EHR looks, fetched here, from the tenant's own hosts only, without a token (C5). */
import { Hono } from 'hono';
import type { TenantFetch } from '../launch/discovery.ts';
import { type EhrStyle, readStyle } from '../launch/style.ts';
import type { Tenant } from '../launch/tenants.ts';
import type { LaunchedEnv } from './launched.ts';

const MAX_BYTES = 16 * 1024;
const PATIENCE_MS = 3_000;
const KEPT_MS = 600_000;

/** Styles by tenant and address, each asked for once in ten minutes; one that cannot be had is empty. */
export function createStyleRoute(deps: {
  readonly fetchFor: (tenant: Tenant) => TenantFetch;
  readonly now: () => number;
}): Hono<{ Variables: LaunchedEnv['Variables'] & { tenant?: Tenant } }> {
  const kept = new Map<string, { readonly style: Promise<EhrStyle>; readonly until: number }>();

  function styleAt(url: string, tenant: Tenant): Promise<EhrStyle> {
    const key = `${tenant.id} ${url}`;
    const known = kept.get(key);
    if (known && deps.now() < known.until) return known.style;
    const style = download(url, deps.fetchFor(tenant)).then(readStyle, () => ({}));
    if (kept.size > 100) kept.clear();
    kept.set(key, { style, until: deps.now() + KEPT_MS });
    return style;
  }

  return new Hono<{ Variables: LaunchedEnv['Variables'] & { tenant?: Tenant } }>().get('/', async (c) => {
    const { styleUrl } = c.get('launch');
    const tenant = c.get('tenant');
    return c.json(styleUrl === undefined || !tenant ? {} : await styleAt(styleUrl, tenant));
  });
}

/** Rejects with what the way out refuses, and with what is too large or no JSON. */
async function download(url: string, fetch: TenantFetch): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new RangeError('the style is too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
