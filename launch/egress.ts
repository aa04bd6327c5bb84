/** What the server says of its own traffic, at `GET /l/:id/egress`: hosts, kinds, counts and bytes, and nothing else. */

/** What a request was for. */
export type EgressKind =
  | 'discovery'
  | 'signing-keys'
  | 'token'
  | 'revocation'
  | 'capabilities'
  | 'read'
  | 'search'
  | 'write'
  /** The record, to the hospital's own log. */
  | 'syslog'
  | 'other';

/** Requests of one kind to one host. */
export interface EgressRow {
  /** `host` or `host:port`. */
  readonly host: string;
  readonly kind: EgressKind;
  /** FHIR resource type, where the request was about one. */
  readonly resourceType?: string;
  readonly requests: number;
  /** Of these, how many had no answer, or one that says no (status 400 and above). */
  readonly failures: number;
  /** Bytes of bodies as they went over the wire, without headers. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** The ledger of one launch. */
export interface Egress {
  /** Since when it was counted, as an ISO instant. */
  readonly since: string;
  /** Whether this is all: `false` where other servers count for themselves, or this one started after the launch. */
  readonly whole: boolean;
  readonly launch: readonly EgressRow[];
  /** What was sent to this hospital for no launch in particular (its discovery document, its keys), since the server started. */
  readonly siteSince: string;
  readonly site: readonly EgressRow[];
}
