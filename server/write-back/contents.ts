/** What an outbox row keeps sealed: the bytes, and the words that the screen needs to tell of them. */
import { z } from 'zod';
import { type ProposalKind, proposals } from '../../models/engine/proposals/index.ts';
import type { KeyRing } from '../store/keys.ts';
import type { OutboxRow, Sealed } from '../store/store.ts';
import { about } from './bodies.ts';

const contentsSchema = z.object({
  kind: z.enum(Object.keys(proposals) as [ProposalKind, ...ProposalKind[]]),
  /** Absent in rows of an older version: a note about a medicine, say. */
  about: about.default({}),
  resource: z.string(),
  text: z.string(),
  summary: z.string(),
  recommendationId: z.string(),
  indicator: z.enum(['info', 'warning', 'critical']),
  libraryDigest: z.string(),
  /** It goes through the EHR's frame, not from here. */
  via: z.literal('scratchpad').exactOptional(),
  /** Approval of the write that this one withdraws. */
  corrects: z.string().exactOptional(),
});

/** The sealed part of a row. */
export type Contents = z.infer<typeof contentsSchema>;

/** Version of this format; part of what the seal is bound to. */
const FORMAT = '1';

type Bound = Pick<OutboxRow, 'tenantId' | 'key'>;

export function sealContents(keys: KeyRing, row: Bound, contents: Contents): Sealed {
  return keys.seal(JSON.stringify(contents), [row.tenantId, row.key, FORMAT]);
}

/** Throws when the row was altered, or its contents were purged. */
export function openContents(keys: KeyRing, row: Bound & Pick<OutboxRow, 'sealed'>): Contents {
  if (!row.sealed) throw new Error('the contents of this row were purged');
  return contentsSchema.parse(JSON.parse(keys.open(row.sealed, [row.tenantId, row.key, FORMAT])));
}
