/** Follows the tenants file while the server runs: what changed is put in force, on the record and in the log. */
import { type Audit, recordConfigChange } from '../audit.ts';
import type { RegistrySettings } from '../config.ts';
import type { Log } from '../log.ts';
import type { LiveRegistry } from './live.ts';
import type { RefusalCode } from './refused.ts';
import { createReload, type Look, POLL_MS } from './reload.ts';

/** What following needs. */
export interface Following {
  readonly registry: RegistrySettings;
  readonly audit: Pick<Audit, 'record'>;
  readonly log: Log;
  readonly now: () => number;
  /** Lets go of what belonged to tenants that are no longer as they were: launches, connections. */
  readonly settle: (live: LiveRegistry) => Promise<void>;
}

/** The server's hold on it. */
export interface Followed {
  /** Puts the release that the server started with on the record, and looks every few seconds from then on. */
  start(): Promise<void>;
  /** Looks at once (SIGHUP), and says so in the log also when nothing changed. */
  look(): Promise<Look>;
  refused(): RefusalCode | undefined;
  stop(): void;
}

export function followTenants({ registry, audit, log, now, settle }: Following): Followed {
  const { live, first, take, judge, keep } = registry;
  const failed = (errCode: string) => () => log({ level: 'error', event: 'config', errCode });
  const record = () =>
    recordConfigChange(audit, { what: 'tenants', digest: live.inForce().digest, at: new Date(now()) });

  const reload = createReload({
    live,
    take,
    judge,
    first,
    // In force already: what fails of this is said, and is no reason to go back.
    onChanged: async (release) => {
      log({ level: 'info', event: 'config', errCode: 'tenants-changed' });
      await keep(release).catch(failed('tenants-release-not-kept'));
      await record().catch(failed('record-failed'));
      // An EHR that does not answer holds up no further change.
      void settle(live).catch(failed('tenants-not-settled'));
    },
    onRefused: async (code) => {
      failed(`tenants-refused:${code}`)();
      const at = new Date(now()).toISOString();
      await audit
        .record({ type: 'refused', at, tenant: '*', reason: `tenants-${code}` })
        .catch(failed('record-failed'));
    },
  });

  let timer: NodeJS.Timeout | undefined;
  return {
    start: async () => {
      await record();
      timer = setInterval(() => void reload.look().catch(failed('tenants-look-failed')), POLL_MS);
    },
    look: async () => {
      const look = await reload.look();
      if (look === 'same' || look === 'unsettled') log({ level: 'info', event: 'config', errCode: `tenants-${look}` });
      return look;
    },
    refused: reload.refused,
    stop: () => clearInterval(timer),
  };
}
