/** What the clinician answers to a recommendation, on the screen and in the record. */
import type { ReviewEvent, WriteOutcome } from '../../launch/api.ts';
import type { Recommendation } from '../../models/engine/evaluation.ts';
import { type Answered, answered, library, running, settle } from '../state.ts';
import type { ReasonCode } from './reasons.ts';

const shown = new Set<string>();

/** Records once for each launch that a recommendation was on the screen. */
export function noteShown(recommendation: Recommendation): void {
  const key = `${running.value?.context.launchId ?? ''} ${recommendation.id}`;
  if (!running.value || shown.has(key)) return;
  shown.add(key);
  note('shown', recommendation);
}

/** Records that the evidence was opened. */
export function noteEvidence(recommendation: Recommendation): void {
  note('evidence-opened', recommendation);
}

/** Defers or declines; there is no answer without a coded reason. */
export function decide(recommendation: Recommendation, how: 'deferred' | 'declined', reason: ReasonCode): void {
  set(recommendation, { how, reason, at: Date.now() });
  note(how, recommendation, reason);
}

/** The note was approved; what became of it is in the outcome. */
export function accepted(recommendation: Recommendation, outcome: WriteOutcome): void {
  set(recommendation, { how: 'accepted', outcome });
  settle([outcome]);
  note('accepted', recommendation);
}

/** Takes a defer or decline back, or asks anew after a withdrawal; the record keeps all of it. */
export function undo(recommendation: Recommendation): void {
  const rest = new Map(answered.value);
  rest.delete(recommendation.id);
  answered.value = rest;
}

function set(recommendation: Recommendation, answer: Answered): void {
  answered.value = new Map(answered.value).set(recommendation.id, answer);
}

function note(type: ReviewEvent['type'], { id, indicator }: Recommendation, reason?: ReasonCode): void {
  const digest = library.value?.digest;
  if (digest === undefined) return;
  running.value?.api.record({
    type,
    recommendationId: id,
    indicator,
    libraryDigest: digest,
    ...(reason ? { reason } : {}),
  });
}
