/**
 * What became of a draft that the browser handed to the EHR's frame (interop R1, W3): the server made the bytes and keeps
 * the row, but neither sends nor can look. At best it is *proposed*: a scratchpad need not keep anything.
 */
import type { ScratchpadAnswer } from '../../launch/api.ts';
import type { Audit, AuditEvent } from '../audit.ts';
import type { Launched } from '../launched.ts';
import type { OutboxRow, Store } from '../store/store.ts';
import type { Contents } from './contents.ts';
import { Refusal } from './refusal.ts';

/** Detail of a row that is settled as not in the chart, because it lies in the scratchpad. */
export const PROPOSED = 'proposed';

type Change = Pick<OutboxRow, 'state' | 'detail' | 'reference'>;

/** Takes the EHR's answer, or the clinician's, into the row. Whoever comes second changes nothing. */
export async function takeAnswer(options: {
  readonly store: Store;
  readonly audit: Audit;
  readonly launched: Launched;
  readonly row: OutboxRow;
  readonly contents: Contents;
  readonly answer: ScratchpadAnswer['answer'];
  readonly now: Date;
}): Promise<OutboxRow> {
  const { store, audit, launched, row, contents, answer, now } = options;
  if (contents.via !== 'scratchpad') throw new Refusal(409, 'not-in-scratchpad', 'That was not sent to a scratchpad.');
  const change = changeFrom(answer, contents);
  const { approvalId, attempts, payloadHash } = row;
  const { recommendationId, indicator, libraryDigest } = contents;
  const event = audit.entry(launched, {
    type: typeOf(change),
    recommendationId,
    indicator,
    libraryDigest,
    approvalId,
    payloadHash,
    ...(change.reference && { reference: change.reference }),
    ...(change.detail && { reason: answer.is === 'looked' ? `${change.detail}-as-looked-up` : change.detail }),
  });
  const settledAt = change.state === 'unknown' ? null : now.toISOString();
  const from = ['sending', 'unknown'] as const;
  const moved = await store.move({ approvalId, from, attempts, set: { ...change, settledAt } }, event);
  return moved ?? (await store.find(row.tenantId, approvalId)) ?? row;
}

/** `status` is an HTTP status line without its protocol, as in `Bundle.entry.response`. */
function changeFrom(answer: ScratchpadAnswer['answer'], { kind }: Contents): Change {
  const doubt = (detail: string): Change => ({ state: 'unknown', detail, reference: null });
  switch (answer.is) {
    case 'no-answer':
      return doubt('no-answer');
    case 'looked':
      return answer.there
        ? { state: 'rejected', detail: PROPOSED, reference: null }
        : { state: 'expired', detail: 'not-there', reference: null };
    case 'answered': {
      const status = Number(/^\d{3}\b/.exec(answer.status)?.[0]);
      if (status >= 400 && status < 500) return { state: 'rejected', detail: `refused-${status}`, reference: null };
      if (!(status >= 200 && status < 300)) return doubt(status ? `status-${status}` : 'no-status');
      const reference = answer.location ?? '';
      // Without a place that it may be found in, a success is only said.
      if (!new RegExp(`^${kind}/[A-Za-z0-9.-]{1,64}$`).test(reference)) return doubt('no-location');
      return { state: 'rejected', detail: PROPOSED, reference };
    }
  }
}

function typeOf({ state, detail }: Change): AuditEvent['type'] {
  if (detail === PROPOSED) return 'proposed';
  return state === 'unknown' ? 'in-doubt' : 'failed';
}
