/** So many at once for each key, the others one after another in a line of limited length (D-1, V8). */

/** The line is full: nothing was done, and it is worth asking again in a moment. */
export class LineFull extends Error {
  override readonly name = 'LineFull';
}

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/** Runs `work` in its turn. Rejects with `LineFull`, with the signal's reason where it aborts while waiting, and as `work` does. */
export type Turns = <T>(key: string, work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createTurns({ atOnce, waiting }: { readonly atOnce: number; readonly waiting: number }): Turns {
  const lines = new Map<string, Line>();

  return async (key, work, signal) => {
    const line = lines.get(key) ?? { running: 0, waiting: [] };
    lines.set(key, line);
    if (line.running < atOnce) line.running += 1;
    else await place(line, signal);
    try {
      return await work();
    } finally {
      leave(key, line);
    }
  };

  /** Resolves when someone who leaves has handed on their place. */
  async function place(line: Line, signal: AbortSignal | undefined): Promise<void> {
    if (line.waiting.length >= waiting) throw new LineFull();
    signal?.throwIfAborted();
    await new Promise<void>((comes, goes) => {
      const turn = () => {
        signal?.removeEventListener('abort', giveUp);
        comes();
      };
      const giveUp = () => {
        line.waiting.splice(line.waiting.indexOf(turn), 1);
        goes(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      line.waiting.push(turn);
    });
  }

  function leave(key: string, line: Line): void {
    const next = line.waiting.shift();
    if (next) next();
    else line.running -= 1;
    if (line.running === 0) lines.delete(key);
  }
}
