/** Checkpoints for a running server. What fails of them is said in the log each time, and keeps nobody from working. */
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { alone } from '../store/alone.ts';
import type { Opened } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { createCheckpoints, RecordBroken, watched } from './checkpoints.ts';
import { CHECKPOINTS, checkpointFile } from './file.ts';
import { openSigningKey } from './key.ts';

const MINUTE_MS = 60_000;

/** `now` in epoch milliseconds. */
export interface Starting {
  readonly dataDir: string;
  readonly settings: {
    /** The file; in `dataDir` unless given. */
    readonly checkpoints?: string | undefined;
    readonly every: number;
    readonly minutes: number;
  };
  /** PEM; made in `dataDir` unless given. */
  readonly key?: string;
  readonly opened: Pick<Opened, 'store' | 'kept' | 'shared'>;
  readonly log: Log;
  readonly now: () => number;
  /** Given where each line is also wanted for a log that a SIEM keeps. */
  readonly echo?: (line: string) => void;
}

export function startCheckpoints({ dataDir, settings, key, opened, log, now, echo }: Starting) {
  const { store, kept, shared } = opened;
  const { every, minutes } = settings;
  const { sign } = createCheckpoints({
    store,
    file: checkpointFile(settings.checkpoints ?? join(dataDir, CHECKPOINTS)),
    key: openSigningKey({ dataDir, ...(key !== undefined && { pem: key }) }),
    every,
    maxAge: minutes * MINUTE_MS,
    alone: (work) => (shared ? alone({ kept, now }, 'checkpoint', work) : work()),
    clock: () => new Date(now()),
    ...(echo && { echo }),
  });
  let trouble: 'record-broken' | 'checkpoint-failed' | undefined;
  const look = (everything = false) =>
    sign(everything).then(
      () => {
        trouble = undefined;
      },
      (error: unknown) => {
        trouble = error instanceof RecordBroken ? 'record-broken' : 'checkpoint-failed';
        log({ level: 'error', event: 'checkpoint', errCode: trouble });
      },
    );
  return {
    /** The same store, whose events are counted towards the next checkpoint. */
    watch: (appending: Store): Store => watched(appending, { every, look: () => void look() }),
    /** Signs if it is time; to be called every minute. */
    look: () => look(),
    /** Why it did not sign when it last looked. */
    trouble: () => trouble,
    /** Signs what is left. */
    last: () => look(true),
  };
}
