/**
 * What a proposal is: the FHIR resource that an accepted recommendation becomes, before anyone has approved it.
 * A new kind of write-back is one file that satisfies `Proposal` and one line in `index.ts`.
 */
import type { FhirResource } from 'fhir/r4';
import type { EvaluationKind, Indicator } from '../evaluation.ts';
import type { Comparison } from './compare.ts';
import type { RungSetting } from './ladder.ts';

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
  /** What kind of knowledge it came from; decides which ways of writing fit it. */
  readonly kind?: EvaluationKind;
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
  /** The number of a risk model, where the recommendation is one. */
  readonly score?: Score;
}

/** A number that may be written as such. */
export interface Score {
  /** Id of the model that gave it. */
  readonly model: string;
  readonly title: string;
  readonly value: number;
  /** UCUM. */
  readonly unit: string;
  /** ISO 8601 duration, e.g. `P10Y`. */
  readonly horizon?: string;
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
  /** What the site agreed on for this way of writing. */
  readonly setting?: RungSetting;
}

/** Anything that may be written. */
export type Written = FhirResource;

/** One way to say a recommendation in the EHR's own terms. */
export interface Proposal<R extends Written = Written> {
  readonly resourceType: R['resourceType'];
  /** For the screen: `Clinical note (DocumentReference)`. */
  readonly title: string;
  /** What it is once it is there, for messages: `Note`. */
  readonly noun: string;
  /** What approving does, over the preview and on the button: `Will be written`, `Write 1 note`. */
  readonly heading: string;
  readonly button: string;
  /** The text a reader of the chart will see. */
  text(request: ProposalRequest): string;
  propose(request: ProposalRequest): R;
  /**
   * Names of the critical fields in which what the EHR stored differs from what was sent; empty when they agree.
   * `base` is the FHIR server's address, so that a relative and an absolute reference to one resource compare equal.
   */
  differences(comparison: Comparison<R>): readonly string[];
  /** Search parameters that find the resource when its identifier was not kept (interop X3). */
  fingerprint(sent: R): Readonly<Record<string, string>>;
  /** Where it carries its text, as stored; the text ends with the key, so equal text is this write and no other. */
  carried(resource: R): string | undefined;
}
