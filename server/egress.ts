/** The only way out: to a tenant's own hosts, over TLS, to public addresses, with no redirect, within time, size and depth (V7, V8, E-1). */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher, fetch as undiciFetch } from 'undici';
import type { TenantFetch } from '../launch/discovery.ts';
import { measured } from '../launch/json.ts';
import { hostsOf, isLoopback, type Tenant } from '../launch/tenants.ts';

/** What one request to an EHR may take (V8). Milliseconds and bytes. */
export const EGRESS_LIMITS = { connectMs: 3_000, totalMs: 30_000, responseBytes: 20 * 1024 * 1024 };

/** Private, link-local, metadata, shared and reserved ranges. */
const RESERVED: readonly [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];
const reserved = blockList(RESERVED);
const loopback = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
]);

/** A request that this server will not make. It was not sent. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
}

/** Told of each request that is about to leave; answers with the way it takes out, which is `pool` or passes through it. */
export type Through = (pool: Dispatcher, tenant: Tenant, url: string, init: RequestInit) => Dispatcher;

/**
 * One way out for the whole process, with a connection pool per tenant. `keepOnly` lets go of the pools of tenants that are
 * no longer in force, once what they are sending is answered; `close` of all.
 */
export function createEgress(
  options: {
    readonly lookup?: typeof systemLookup;
    readonly through?: Through;
    readonly limits?: typeof EGRESS_LIMITS;
  } = {},
) {
  const { lookup = systemLookup, limits = EGRESS_LIMITS } = options;
  const pools = new Map<Tenant, Agent>();
  const poolOf = (tenant: Tenant): Agent => {
    const pool = pools.get(tenant) ?? openPool(tenant, lookup, limits);
    pools.set(tenant, pool);
    return pool;
  };
  const keepOnly = async (kept: readonly Tenant[]): Promise<void> => {
    const others = [...pools].filter(([tenant]) => !kept.includes(tenant));
    for (const [tenant] of others) pools.delete(tenant);
    await Promise.all(others.map(([, pool]) => pool.close()));
  };
  const fetchFor =
    (tenant: Tenant): TenantFetch =>
    async (url, init = {}) => {
      assertAllowed(tenant, new URL(url));
      const timeout = AbortSignal.timeout(limits.totalMs);
      const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
      const pool = poolOf(tenant);
      const dispatcher = options.through?.(pool, tenant, url, init) ?? pool;
      const request = { ...init, signal, redirect: 'error', dispatcher };
      // undici's own `fetch`, since its dispatcher must match; its types are the platform's under other names.
      return measured((await undiciFetch(url, request as Parameters<typeof undiciFetch>[1])) as unknown as Response);
    };
  return { fetchFor, keepOnly, close: () => keepOnly([]) };
}

/** Throws `EgressRefused` unless this tenant's traffic may go there. */
function assertAllowed(tenant: Tenant, url: URL): void {
  if (!hostsOf(tenant).has(url.host)) throw new EgressRefused('host is not the tenant’s');
  if (url.username !== '' || url.password !== '') throw new EgressRefused('userinfo in the URL');
  if (url.protocol !== 'https:' && !(tenant.allowHttpLoopback && isLoopback(url))) throw new EgressRefused('not https');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) && !isAllowedAddress(tenant, literal)) throw new EgressRefused('address is private or reserved');
}

/** Whether a resolved address may be connected to: public ones, the tenant's declared private ones, and this machine only for a loopback tenant. */
export function isAllowedAddress(tenant: Pick<Tenant, 'allowHttpLoopback' | 'allowPrivate'>, address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (tenant.allowHttpLoopback) return loopback.check(address, family);
  if (!reserved.check(address, family)) return true;
  const declared = tenant.allowPrivate.map((cidr): [string, number] => {
    const [network = '', prefix = '32'] = cidr.split('/');
    return [network, Number(prefix)];
  });
  return blockList(declared).check(address, family);
}

/** The addresses are checked where they are resolved and the connection goes to those very addresses, so a name that changes its mind in between gains nothing. */
function openPool(
  tenant: Tenant,
  lookup: typeof systemLookup,
  { connectMs, totalMs, responseBytes }: typeof EGRESS_LIMITS,
): Agent {
  const checkedLookup: LookupFunction = (hostname, options, answer) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses: LookupAddress[] = error ? [] : found;
      const [first] = addresses;
      if (error || !first) answer(error ?? new EgressRefused('no address'), '', 0);
      else if (!addresses.every(({ address }) => isAllowedAddress(tenant, address)))
        answer(new EgressRefused('address is private or reserved'), '', 0);
      else if (options.all) answer(null, addresses);
      else answer(null, first.address, first.family);
    });
  };
  return new Agent({
    connect: { timeout: connectMs, lookup: checkedLookup, minVersion: 'TLSv1.2' },
    connections: 64,
    headersTimeout: totalMs,
    bodyTimeout: totalMs,
    maxResponseSize: responseBytes,
  });
}

function blockList(ranges: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}
