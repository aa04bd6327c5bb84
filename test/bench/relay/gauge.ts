/** Loaded into a process before anything else (`--import`): answers over the IPC channel what only that process can know. The product knows nothing of it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What the gauge is asked. `memory` collects garbage first where the process was started with `--expose-gc`. */
export type Asked = 'memory' | 'stall' | 'stall-start';

/** What it answers, since it was last asked to start where it is about a time. */
export interface Gauged {
  /** Bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  /** The longest time (ms) for which the event loop answered nothing. */
  readonly stall: number;
  /** The most that the main thread worked (ms of CPU) between two turns of the loop: a stall without what other processes took. */
  readonly work: number;
  /** CPU time of the whole process since it began, in milliseconds. */
  readonly cpu: number;
}

const TURN_MS = 1;
const delay = monitorEventLoopDelay({ resolution: TURN_MS });
delay.enable();

const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000;
let worked = ms(process.threadCpuUsage());
let work = 0;
const turn = () => {
  const before = worked;
  worked = ms(process.threadCpuUsage());
  work = Math.max(work, worked - before);
};
setInterval(turn, TURN_MS).unref();

process.channel?.unref();
process.on('message', (asked: Asked) => {
  if (asked === 'stall-start') {
    turn();
    work = 0;
    delay.reset();
  }
  if (asked === 'memory') for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const stall = Math.max(0, delay.max / 1e6 - TURN_MS);
  process.send?.({ rss, heapUsed, stall, work, cpu: ms(process.cpuUsage()) } satisfies Gauged);
});
