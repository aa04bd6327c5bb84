/** The note's text when the server cannot make it: for the clinician to copy, so that nothing is lost. */
import type { Unsourced } from '../write-back.ts';

/** Plain sentences, values with units and dates; says that nothing was written. */
export function plainNote(note: Unsourced): string {
  return [
    note.summary,
    `Recommended: ${note.action}`,
    note.detail,
    'Values used:',
    ...note.inputs.map(({ label, value, effective }) => `- ${label}: ${value}${effective ? `, ${effective}` : ''}`),
    ...(note.missing.length > 0 ? ['Missing or not usable:', ...note.missing.map((text) => `- ${text}`)] : []),
    `Limits: ${note.limitation}`,
    `Attune, library ${note.libraryVersion}, ${note.libraryDigest}. Copied by hand; not written by Attune.`,
  ].join('\n');
}
