/** Moments that are worth a mark; the bench reads them. */
type Moment = 'attune:first-number' | 'attune:today-settled';

const waiting = new Map<Moment, (() => void)[]>();

/** Marks a moment once the frame that shows it has been painted, and lets go whoever waits for it. */
export function markPainted(name: Moment): void {
  if (performance.getEntriesByName(name).length > 0) return;
  void painted().then(() => {
    performance.mark(name);
    for (const resolve of waiting.get(name)?.splice(0) ?? []) resolve();
  });
}

/** Resolves when the moment has been marked. */
export function whenPainted(name: Moment): Promise<void> {
  if (performance.getEntriesByName(name).length > 0) return Promise.resolve();
  return new Promise((resolve) => {
    waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
  });
}

/** Resolves when the next frame has been drawn: it is requested for drawing, and the task after it runs when it has been. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
