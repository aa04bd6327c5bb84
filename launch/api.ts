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
  /** The EHR's frame has answered the handshake of SMART Web Messaging (interop W1); the server decides what follows from it. */
  readonly messaging?: boolean;
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
  /** What approving does, in words that are true of this way of writing: `Will be written`, `Write 1 note`. */
  readonly heading: string;
  readonly button: string;
  /** Given where the browser hands it to the EHR's frame; otherwise the server writes it. */
  readonly via?: 'scratchpad';
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

/**
 * What is said of it on the screen. `proposed`: it lies in the EHR's scratchpad and not in the chart (interop W3).
 * `withdrawn`: taken back, and read back as taken back; until that is certain `withdrawal-in-doubt`.
 */
export type OutcomeState = WriteState | 'proposed' | 'withdrawal-in-doubt' | 'withdrawn';

/** One row of `GET /l/:id/write-back`, and the answer to an approval. */
export interface WriteOutcome {
  readonly approvalId: string;
  readonly recommendationId: string;
  readonly summary: string;
  readonly state: OutcomeState;
  /** It went, or goes, through the EHR's frame: only the clinician can look whether it is there. */
  readonly via?: 'scratchpad';
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
  /** It is in the chart, as far as is known, and its approver may ask to have it taken back. */
  readonly mayWithdraw: boolean;
  /** The note's text, so that nothing is lost when the write failed. */
  readonly text: string;
}

/** `POST /l/:id/write-back/withdrawal` with `{approvalId}`: what taking it back does in this EHR, before anything is done. */
export interface Withdrawal {
  readonly approvalId: string;
  /** `marked`: its own entry is marked; `corrected`: a further note says so; `by-hand`: this EHR lets no app do either. */
  readonly how: 'marked' | 'corrected' | 'by-hand';
  /** The same in words, with what stays in the chart. */
  readonly text: string;
  readonly reasons: readonly { readonly code: string; readonly word: string }[];
}

/** `POST /l/:id/write-back/withdraw`, and `…/correction` for the preview of the note that says so. */
export interface WithdrawRequest {
  readonly approvalId: string;
  /** Code of one of `Withdrawal.reasons`. */
  readonly reason: string;
}

/** `POST /l/:id/write-back/scratchpad`: what became of a message that the browser sent, in the EHR's words or the clinician's. */
export interface ScratchpadAnswer {
  readonly approvalId: string;
  readonly answer:
    | { readonly is: 'answered'; readonly status: string; readonly location?: string }
    | { readonly is: 'no-answer' }
    /** The clinician has looked among the drafts of the EHR. */
    | { readonly is: 'looked'; readonly there: boolean };
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
