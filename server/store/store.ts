/**
 * What the server remembers: approved writes until they are settled, and an append-only record of what happened.
 * Every implementation passes `test/contracts/store.ts`. Nothing that names a patient is stored in the clear:
 * ids are keyed hashes, contents are sealed before they come here.
 */
import type { WriteState } from '../../launch/api.ts';

/** AES-256-GCM ciphertext with what is needed to open it again. Base64. */
export interface Sealed {
  readonly keyId: string;
  readonly nonce: string;
  /** Ciphertext followed by the 16-byte tag. */
  readonly data: string;
}

/** One approved write. */
export interface OutboxRow {
  /** Idempotency key K (interop X1). */
  readonly key: string;
  readonly approvalId: string;
  readonly tenantId: string;
  /** Keyed hashes of tenant + patient and of tenant + user. */
  readonly patientKey: string;
  readonly userKey: string;
  /** Keyed hash of patient, user, recommendation, its values and the comment: one clinician wants one thing written once. */
  readonly intentKey: string;
  /** SHA-256 (hex) of the bytes to be sent. */
  readonly payloadHash: string;
  /** The bytes and the words for the screen; `null` once purged. */
  readonly sealed: Sealed | null;
  readonly state: WriteState;
  /** Why it is in this state, coded: `refused-403`, `read-back-differs:content`. No patient data. */
  readonly detail: string | null;
  /** `DocumentReference/123` as soon as the EHR named it, confirmed or not. */
  readonly reference: string | null;
  readonly versionId: string | null;
  /** ISO instants. */
  readonly approvedAt: string;
  readonly sentAt: string | null;
  readonly settledAt: string | null;
  /** How often it was sent. */
  readonly attempts: number;
  /** How often in a row the EHR was searched since the last sending and did not have it. */
  readonly absences: number;
}

/**
 * A change of one row, made only if it still is in `from` and was sent `attempts` times: whoever loses the race gets
 * `undefined` and does nothing. Without the count, someone who saw an earlier attempt could settle, or repeat, a later one.
 */
export interface Move {
  readonly approvalId: string;
  readonly from: readonly WriteState[];
  readonly attempts: number;
  readonly set: Partial<
    Pick<OutboxRow, 'state' | 'detail' | 'reference' | 'versionId' | 'sentAt' | 'settledAt' | 'attempts' | 'absences'>
  >;
}

/** Whose rows to list. */
export interface Whose {
  readonly tenantId: string;
  readonly patientKey: string;
  readonly userKey: string;
}

/** The rows of one state whose contents are still held. */
export interface Census {
  readonly state: WriteState;
  readonly rows: number;
  /** ISO instant at which the oldest of them was approved. */
  readonly oldest: string;
}

/** One event as recorded: the canonical JSON text and its place in the hash chain. */
export interface Recorded {
  readonly seq: number;
  readonly event: string;
  /** SHA-256 (hex) of the previous hash and `event`. */
  readonly hash: string;
}

/** The last link, kept apart from the chain so that removed last rows are missed. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  /** HMAC of seq and hash. */
  readonly mac: string;
}

/** Durable means: the promise settles after fsync. */
export interface Store {
  /**
   * Adds an approved write and the event that says so, in one transaction.
   * Answers with the row that is in the way when this approval, or this intent while it is not rejected or expired, is already there.
   */
  approve(row: OutboxRow, event: object): Promise<{ inserted: true } | { inserted: false; existing: OutboxRow }>;
  /** Changes one row under its condition and records the event, in one transaction. */
  move(change: Move, event?: object): Promise<OutboxRow | undefined>;
  find(tenantId: string, approvalId: string): Promise<OutboxRow | undefined>;
  /** The row that stands for this intent, if one is under way or done. */
  standing(tenantId: string, intentKey: string): Promise<OutboxRow | undefined>;
  /** Newest first, purged rows left out. */
  of(whose: Whose): Promise<readonly OutboxRow[]>;
  /** Rows that were approved or being sent and not touched since `before` (ISO instant). */
  interrupted(before: string): Promise<readonly OutboxRow[]>;
  /** How many rows wait in each state, purged ones left out; states without a row are absent. */
  census(): Promise<readonly Census[]>;
  /** Forgets the contents of rows settled before the instant (interop V13); keeps their hashes. Answers how many. */
  purge(settledBefore: string): Promise<number>;
  /** Appends to the record. */
  append(event: object): Promise<Recorded>;
  /** The record in order, from after `seq`, at most `limit`. */
  recorded(after: number, limit: number): Promise<readonly Recorded[]>;
  head(): Promise<Head | undefined>;
  /** The last event that was archived: what is left of the record begins after it. */
  anchor(): Promise<Head | undefined>;
  /**
   * Removes the events up to and with `through`, leaves their last link as a signed anchor, and appends `event`, in one
   * transaction. Throws where `through` is not in the record, or is its last event.
   */
  archive(through: number, event: object): Promise<Head>;
  close(): Promise<void>;
}
