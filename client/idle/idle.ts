/**
 * A launch that nobody uses ends on the server (T5). Here that is said a minute before, and the server is told that
 * someone is there as long as someone is: reading and scrolling ask it nothing by themselves (WCAG 2.2.1).
 */

/** Said this long before the end. Milliseconds. */
const WARN_MS = 60_000;
/** Someone who is there is told of at most this often. */
const TOLD_EVERY_MS = 60_000;
/** The server may end a launch a little early, and a message is on its way for a while. */
const MARGIN_MS = 15_000;
const ACTIVITY = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const;

/** When the session ends, and whether it can go on. Epoch milliseconds. */
export interface Ending {
  readonly at: number;
  readonly mayStay: boolean;
}

/** What is watched, and who hears of it. */
export interface Watching {
  /** How long a launch may lie unused, and when it is over in any case. Milliseconds, epoch milliseconds. */
  readonly idleMs: number;
  readonly expiresAt: number;
  /** Tells the server that someone is there; rejects when it does not answer, or with `ended` in its hands. */
  readonly tell: () => Promise<unknown>;
  /** `undefined`: nothing is about to end. */
  readonly onEnding: (ending: Ending | undefined) => void;
  readonly onEnded: () => void;
  /** Where someone's presence shows. */
  readonly target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
}

/** Watches until the end. Answers with the call by which someone stays. */
export function watchIdle({ idleMs, expiresAt, tell, onEnding, onEnded, target }: Watching): () => Promise<void> {
  let heard = Date.now();
  let telling: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = () => {
    clearTimeout(timer);
    const idleAt = heard + idleMs - MARGIN_MS;
    const at = Math.min(idleAt, expiresAt);
    const left = at - Date.now();
    if (left <= 0) {
      for (const kind of ACTIVITY) target.removeEventListener(kind, notice);
      onEnding(undefined);
      return onEnded();
    }
    const soon = left <= WARN_MS;
    onEnding(soon ? { at, mayStay: idleAt < expiresAt } : undefined);
    timer = setTimeout(look, soon ? 1000 : Math.min(left - WARN_MS, 2 ** 31 - 1));
  };

  const stay = () => {
    const at = Date.now();
    telling ??= tell()
      .then(
        () => {
          heard = at;
        },
        // What the server did not hear does not count; the count-down goes on.
        () => undefined,
      )
      .then(() => {
        telling = undefined;
        look();
      });
    return telling;
  };

  function notice(): void {
    if (Date.now() - heard >= TOLD_EVERY_MS) void stay();
  }

  for (const kind of ACTIVITY) target.addEventListener(kind, notice, { passive: true });
  look();
  return stay;
}
