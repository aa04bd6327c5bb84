/**
 * One read with patience: 429 and 503 are asked again when the EHR says so, else after a random, growing pause (Q16).
 * Every launch has a budget of reads and of repetitions, and when the EHR asks one query to wait, all of them wait.
 */
import { ReadFailure } from './failure.ts';

/** Sends one GET and resolves to the parsed body; throws a `ReadFailure`. */
export type Send = (url: string, signal: AbortSignal) => Promise<unknown>;

/** How much one launch may ask for. */
export interface Budget {
  readonly requests: number;
  /** Repetitions of one read, and of all reads together. */
  readonly retries: number;
  readonly retriesPerLaunch: number;
  /** Milliseconds: the first pause without `Retry-After` is up to this long, each later one up to twice the last. */
  readonly backoff: number;
}

/** The clock and the dice, handed in so that tests need not wait. */
export interface Waiting {
  readonly now: () => number;
  readonly random: () => number;
  /** Resolves after `ms`, rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The query's own limits: given up on `signal`, which is due at `deadline`. */
export interface Patience {
  readonly signal: AbortSignal;
  readonly deadline: number;
}

export type Reader = (url: string, patience: Patience) => Promise<unknown>;

export function createReader(send: Send, budget: Budget, waiting: Waiting): Reader {
  let requests = 0;
  let retries = 0;
  let notBefore = 0;

  async function once(url: string, { signal, deadline }: Patience): Promise<unknown> {
    // A wait that the query would not survive is not kept: its answer may still come from a source that is not throttled.
    const wait = notBefore - waiting.now();
    if (wait > 0 && waiting.now() + wait < deadline) await waiting.pause(wait, signal);
    if (signal.aborted) throw new ReadFailure('given-up');
    requests += 1;
    if (requests > budget.requests) throw new ReadFailure('budget');
    return send(url, signal);
  }

  /** How long to wait before asking again; `undefined` when it is not worth asking. */
  function pauseBeforeRetry(failure: ReadFailure, attempt: number, deadline: number): number | undefined {
    const busy = failure.status === 429 || failure.status === 503;
    if (!busy || failure.meanings.includes('try-later') || attempt >= budget.retries) return undefined;
    if (retries >= budget.retriesPerLaunch) return undefined;
    const jitter = waiting.random() * budget.backoff * 2 ** attempt;
    const wait = failure.retryAfter === undefined ? jitter : failure.retryAfter + jitter / 2;
    return waiting.now() + wait < deadline ? wait : undefined;
  }

  return async (url, patience) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(url, patience);
      } catch (error) {
        if (!(error instanceof ReadFailure)) throw error;
        if (error.retryAfter !== undefined) notBefore = Math.max(notBefore, waiting.now() + error.retryAfter);
        const wait = pauseBeforeRetry(error, attempt, patience.deadline);
        if (wait === undefined) throw error;
        retries += 1;
        await waiting.pause(wait, patience.signal);
      }
    }
  };
}

/** `Retry-After` in seconds or as an HTTP date, as milliseconds from `now`; `undefined` when absent or unreadable. */
export function retryAfterOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** A pause that ends early, as a `given-up`, when the query is given up. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new ReadFailure('given-up'));
    const stop = () => {
      clearTimeout(timer);
      reject(new ReadFailure('given-up'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
