/** Judges the EHR's answers: small ones at once, large ones in threads of their own, so that no chart, however large, keeps the others waiting. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Admitted, type Asked, admit, type Bytes } from './admit.ts';

/** Below this, handing over costs more than reading. */
const APART_BYTES = 256 * 1024;
const IDLE_MS = 30_000;
/** Beside the main thread's core. Each may need its heap. */
const MOST_THREADS = 2;
/** Twice what 20 MB of the costliest JSON take, parsed and written anew. A thread that runs out of it would end the process. */
const HEAP_MB = 1_024;
/** A dozen of the largest. They come in faster than they are judged, and each is held until then. */
const MOST_HELD_BYTES = 256 * 1024 * 1024;

/**
 * The verdict on an answer, or that there is no room for it at the moment. Its bytes belong to the judge from here on, and
 * so does the buffer under them.
 */
export type Judge = (asked: Asked, answer: Bytes) => Promise<Admitted | Full> | Admitted | Full;

/** Not judged: asking again in a moment is worth it. */
export type Full = { readonly refused: 'full' };

interface Case {
  readonly asked: Asked;
  readonly answer: Bytes;
  readonly settle: (admitted: Admitted) => void;
}

interface Thread {
  take(one: Case): void;
}

/**
 * A judge with one thread for each core beside the main thread's, two at most. They start with the first large answer and
 * go when none has come for half a minute. `mostHeld`: bytes of large answers that are being judged or wait for it.
 */
export function createJudge(limits: { readonly threads?: number; readonly mostHeld?: number } = {}): Judge {
  const { threads = Math.min(MOST_THREADS, Math.max(1, availableParallelism() - 1)), mostHeld = MOST_HELD_BYTES } =
    limits;
  const waiting: Case[] = [];
  const idle = new Set<Thread>();
  let running = 0;
  let held = 0;

  function assign(one: Case): void {
    const [thread] = idle;
    if (!thread && running >= threads) return void waiting.push(one);
    if (thread) idle.delete(thread);
    (thread ?? start()).take(one);
  }

  function start(): Thread {
    const worker = new Worker(new URL('./admit-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      execArgv: [],
      env: {},
    });
    worker.unref();
    running += 1;
    let current: Case | undefined;
    let leaving: NodeJS.Timeout | undefined;
    const thread: Thread = {
      take(one) {
        clearTimeout(leaving);
        current = one;
        worker.postMessage({ asked: one.asked, answer: one.answer }, [one.answer.buffer]);
      },
    };
    worker.on('message', (admitted: Admitted) => {
      current?.settle(admitted);
      current = undefined;
      const next = waiting.shift();
      if (next) return thread.take(next);
      idle.add(thread);
      leaving = setTimeout(() => {
        idle.delete(thread);
        void worker.terminate();
      }, IDLE_MS).unref();
    });
    // A thread that fails takes its case along; `exit` follows.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      running -= 1;
      idle.delete(thread);
      current?.settle({ refused: 'unreadable' });
      const next = waiting.shift();
      if (next) assign(next);
    });
    return thread;
  }

  return (asked, answer) => {
    const { byteLength } = answer;
    if (byteLength < APART_BYTES) return admit(asked, answer);
    if (held + byteLength > mostHeld) return { refused: 'full' };
    return new Promise((resolve) => {
      const settle = (admitted: Admitted) => {
        held -= byteLength;
        resolve(admitted);
      };
      assign({ asked, answer, settle });
      held += byteLength;
    });
  };
}
