/**
 * Every departure from the specification that an EHR vendor is known for and that our code acts on. Plain data: it
 * travels to the browser in the launch context. What can be met by a general rule (a refusal, a repeated entry, a page
 * size that is ignored) is met by that rule for every EHR and is not written down here.
 */

/** What an outcome code of a vendor's own says about the answer it came with. */
export type NoticeMeaning =
  /** The search found nothing: the answer is whole. */
  | 'nothing-found'
  /** The record may hold more than this user may see; this answer is all that this user may see. */
  | 'view-limited'
  /** A parameter was not understood and was left out of the question, so the answer is wider than asked. */
  | 'parameter-ignored'
  /** There is more than the EHR sent. */
  | 'truncated'
  /** Part of it was withheld from this app or this user. */
  | 'not-authorised'
  /** No scope for it was granted, so the EHR was not asked. Said by our own relay. */
  | 'not-granted'
  /** Entries about another patient came along; our own relay left them out. */
  | 'someone-else'
  /** The next page lies outside the EHR's own address; our own relay did not read it. */
  | 'page-elsewhere'
  /** The record or part of it is behind break-the-glass. */
  | 'restricted'
  /** A quota is used up; asking again at once is pointless. */
  | 'try-later';

/** A vendor's outcome codes: `OperationOutcome.issue.details.coding` whose system starts with `system`. */
export interface OutcomeCodes {
  readonly system: string;
  readonly meanings: Readonly<Record<string, NoticeMeaning>>;
}

/** One vendor's departures. */
export interface Vendor {
  readonly id: string;
  readonly name: string;
  readonly outcomeCodes: readonly OutcomeCodes[];
}
