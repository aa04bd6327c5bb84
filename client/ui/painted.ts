/** Marks a moment once the frame that shows it has been painted; the bench reads the marks. */
export function markPainted(name: 'attune:first-number' | 'attune:today-settled'): void {
  if (performance.getEntriesByName(name).length > 0) return;
  // The frame is requested for drawing, the task after it runs when it has been drawn.
  requestAnimationFrame(() => setTimeout(() => performance.mark(name)));
}
