/** One outbox row in words, for the clinician: what is certain, what is in doubt, and what to do. */
import type { OutcomeState, WriteOutcome } from '../../launch/api.ts';
import { proposals } from '../../models/engine/proposals/index.ts';
import type { OutboxRow } from '../store/store.ts';
import type { Contents } from './contents.ts';
import { PROPOSED } from './scratchpad.ts';
import { clockTime } from './time.ts';
import { IN_DOUBT } from './withdrawal.ts';

/** How often in a row the EHR must not have the note before it may be sent again (interop X3). */
export const ABSENCES = 3;

/** From when on no earlier request for the row can still be committed, in epoch milliseconds: three request limits after it was sent. */
export function quietFrom(row: OutboxRow, timeout: number): number {
  return Date.parse(row.sentAt ?? row.approvedAt) + 3 * timeout;
}

/** What the words depend on besides the row. `timeZone` is the hospital's, `timeout` the limit of one request in milliseconds. */
export interface Telling {
  readonly timeZone?: string;
  readonly now: Date;
  readonly timeout: number;
}

/** The row as the browser sees it. */
export function outcomeOf(row: OutboxRow, contents: Contents, telling: Telling): WriteOutcome {
  const resendable = mayResend(row, telling.now.getTime() >= quietFrom(row, telling.timeout));
  return {
    approvalId: row.approvalId,
    recommendationId: contents.recommendationId,
    summary: contents.summary,
    state: stateOf(row),
    ...(contents.via ? { via: contents.via } : {}),
    ...(row.reference ? { reference: row.reference } : {}),
    ...(row.versionId ? { versionId: row.versionId } : {}),
    approvedAt: row.approvedAt,
    ...(row.settledAt ? { settledAt: row.settledAt } : {}),
    message: contents.via
      ? scratchpadMessage(row, telling)
      : message(row, proposals[contents.kind].noun, resendable, telling),
    mayResend: resendable && !contents.via,
    mayWithdraw: mayWithdraw(row, contents),
    text: contents.text,
  };
}

/** Whether the only thing left is to ask the clinician to send again: the EHR does not have it, and nothing of ours is still on its way. */
export function mayResend(row: OutboxRow, quiet: boolean): boolean {
  return row.state === 'unknown' && row.reference === null && row.absences >= ABSENCES && quiet;
}

/** Whether it is in the chart, or may still be, and is itself no withdrawal (interop WB8). */
export function mayWithdraw({ state }: OutboxRow, { corrects }: Contents): boolean {
  return state === 'confirmed' && corrects === undefined;
}

/** A row knows whether it is settled, and in its detail how: what left the chart, or never reached it, settles as `rejected`. */
function stateOf({ state, detail }: OutboxRow): OutcomeState {
  const [why = ''] = detail?.split(':') ?? [];
  if (state === 'confirmed' && why === IN_DOUBT) return 'withdrawal-in-doubt';
  if (state === 'rejected' && why === PROPOSED) return 'proposed';
  return state === 'rejected' && (why === 'withdrawn' || why === 'corrected') ? 'withdrawn' : state;
}

function scratchpadMessage(row: OutboxRow, { timeZone }: Telling): string {
  const sent = clockTime(row.sentAt ?? row.approvedAt, timeZone);
  switch (stateOf(row)) {
    case 'proposed':
      return `Draft proposed at ${sent}: it waits among your drafts in the EHR, and is not in the chart until you sign it there. No order was placed.`;
    case 'rejected':
      return `Draft not taken: the EHR refused it (${row.detail?.replace('refused-', '')}). Nothing was proposed; the text is kept.`;
    case 'expired':
      return 'Draft not in the EHR, as you saw there. Nothing was proposed; the text is kept. Approve it again.';
    default:
      return `Handed to the EHR at ${sent}, which has not said whether it took the draft. Look among your drafts there. It is not sent again by itself.`;
  }
}

function message(row: OutboxRow, noun: string, resendable: boolean, { timeZone, timeout }: Telling): string {
  const id = row.reference?.split('/').at(-1);
  const sent = clockTime(row.sentAt ?? row.approvedAt, timeZone);
  switch (row.state) {
    case 'approved':
      return 'Approved, not sent yet.';
    case 'sending':
      return `Sending since ${sent}, not yet confirmed. Do not send again.`;
    case 'confirmed':
      if (stateOf(row) === 'withdrawal-in-doubt')
        return `The EHR has not confirmed that the ${noun.toLowerCase()} is withdrawn. It may stand in the chart as it was, or as entered in error. Look there, check again, or withdraw it again.`;
      return `${noun} saved (${id}). No order was placed.`;
    case 'rejected':
      if (stateOf(row) === 'withdrawn')
        return withdrawn(row, noun, clockTime(row.settledAt ?? row.approvedAt, timeZone));
      return `${noun} not saved: the EHR refused it (${row.detail?.replace('refused-', '')}). Nothing was written; the text is kept.`;
    case 'expired':
      return `${noun} not sent: the session ended first. Nothing was written; the text is kept. Approve it again.`;
    case 'unknown':
      return doubt(row, {
        noun,
        sent,
        id,
        resendable,
        from: clockTime(new Date(quietFrom(row, timeout)).toISOString(), timeZone),
      });
  }
}

/** Said only of what the EHR has shown so. */
function withdrawn({ detail }: OutboxRow, noun: string, at: string): string {
  const [, correction] = detail?.split(':') ?? [];
  return correction
    ? `Withdrawn in the EHR at ${at}: a correcting note (${correction}) was saved and read back. The ${noun.toLowerCase()} itself stays as it was.`
    : `Withdrawn in the EHR at ${at}: read back as entered in error. No order was changed.`;
}

interface Doubt {
  readonly noun: string;
  readonly sent: string;
  readonly id: string | undefined;
  readonly resendable: boolean;
  /** When it may be sent again at the earliest. */
  readonly from: string;
}

function doubt(row: OutboxRow, { noun, sent, id, resendable, from }: Doubt): string {
  const [why = '', fields = ''] = row.detail?.split(':') ?? [];
  if (why === 'read-back-differs') {
    return `Not saved as approved: the EHR holds ${noun.toLowerCase()} ${id} with a different ${fields.replaceAll(',', ', ')}. Check and correct it in the chart. Do not send again.`;
  }
  if (why === 'several') return `Sent ${sent}; the chart holds more than one copy. Check the chart. Do not send again.`;
  if (resendable) {
    return `Sent ${sent}, looked for ${row.absences} times and not found. Not confirmed: check the chart. Resend?`;
  }
  if (why === 'unseen-copies') {
    return `The EHR holds it as ${id}; whether that is the only copy could not be seen yet. Not confirmed. Do not send again.`;
  }
  if (id)
    return `Sent ${sent}; the EHR named it ${id} but has not shown it back yet. Not confirmed. Do not send again.`;
  if (row.absences >= ABSENCES) {
    return `Sent ${sent}, looked for ${row.absences} times and not found. Not confirmed. It may still arrive; if it does not, it can be sent again from ${from}.`;
  }
  return `Sent ${sent}, not yet confirmed. Do not send again.`;
}
