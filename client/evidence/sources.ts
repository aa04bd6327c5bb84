/**
 * The words of citations: a file of their own, read once Today has settled, since nothing is judged by them. Until they
 * are here a source is said to be on its way; nothing is written without them.
 */
import { signal } from '@preact/signals';
import type { ServedPart } from '../../launch/context.ts';
import { inFull, isShort } from '../../models/engine/citation-words.ts';
import type { Citation } from '../../models/engine/measured.ts';
import { ApiFailure } from '../api.ts';
import { context } from '../state.ts';
import { readBelieved } from './believed.ts';

/** The words of the library in force, once they are here. */
const words = signal<readonly string[] | undefined>(undefined);
let coming: Promise<readonly string[]> | undefined;

/** Reads the words, once; after a failure the next call tries again. Rejects with `ApiFailure`. */
export function bringSources(): Promise<readonly string[]> {
  coming ??= read(context.value?.library.citations).then(
    (list) => {
      words.value = list;
      return list;
    },
    () => {
      coming = undefined;
      throw new ApiFailure('sources-absent', 'The sources that a note must name did not arrive.');
    },
  );
  return coming;
}

/** Citations as they are shown now; `undefined` while the words of one are on their way. */
export function sourcesNow(citations: readonly Citation[]): readonly Citation[] | undefined {
  const known = words.value;
  if (!citations.some(isShort)) return citations;
  return known?.length ? citations.map((citation) => inFull(citation, known)) : undefined;
}

/** Citations as they may be written. Rejects with `ApiFailure` when their words cannot be had. */
export async function sourcesOf(citations: readonly Citation[]): Promise<readonly Citation[]> {
  if (!citations.some(isShort)) return citations;
  const known = await bringSources();
  return citations.map((citation) => inFull(citation, known));
}

/** The list, if its bytes are those that the launch names. */
async function read(part: ServedPart | undefined): Promise<readonly string[]> {
  const file = part && (await readBelieved<readonly string[]>(part));
  if (file?.is !== 'read') throw new TypeError(file?.is ?? 'the launch names no file of citations');
  return file.content;
}
