/** One outbox row in words, for the clinician: what is certain, what is in doubt, and what to do. */
import type { WriteOutcome } from '../../launch/api.ts';
import { proposals } from '../../models/engine/proposals/index.ts';
import type { OutboxRow } from '../store/store.ts';
import type { Contents } from './contents.ts';
import { clockTime } from './time.ts';

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
    state: row.state,
    ...(row.reference ? { reference: row.reference } : {}),
    ...(row.versionId ? { versionId: row.versionId } : {}),
    approvedAt: row.approvedAt,
    ...(row.settledAt ? { settledAt: row.settledAt } : {}),
    message: message(row, proposals[contents.kind].noun, resendable, telling),
    mayResend: resendable,
    text: contents.text,
  };
}

/** Whether the only thing left is to ask the clinician to send again: the EHR does not have it, and nothing of ours is still on its way. */
export function mayResend(row: OutboxRow, quiet: boolean): boolean {
  return row.state === 'unknown' && row.reference === null && row.absences >= ABSENCES && quiet;
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
      return `${noun} saved (${id}). No order was placed.`;
    case 'rejected':
      if (row.detail === 'withdrawn') return `${noun} withdrawn: marked in the chart as entered in error (${id}).`;
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
