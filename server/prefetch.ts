/** The first round of reads, started at the callback while the page still loads: held in this process's memory only, handed out once, gone after 15 s or beyond 5 MB. */
import type { Bytes } from './admit.ts';

/** An EHR's answer as the browser may have it. */
export interface Relayed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Bytes;
}

/** One read to start early. `key` is what the browser's identical request will be asked for by. */
export interface Early {
  readonly key: string;
  readonly run: () => Promise<Relayed>;
}

/**
 * Answers worth handing on. A refusal of the question as asked, and a request to wait, are as good a moment later: asking
 * again would only cost the EHR another read. After any other failure the browser's own request meets the EHR as it is then.
 */
const HELD: ReadonlySet<number> = new Set([200, 400, 404, 422, 429, 503]);

interface Held {
  readonly answers: Map<string, Promise<Relayed | undefined>>;
  bytes: number;
}

/** Answers waiting for the browser, by launch. */
export interface Prefetch {
  start(launchId: string, reads: readonly Early[]): void;
  /** The answer, or the one under way, once; `undefined` when there is none to give and the caller has to read for itself. */
  take(launchId: string, key: string): Promise<Relayed | undefined> | undefined;
  drop(launchId: string): void;
}

export function createPrefetch(limits: { readonly maxBytes?: number; readonly maxMs?: number } = {}): Prefetch {
  const { maxBytes = 5 * 1024 * 1024, maxMs = 15_000 } = limits;
  const launches = new Map<string, Held>();

  async function hold(held: Held, run: Early['run']): Promise<Relayed | undefined> {
    const answer = await run().catch(() => undefined);
    if (!answer || !HELD.has(answer.status)) return undefined;
    held.bytes += Buffer.byteLength(answer.body);
    return held.bytes > maxBytes ? undefined : answer;
  }

  return {
    start(launchId, reads) {
      const held: Held = { answers: new Map(), bytes: 0 };
      launches.set(launchId, held);
      for (const { key, run } of reads) held.answers.set(key, hold(held, run));
      setTimeout(() => launches.delete(launchId), maxMs).unref();
    },
    take(launchId, key) {
      const answers = launches.get(launchId)?.answers;
      const answer = answers?.get(key);
      answers?.delete(key);
      if (answers?.size === 0) launches.delete(launchId);
      return answer;
    },
    drop: (launchId) => void launches.delete(launchId),
  };
}
