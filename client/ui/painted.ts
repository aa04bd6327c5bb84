/** Marks a moment once the frame that shows it has been painted; the bench reads the marks. */
export function markPainted(name: 'attune:first-number' | 'attune:today-settled'): void {
  if (performance.getEntriesByName(name).length > 0) return;
  void painted().then(() => performance.mark(name));
}

/** Resolves when the next frame has been drawn: it is requested for drawing, and the task after it runs when it has been. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
