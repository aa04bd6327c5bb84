/** A world with its own clock and its own dice: nothing in it happens but what the seed decides, and a failing seed fails again. */

/** What never comes: the rest of a process that died. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class World {
  /** Epoch milliseconds. */
  now = Date.parse('2026-11-22T09:16:05Z');
  /** Between 0 and 1. */
  readonly random: () => number;
  #events: Event[] = [];
  #order = 0;

  constructor(seed: number) {
    this.random = mulberry(seed);
  }

  readonly clock = (): Date => new Date(this.now);
  readonly chance = (p: number): boolean => this.random() < p;
  readonly between = (from: number, to: number): number => from + Math.floor(this.random() * (to - from + 1));
  readonly pick = <T>(from: readonly T[]): T => from[Math.floor(this.random() * from.length)] as T;

  after(ms: number, run: () => void): () => void {
    const event = { at: this.now + ms, order: this.#order++, run };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((each) => each !== event);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets time pass until the work is done. Throws when it waits for something that will never happen. */
  async until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const settled = work.finally(() => {
      done = true;
    });
    settled.catch(() => {});
    for (;;) {
      await quiescent();
      if (done) return settled;
      if (!this.#step()) throw new Error('the world stands still');
    }
  }

  /** Everything that is still under way happens. */
  async drain(): Promise<void> {
    do await quiescent();
    while (this.#step());
  }

  #step(): boolean {
    const [first, ...rest] = this.#events;
    if (!first) return false;
    const next = rest.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a), first);
    this.#events = this.#events.filter((each) => each !== next);
    this.now = Math.max(this.now, next.at);
    next.run();
    return true;
  }
}

/** All that can be done without time passing is done; reading the body of a Response takes a few turns. */
async function quiescent(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Mulberry32: small, seeded, the same everywhere. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
