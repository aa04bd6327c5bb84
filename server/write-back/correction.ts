/** Why something is taken back, and the note that says so where an entry itself may not be changed (interop WB8): an ordinary write, previewed and approved like any other. */
import type { AcceptedRecommendation } from '../../launch/api.ts';
import type { LaunchContext } from '../../launch/context.ts';
import type { OutboxRow } from '../store/store.ts';
import type { Contents } from './contents.ts';

/** Coded, one tap each; the words stand in the correcting note. */
export const WITHDRAW_REASONS = [
  { code: 'approved-by-mistake', word: 'Approved by mistake' },
  { code: 'wrong-chart', word: 'Wrong patient or visit' },
  { code: 'something-wrong', word: 'Something in it is wrong' },
  { code: 'no-longer-applies', word: 'No longer applies' },
  { code: 'written-twice', word: 'Written twice' },
] as const;

/** Code of a reason, as it goes into the record. */
export type WithdrawReason = (typeof WITHDRAW_REASONS)[number]['code'];

/** What the correcting note says. `written`: when the other one was approved, with offset. `noun`: what it is. */
export function correctionOf(options: {
  readonly row: OutboxRow;
  readonly contents: Contents;
  readonly noun: string;
  readonly written: string;
  readonly reason: WithdrawReason;
  readonly library: LaunchContext['library'];
}): AcceptedRecommendation {
  const { row, contents, noun, written, reason, library } = options;
  const word = WITHDRAW_REASONS.find(({ code }) => code === reason)?.word ?? reason;
  return {
    // One withdrawal of one write: the approval is part of what is wanted.
    id: `withdrawal/${row.approvalId}`,
    indicator: 'info',
    summary: `Withdrawn: ${contents.summary}`,
    detail: `${noun} ${row.reference}, approved in Attune at ${written}, is withdrawn by its author. Reason: ${word}. This EHR does not let an app mark that entry itself, so it stays as it is beside this note.`,
    action: `Disregard ${row.reference}.`,
    inputs: [],
    missing: [],
    limitation: 'It takes nothing else back: what was ordered or changed meanwhile has to be looked at.',
    citations: [],
    from: [{ id: 'withdrawal', version: '1', title: 'Withdrawal of what was written' }],
    libraryVersion: library.version,
    libraryDigest: contents.libraryDigest,
  };
}
