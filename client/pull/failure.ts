/** Why a read brought nothing: the one error that the reader throws, and its words for the screen. */
import type { Meaning } from './outcome.ts';

export type FailureKind =
  /** The server answered with `status`. */
  | 'status'
  /** No answer at all. */
  | 'connection'
  /** What came was not what was asked for, or could not be parsed. */
  | 'unreadable'
  /** The launch has used up its reads. */
  | 'budget'
  /** The query was given up: its time was over, or the whole pull was called off. */
  | 'given-up';

export class ReadFailure extends Error {
  override readonly name = 'ReadFailure';
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly meanings: readonly Meaning[];
  /** What a 429 or 503 asks for, in milliseconds from when it came. */
  readonly retryAfter: number | undefined;
  /** The number under which our server logged it. */
  readonly reference: string | undefined;
  constructor(
    kind: FailureKind,
    more: {
      status?: number;
      meanings?: readonly Meaning[];
      retryAfter?: number | undefined;
      reference?: string | undefined;
    } = {},
  ) {
    super(kind);
    this.kind = kind;
    this.status = more.status;
    this.meanings = more.meanings ?? [];
    this.retryAfter = more.retryAfter;
    this.reference = more.reference;
  }
}

/** Q15: three kinds of 403, none of which is ever "none found" and none of which is asked again by itself. */
export function refusalWords(meanings: readonly Meaning[]): string {
  if (meanings.includes('restricted'))
    return 'restricted in the EHR (403): a sensitive record; open it there first (break-the-glass), then ask again here';
  if (meanings.includes('scope') || meanings.includes('not-authorised'))
    return 'restricted in the EHR (403): this app or this account may not read it';
  return 'restricted in the EHR (403): this account may not read it, or the record needs break-the-glass there';
}

/** Any other failure in words. `hard` is the time-out in milliseconds. */
export function failureWords(failure: ReadFailure, hard: number): string {
  switch (failure.kind) {
    case 'given-up':
      return `no full answer in ${Math.ceil(hard / 1000)} s`;
    case 'budget':
      return 'this launch has used up the reads that it allows itself';
    case 'connection':
      return 'the connection failed';
    case 'unreadable':
      return 'the EHR answered with something that is not FHIR';
    case 'status':
      return statusWords(failure);
  }
}

function statusWords({ status, meanings, retryAfter }: ReadFailure): string {
  if (status === 401) return 'the EHR session ended (401)';
  if (meanings.includes('try-later')) return 'the EHR asks to try again later';
  if (meanings.includes('too-long')) return 'the EHR’s answer is larger than 20 MB';
  if (status === 429 || status === 503) {
    const wait = retryAfter === undefined ? '' : ` and asks to wait ${Math.ceil(retryAfter / 1000)} s`;
    return `the EHR is busy (${status})${wait}`;
  }
  return `the EHR answered ${status}`;
}
