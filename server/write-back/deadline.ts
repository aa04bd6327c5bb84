/** Runs something once after so many milliseconds; the answer calls it off. Handed in so that a simulation has its own time. */
export type After = (ms: number, run: () => void) => () => void;

/** The machine's own time. */
export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** Work with an end: after `ms` the signal aborts and the promise rejects, even if the work ignores the signal. */
export async function withDeadline<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  later: After = after,
): Promise<T> {
  const controller = new AbortController();
  let callOff = () => {};
  const deadline = new Promise<never>((_resolve, reject) => {
    callOff = later(ms, () => {
      reject(new Error('deadline passed'));
      controller.abort();
    });
  });
  try {
    return await Promise.race([work(controller.signal), deadline]);
  } finally {
    callOff();
  }
}
