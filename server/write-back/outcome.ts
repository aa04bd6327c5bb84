/** One outbox row in words, for the clinician: what is certain, what is in doubt, and what to do. */
import type { WriteOutcome } from '../../launch/api.ts';
import type { OutboxRow } from '../store/store.ts';
import type { Contents } from './contents.ts';
import { clockTime } from './time.ts';

/** How often in a row the EHR must not have the note before it may be sent again (interop X3). */
export const ABSENCES = 3;

/** The row as the browser sees it. `timeZone` is the hospital's. */
export function outcomeOf(row: OutboxRow, contents: Contents, timeZone?: string): WriteOutcome {
  return {
    approvalId: row.approvalId,
    recommendationId: contents.recommendationId,
    summary: contents.summary,
    state: row.state,
    ...(row.reference ? { reference: row.reference } : {}),
    ...(row.versionId ? { versionId: row.versionId } : {}),
    approvedAt: row.approvedAt,
    ...(row.settledAt ? { settledAt: row.settledAt } : {}),
    message: message(row, timeZone),
    mayResend: mayResend(row),
    text: contents.text,
  };
}

/** Whether the only thing left is to ask the clinician to send again. */
export function mayResend(row: OutboxRow): boolean {
  return row.state === 'unknown' && row.reference === null && row.absences >= ABSENCES;
}

function message(row: OutboxRow, timeZone?: string): string {
  const id = row.reference?.split('/').at(-1);
  const sent = clockTime(row.sentAt ?? row.approvedAt, timeZone);
  switch (row.state) {
    case 'approved':
      return 'Approved, not sent yet.';
    case 'sending':
      return `Sending since ${sent}, not yet confirmed. Do not send again.`;
    case 'confirmed':
      return `Note saved (${id}). No order was placed.`;
    case 'rejected':
      return `Note not saved: the EHR refused it (${row.detail?.replace('refused-', '')}). Nothing was written; the text is kept.`;
    case 'expired':
      return 'Note not sent: the session ended first. Nothing was written; the text is kept. Approve it again.';
    case 'unknown':
      return doubt(row, sent, id);
  }
}

function doubt(row: OutboxRow, sent: string, id: string | undefined): string {
  const [why = '', fields = ''] = row.detail?.split(':') ?? [];
  if (why === 'read-back-differs') {
    return `Not saved as approved: the EHR holds note ${id} with a different ${fields.replaceAll(',', ', ')}. Check and correct it in the chart. Do not send again.`;
  }
  if (why === 'several') return `Sent ${sent}; the chart holds more than one copy. Check the chart. Do not send again.`;
  if (mayResend(row)) {
    return `Sent ${sent}, looked for ${row.absences} times and not found. Not confirmed: check the chart. Resend?`;
  }
  if (id)
    return `Sent ${sent}; the EHR named it ${id} but has not shown it back yet. Not confirmed. Do not send again.`;
  return `Sent ${sent}, not yet confirmed. Do not send again.`;
}
