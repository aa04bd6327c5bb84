/**
 * What a proposal is: the FHIR resource that an accepted recommendation becomes, before anyone has approved it.
 * A new kind of write-back is one file that satisfies `Proposal` and one line in `index.ts`.
 */
import type { Indicator } from '../evaluation.ts';

/** One value behind the recommendation, ready to read: `value` carries its unit. */
export interface AcceptedInput {
  readonly label: string;
  readonly value: string;
  /** As the chart gave it; `null` where a date does not apply, and `note` says why. */
  readonly effective: string | null;
  readonly source?: string;
  readonly note?: string;
}

/** The accepted recommendation, in words and with everything that supports it. */
export interface Accepted {
  readonly id: string;
  readonly indicator: Indicator;
  readonly summary: string;
  readonly detail: string;
  readonly action: string;
  readonly inputs: readonly AcceptedInput[];
  readonly missing: readonly string[];
  readonly limitation: string;
  readonly citations: readonly string[];
  readonly from: readonly { readonly id: string; readonly version: string; readonly title: string }[];
  readonly libraryVersion: string;
  readonly libraryDigest: string;
  readonly comment?: string;
}

/** Everything a proposal is made of. Pure: the clock, the key and the encoder are handed in. */
export interface ProposalRequest {
  readonly recommendation: Accepted;
  /** From the launch, never from the browser. */
  readonly patientId: string;
  readonly encounterId?: string;
  /** The clinician who reviews; `reference` within the EHR, e.g. `Practitioner/7`. */
  readonly author: { readonly reference: string; readonly display: string };
  /** ISO 8601 instant with offset at which the clinician was shown the text. */
  readonly now: string;
  /** Idempotency key (interop X1); empty while the payload is being hashed to make it. */
  readonly key: string;
  /** UTF-8 text to base64. */
  readonly encode: (text: string) => string;
}

/** One way to say a recommendation in the EHR's own terms. */
export interface Proposal<R extends { resourceType: string }> {
  readonly resourceType: R['resourceType'];
  /** For the screen: `Clinical note (DocumentReference)`. */
  readonly title: string;
  /** The text a reader of the chart will see. */
  text(request: ProposalRequest): string;
  propose(request: ProposalRequest): R;
  /**
   * Names of the critical fields in which what the EHR stored differs from what was sent; empty when they agree.
   * `base` is the FHIR server's address, so that a relative and an absolute reference to one resource compare equal.
   */
  differences(comparison: { sent: R; stored: unknown; base: string }): readonly string[];
  /** Search parameters that find the resource when its identifier was not kept (interop X3). */
  fingerprint(sent: R): Readonly<Record<string, string>>;
}
