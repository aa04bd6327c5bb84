/**
 * The registry read again while the server runs (V12, V14). READ FIRST in this folder.
 * A snapshot that differs and holds still is judged as a whole: in force, or refused, and then the one before stays.
 */
import type { LiveRegistry } from './live.ts';
import { type RefusalCode, Refused } from './refused.ts';
import type { Registry } from './registry.ts';
import type { Snapshot } from './snapshot.ts';

/** How often the files are looked at (ms). Polled, since a mounted volume swaps a symbolic link, of which no watch tells. */
export const POLL_MS = 5_000;

/** What one look came to. `unsettled`: the files are being written; the next look decides. */
export type Look = 'same' | 'unsettled' | 'changed' | 'refused';

/** What a reload stands on, and what it tells of. */
export interface ReloadDeps {
  readonly live: LiveRegistry;
  readonly take: () => Promise<Snapshot>;
  /** @throws Refused */
  readonly judge: (snapshot: Snapshot) => Promise<Registry>;
  /** The snapshot that the registry in force was read from. */
  readonly first: Pick<Snapshot, 'digest'>;
  /** Called once another registry is in force. */
  readonly onChanged: (now: Registry, before: Registry) => Promise<void>;
  /** Called when one was refused. */
  readonly onRefused: (code: RefusalCode) => Promise<void>;
}

/** A server's reloading. */
export interface Reload {
  /** Looks at the files, one look at a time. */
  look(): Promise<Look>;
  /** Why the files as they are now are not what is in force, if they are not. */
  refused(): RefusalCode | undefined;
}

export function createReload(deps: ReloadDeps): Reload {
  const { live, take, judge } = deps;
  let inForce = deps.first.digest;
  let judged = inForce;
  let refusal: RefusalCode | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function lookOnce(): Promise<Look> {
    const seen = await take();
    if (seen.digest === judged) return 'same';
    const settled = await take();
    if (settled.digest !== seen.digest) return 'unsettled';
    judged = settled.digest;
    refusal = undefined;
    // What was refused has been put back.
    if (judged === inForce) return 'same';
    let next: Registry;
    try {
      next = await judge(settled);
    } catch (error) {
      refusal = error instanceof Refused ? error.code : 'invalid';
      await deps.onRefused(refusal);
      return 'refused';
    }
    const before = live.inForce();
    live.put(next);
    inForce = judged;
    await deps.onChanged(live.inForce(), before);
    return 'changed';
  }

  return {
    look: () => {
      const look = last.then(lookOnce);
      last = look.catch(() => undefined);
      return look;
    },
    refused: () => refusal,
  };
}
