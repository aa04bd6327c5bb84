/**
 * The append-only record of what was shown, answered, approved and written (interop §2C T-4 and R-1, V11).
 * It is not the log: it names the user, keys the patient, and is never edited.
 */
import type { Indicator } from '../models/engine/evaluation.ts';
import type { Launched } from './launched.ts';
import { GENESIS, link } from './store/chain.ts';
import type { KeyRing } from './store/keys.ts';
import type { Recorded, Store } from './store/store.ts';

/** What happened. No clinical text, no names, no values: ids, codes and hashes. */
export interface AuditEvent {
  readonly type:
    | 'launched'
    | 'ended'
    | 'shown'
    | 'evidence-opened'
    | 'accepted'
    | 'deferred'
    | 'declined'
    | 'previewed'
    | 'approved'
    | 'refused'
    | 'resent'
    | 'written'
    | 'in-doubt'
    | 'failed'
    | 'withdrawn'
    | 'recovered';
  readonly recommendationId?: string;
  readonly indicator?: Indicator;
  readonly libraryDigest?: string;
  /** Coded. */
  readonly reason?: string;
  readonly approvalId?: string;
  /** The CDS Hooks card it was shown on. */
  readonly card?: string;
  /** SHA-256 (hex) of the exact bytes shown, approved or sent. */
  readonly payloadHash?: string;
  /** What the EHR called it. */
  readonly reference?: string;
  readonly versionId?: string;
  /** Who and about whom, when the event is not made within a launch. */
  readonly tenant?: string;
  readonly patient?: string;
}

/** The event with when, who and about whom. */
export interface AuditEntry extends AuditEvent {
  readonly at: string;
  readonly tenant: string;
  /** `fhirUser`, or a keyed hash where the user is the patient. */
  readonly user?: string;
  readonly launch?: string;
}

/** Whether the record is whole; `seq` is the first link that is not. */
export type Verdict =
  | { readonly whole: true; readonly events: number; readonly head: string }
  | { readonly whole: false; readonly seq: number; readonly why: string };

/** The record as the server's rooms use it. */
export interface Audit {
  /** Completes an event with the launch it happened in. */
  entry(launched: Launched, event: AuditEvent): AuditEntry;
  /** Appends; durable when the promise settles. */
  record(entry: AuditEntry): Promise<Recorded>;
  /** Recomputes every hash from the first event on and compares the last with the signed head. */
  verify(): Promise<Verdict>;
}

/** The record over a store. `attune audit verify` calls `verify`. */
export function createAudit(deps: { store: Store; keys: KeyRing; clock?: () => Date }): Audit {
  const { store, keys, clock = () => new Date() } = deps;
  return {
    entry: (launched, event) => ({
      ...event,
      at: clock().toISOString(),
      tenant: launched.tenantId,
      user: userOf(launched, keys),
      patient: keys.lookup('patient', launched.tenantId, launched.context.patientId),
      launch: keys.lookup('launch', launched.tenantId, launched.context.launchId),
    }),
    record: (entry) => store.append(entry),
    verify: () => verify(store, keys),
  };
}

const PAGE = 1_000;

async function verify(store: Store, keys: Pick<KeyRing, 'sign'>): Promise<Verdict> {
  let hash = GENESIS;
  let seq = 0;
  for (let page = await store.recorded(0, PAGE); page.length > 0; page = await store.recorded(seq, PAGE)) {
    for (const recorded of page) {
      if (recorded.seq !== seq + 1) return { whole: false, seq: seq + 1, why: 'the event is missing' };
      hash = link(hash, recorded.event);
      if (recorded.hash !== hash) {
        return { whole: false, seq: recorded.seq, why: 'the event or its place in the order was altered' };
      }
      seq = recorded.seq;
    }
  }
  const head = await store.head();
  if (!head)
    return seq === 0 ? { whole: true, events: 0, head: hash } : { whole: false, seq, why: 'the head is missing' };
  if (head.mac !== keys.sign(`${head.seq}|${head.hash}`)) {
    return { whole: false, seq: head.seq, why: 'the head is not signed with this key' };
  }
  if (head.seq > seq) return { whole: false, seq: seq + 1, why: 'the last events are missing' };
  if (head.seq < seq || head.hash !== hash) return { whole: false, seq: head.seq, why: 'the head names another event' };
  return { whole: true, events: seq, head: hash };
}

/** In a patient-facing launch `fhirUser` is the patient, whose id stays out of the record. */
function userOf({ tenantId, context }: Launched, keys: KeyRing): string {
  const { fhirUser } = context.user;
  return /(^|\/)Patient\//.test(fhirUser) ? keys.lookup('user', tenantId, fhirUser) : fhirUser;
}
