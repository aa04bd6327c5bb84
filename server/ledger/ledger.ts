/**
 * The egress ledger: what this server sent out, for whom and to whom. Hosts, kinds, counts and bytes; no address, no
 * query, no content, no patient. In this process's memory only, and gone with the launch.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Dispatcher } from 'undici';
import type { Egress, EgressRow } from '../../launch/egress.ts';
import type { Tenant } from '../../launch/tenants.ts';
import type { Launched } from '../launched.ts';
import { counted } from './counted.ts';
import { purposeOf } from './kinds.ts';

/** Whose launch it is. */
export type Visit = Pick<Launched, 'tenantId' | 'context'>;

/** What was read of one resource type. Bytes of bodies, as they came over the wire. */
export interface TypeRead {
  readonly resourceType: string;
  readonly requests: number;
  readonly bytes: number;
  readonly failures: number;
}

/** A launch that nobody asked anything of for so long is over (its session ends after fifteen minutes). */
const FORGOTTEN_MS = 60 * 60 * 1000;

type Counted = { -readonly [K in keyof EgressRow]: EgressRow[K] };
type Rows = Map<string, Counted>;

/** What was sent for one launch, or for what is not a launch yet. */
interface Account {
  readonly rows: Rows;
  readonly since: number;
  visit?: Visit;
  touched: number;
  over?: boolean;
  /** Whether it was counted from the sign-in on. */
  fromStart: boolean;
  /** What of it was handed out as read. */
  told: ReadonlyMap<string, TypeRead>;
}

