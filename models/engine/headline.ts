/** Headlines as CDS Hooks wants them: shorter than 140 characters. */

/** Most characters of a summary. */
export const SUMMARY = 139;

/** Cut where it is too long. Only for words: a dose is left out whole, never cut in the middle. */
export function clipped(text: string): string {
  return text.length <= SUMMARY ? text : `${text.slice(0, SUMMARY - 1)}…`;
}
