/**
 * What travels between the browser and our own server under `/l/<launchId>/`, besides FHIR reads.
 * Every request carries the header `X-Launch: <launchId>`; unsafe methods carry JSON and a same-origin `Origin`.
 */
import type { Accepted, AcceptedInput } from '../models/engine/proposals/proposal.ts';

/** The recommendation that a clinician accepted, as sent for preview: exactly what the engine makes a proposal of. No HTML anywhere. */
export type AcceptedRecommendation = Accepted;

/** One input as it will be written: rendered by the browser from the evaluation's basis, units and dates included. */
export type NoteInput = AcceptedInput;

/** `POST /l/:id/write-back/preview` */
export interface PreviewRequest {
  readonly recommendation: AcceptedRecommendation;
}

/** What will be written, exactly: `resource` is the bytes that approval sends. */
export interface Preview {
  readonly approvalId: string;
  /** SHA-256 (hex) of `resource`. */
  readonly hash: string;
  /** The JSON text that will be posted, byte for byte. */
  readonly resource: string;
  readonly resourceType: string;
  /** The note's text, for reading. */
  readonly text: string;
  /** Where it goes, in words: `Clinical note (DocumentReference) in Practice EHR`. */
  readonly destination: string;
  readonly author: string;
  readonly expiresAt: string;
}

/** `POST /l/:id/write-back/approve` */
export interface ApproveRequest {
  readonly approvalId: string;
  readonly hash: string;
}

/** The state of one approved write. `confirmed` only after the EHR has read it back and it compared equal. */
export type WriteState = 'approved' | 'sending' | 'confirmed' | 'rejected' | 'unknown' | 'expired';

/** One row of `GET /l/:id/write-back`, and the answer to an approval. */
export interface WriteOutcome {
  readonly approvalId: string;
  readonly recommendationId: string;
  readonly summary: string;
  readonly state: WriteState;
  /** `DocumentReference/123`, once the EHR named it: confirmed, or in doubt because it did not read back as approved. */
  readonly reference?: string;
  readonly versionId?: string;
  /** ISO instants. */
  readonly approvedAt: string;
  readonly settledAt?: string;
  /** For the screen: `Note saved (123). No order was placed.` or what is in doubt and what to do. */
  readonly message: string;
  /** The EHR was looked through and does not have it: the clinician may send it again. */
  readonly mayResend: boolean;
  /** The note's text, so that nothing is lost when the write failed. */
  readonly text: string;
}

/** `POST /l/:id/events`: what was shown and answered, for the append-only record. */
export interface ReviewEvent {
  readonly type: 'shown' | 'accepted' | 'deferred' | 'declined' | 'evidence-opened';
  readonly recommendationId: string;
  readonly indicator: 'info' | 'warning' | 'critical';
  readonly libraryDigest: string;
  /** Coded reason for deferred and declined. */
  readonly reason?: string;
}

/** Error body of every JSON endpoint: no PHI, no stack. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  /** Shown to the user and written to the log. */
  readonly requestId: string;
}