/** `now` in epoch milliseconds; `shared`: other servers answer for the same launches, and count for themselves. */
export function createLedger({ now, shared = false }: { readonly now: () => number; readonly shared?: boolean }) {
  const current = new AsyncLocalStorage<Account>();
  const launches = new Map<string, Account>();
  const sites = new Map<string, Account>();
  const outside: Rows = new Map();

  const open = (fromStart: boolean, visit?: Visit): Account => ({
    rows: new Map(),
    since: now(),
    touched: now(),
    fromStart,
    told: new Map(),
    ...(visit && { visit: held(visit) }),
  });
  const accountOf = <Key>(accounts: Map<Key, Account>, key: Key, made: () => Account): Account => {
    const account = accounts.get(key) ?? made();
    accounts.set(key, account);
    return account;
  };
  const siteOf = (tenantId: string) => accountOf(sites, tenantId, () => open(true));
  const began = now();

  return {
    /** Counts a request that is about to leave, on the account of whoever asked for it; else on its hospital's. */
    through(pool: Dispatcher, tenant: Pick<Tenant, 'id' | 'iss'>, url: string, init: RequestInit): Dispatcher {
      const { method = 'GET', body } = init;
      const { rows } = current.getStore() ?? siteOf(tenant.id);
      const row = rowOf(rows, { host: new URL(url).host, ...purposeOf({ iss: tenant.iss, url, method, body }) });
      row.requests += 1;
      row.bytesUp += body === undefined || body === null ? 0 : Buffer.byteLength(String(body));
      let failed = false;
      const fail = () => {
        if (!failed) row.failures += 1;
        failed = true;
      };
      return counted(pool, {
        answered: (status) => status >= 400 && fail(),
        received: (bytes) => {
          row.bytesDown += bytes;
        },
        failed: fail,
      });
    },

    /** Runs a sign-in on an account of its own. What did not become a launch falls to the hospital `of`. */
    async apart<T>(of: () => string | undefined, work: () => Promise<T>): Promise<T> {
      const account = open(true);
      try {
        return await current.run(account, work);
      } finally {
        const tenantId = of();
        if (!account.visit && tenantId !== undefined) add(siteOf(tenantId).rows, account.rows);
      }
    },

    /** The sign-in under way has become this launch. */
    adopt(visit: Visit): void {
      const account = current.getStore() ?? open(true);
      account.visit = held(visit);
      launches.set(visit.context.launchId, account);
    },

    /** Runs a request of a launch on the launch's account. */
    within<T>(visit: Visit, work: () => T): T {
      const account = accountOf(launches, visit.context.launchId, () => open(false, visit));
      account.touched = now();
      return current.run(account, work);
    },

    /** What left for this launch, and what left for no launch in particular. */
    of({ tenantId, context }: Visit): Egress {
      const account = launches.get(context.launchId);
      return {
        since: new Date(account?.since ?? now()).toISOString(),
        whole: !shared && (account?.fromStart ?? false),
        launch: sorted(account?.rows),
        siteSince: new Date(began).toISOString(),
        site: [...sorted(sites.get(tenantId)?.rows), ...sorted(outside)],
      };
    },

    /** Counts what left for every hospital at once, by another way. */
    outside({ host, kind, ...counts }: Pick<EgressRow, 'host' | 'kind' | 'requests' | 'bytesUp'>): void {
      const row = rowOf(outside, { host, kind });
      row.requests += counts.requests;
      row.bytesUp += counts.bytesUp;
    },

    /** What a launch has read, by resource type, since this was last asked. */
    newlyRead(launchId: string): readonly TypeRead[] {
      const account = launches.get(launchId);
      if (!account) return [];
      const sum = readsOf(account.rows);
      const fresh = [...sum.values()].flatMap((read) => minus(read, account.told.get(read.resourceType)) ?? []);
      account.told = sum;
      return fresh;
    },

    /** Every launch that has an account here. */
    open: (): readonly Visit[] => [...launches.values()].flatMap(({ visit }) => visit ?? []),

    /** The launch is over. What was under way is still counted, until it is forgotten. */
    close(launchId: string): void {
      const account = launches.get(launchId);
      if (account) account.over = true;
    },

    /** Lets go of launches that are over, here or elsewhere. */
    forget(): void {
      for (const [launchId, { over, touched }] of launches)
        if (over || now() - touched > FORGOTTEN_MS) launches.delete(launchId);
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;

/** Whose launch it is and no more: an account outlives its launch, and what it was handed may hold the launch's tokens. */
const held = ({ tenantId, context }: Visit): Visit => ({ tenantId, context });

function rowOf(rows: Rows, of: Pick<EgressRow, 'host' | 'kind' | 'resourceType'>): Counted {
  const key = [of.host, of.kind, of.resourceType].join(' ');
  const row = rows.get(key) ?? { ...of, requests: 0, failures: 0, bytesUp: 0, bytesDown: 0 };
  rows.set(key, row);
  return row;
}

function add(to: Rows, from: Rows): void {
  for (const { host, kind, resourceType, ...counts } of from.values()) {
    const row = rowOf(to, { host, kind, ...(resourceType !== undefined && { resourceType }) });
    for (const name of ['requests', 'failures', 'bytesUp', 'bytesDown'] as const) row[name] += counts[name];
  }
}

function sorted(rows: Rows = new Map()): readonly EgressRow[] {
  const place = ({ host, kind, resourceType = '' }: EgressRow) => `${host} ${kind} ${resourceType}`;
  return [...rows.values()].map((row) => ({ ...row })).sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Reads and searches are one query class. */
function readsOf(rows: Rows): ReadonlyMap<string, TypeRead> {
  const sum = new Map<string, TypeRead>();
  for (const { kind, resourceType, requests, bytesDown, failures } of rows.values()) {
    if ((kind !== 'read' && kind !== 'search') || resourceType === undefined) continue;
    const before = sum.get(resourceType) ?? { requests: 0, bytes: 0, failures: 0 };
    sum.set(resourceType, {
      resourceType,
      requests: before.requests + requests,
      bytes: before.bytes + bytesDown,
      failures: before.failures + failures,
    });
  }
  return sum;
}

function minus(read: TypeRead, told: TypeRead | undefined): TypeRead | undefined {
  if (!told) return read;
  const rest = {
    resourceType: read.resourceType,
    requests: read.requests - told.requests,
    bytes: read.bytes - told.bytes,
    failures: read.failures - told.failures,
  };
  return rest.requests > 0 || rest.bytes > 0 || rest.failures > 0 ? rest : undefined;
}
