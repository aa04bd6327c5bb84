/** The seams at which a running server may be watched, and nobody watching. A watcher passes on everything as it came, and is told of no patient and no user. */
import type { TenantFetch } from '../launch/discovery.ts';
import type { Tenant } from '../launch/tenants.ts';
import type { Indicator } from '../models/engine/evaluation.ts';
import type { Log } from './log.ts';
import type { Store } from './store/store.ts';

/** What became of one CDS Hooks call, or of a card that was sent. */
export type HookSeen =
  | {
      readonly is: 'answered';
      readonly hook: string;
      /** `late`: given up after the deadline; `not-checked`: answered, with something said not to have been checked. */
      readonly outcome: 'cards' | 'none' | 'not-checked' | 'late';
      readonly indicators: readonly Indicator[];
      readonly ms: number;
    }
  | { readonly is: 'feedback'; readonly outcome: 'accepted' | 'overridden'; readonly indicator?: Indicator };

/** Each member takes a part of the server and gives it back, watched. */
export interface Watch {
  readonly log: (log: Log) => Log;
  readonly store: (store: Store) => Store;
  readonly fetchFor: (fetchFor: (tenant: Tenant) => TenantFetch) => (tenant: Tenant) => TenantFetch;
  /** A launch began to be used, or ended. */
  readonly visit: (type: 'launched' | 'ended') => void;
  readonly hook: (seen: HookSeen) => void;
  readonly close: () => Promise<void>;
}

export const UNWATCHED: Watch = {
  log: (log) => log,
  store: (store) => store,
  fetchFor: (fetchFor) => fetchFor,
  visit: () => {},
  hook: () => {},
  close: async () => {},
};
