/** Whether the record is what the checkpoints signed, and whether the checkpoints are all there. Needs no secret. */
import type { KeyObject } from 'node:crypto';
import type { AuditEntry } from '../audit.ts';
import type { Recorded } from '../store/store.ts';
import { complaint, follows, linesOf } from './checkpoint.ts';
import { isCheckpointed } from './checkpoints.ts';

/** Files of checkpoints, read and found signed; or the first line of one that does not hold. */
export type Signed =
  | {
      readonly holds: true;
      readonly count: number;
      /** The last event that any of them covers; 0 where there is none. */
      readonly through: number;
      /** To be shown each link of the record: objects where it is not what was signed. */
      see(recorded: Recorded): string | undefined;
      /** Checkpoints that the record names and that are in none of these files, because they were made elsewhere. */
      elsewhere(): number;
    }
  | { readonly holds: false; readonly file: number; readonly line: number; readonly why: string };

/** @param files the text of each file of checkpoints */
export function readSigned(files: readonly string[], keys: readonly KeyObject[]): Signed {
  const hashes = new Map<number, Set<string>>();
  const digests = new Set<string>();
  const series = new Set<string>();
  let through = 0;
  for (const [file, text] of files.entries()) {
    const before = new Set<string>();
    for (const [index, line] of linesOf(text).entries()) {
      const why = complaint(line, keys) ?? (follows(line, before) ? undefined : 'the checkpoint before it is missing');
      if (why !== undefined) return { holds: false, file, line: index + 1, why };
      if (before.size === 0) series.add(line.digest);
      before.add(line.digest);
      digests.add(line.digest);
      const { seq, hash } = line.checkpoint;
      hashes.set(seq, (hashes.get(seq) ?? new Set()).add(hash));
      through = Math.max(through, seq);
    }
  }
  let others = 0;
  return {
    holds: true,
    count: digests.size,
    through,
    elsewhere: () => others,
    see({ seq, hash, event }) {
      const signed = hashes.get(seq);
      if (signed && (signed.size > 1 || !signed.has(hash)))
        return 'a checkpoint signed something else: this event, or one since the checkpoint before, was altered';
      if (!isCheckpointed(event)) return undefined;
      const named = JSON.parse(event) as AuditEntry;
      if (named.payloadHash !== undefined && digests.has(named.payloadHash)) return undefined;
      if (named.series !== undefined && series.has(named.series))
        return 'the checkpoint that the record names here is not in the file';
      others += 1;
      return undefined;
    },
  };
}
