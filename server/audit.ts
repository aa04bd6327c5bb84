/**
 * The append-only record of what was shown, answered, approved and written (interop §2C T-4 and R-1, V11).
 * It is not the log: it names the user, keys the patient, and is never edited.
 */
import type { Indicator } from '../models/engine/evaluation.ts';
import type { Launched } from './launched.ts';
import { anchorAt } from './store/anchor.ts';
import { follow } from './store/chain.ts';
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
    | 'withdrawing'
    | 'withdrawn'
    | 'proposed'
    | 'recovered'
    /** What was read of the chart, by resource type, summed up over minutes. */
    | 'read'
    /** A setting, a tenant or the library in force changed. */
    | 'configured'
    /** The record was taken away as a file. */
    | 'exported'
    /** Old events were taken out of the record into a file, whose digest is `payloadHash`. */
    | 'archived'
    /** The record was signed up to here. */
    | 'checkpointed';
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
  /** What was read: the type, how often it was asked for, what came (bytes of bodies on the wire), and what did not. */
  readonly resourceType?: string;
  readonly requests?: number;
  readonly bytes?: number;
  readonly failures?: number;
  /** The first line of the file that a checkpoint is in; the checkpoint itself is `payloadHash`. */
  readonly series?: string;
  /** Who and about whom, when the event is not made within a launch. */
  readonly tenant?: string;
  readonly patient?: string;
}

/** The event with when, who and about whom. */
export interface AuditEntry extends AuditEvent {
  readonly at: string;
  /** `*` for what concerns them all. */
  readonly tenant: string;
  /** `fhirUser`, or a keyed hash where the user is the patient; `os:name` for who ran a command. */
  readonly user?: string;
  readonly launch?: string;
}

/** Why a launch ended: by its user, by time, by another's sign-in in the same browser, by its EHR, or with its EHR's registration. */
export type EndReason =
  | 'logged-out'
  | 'timed-out'
  | 'another-user'
  | 'grant-withdrawn'
  | 'token-expired'
  | 'other-patient'
  | 'unregistered';

/** Whether the record is whole; `seq` is the first link that is not. */
export type Verdict =
  | {
      readonly whole: true;
      readonly events: number;
      /** How many of them were archived and are not here. */
      readonly archived?: number;
      readonly head: string;
    }
  | { readonly whole: false; readonly seq: number; readonly why: string };

/** The record as the server's rooms use it. */
export interface Audit {
  /** Completes an event with the launch it happened in. */
  entry(launched: Pick<Launched, 'tenantId' | 'context'>, event: AuditEvent): AuditEntry;
  /** Appends; durable when the promise settles. */
  record(entry: AuditEntry): Promise<Recorded>;
  /** Recomputes every hash, from the first event or the signed anchor on, and compares the last with the signed head. */
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
    verify: () => verifyRecord(store, { sign: keys.sign }),
  };
}

/** What of the deployment changed. `digest` (SHA-256, hex) is of what holds from now on; no setting itself is recorded. */
export interface ConfigChange {
  readonly what: 'settings' | 'tenants' | 'library';
  readonly digest: string;
  /** Where it concerns one tenant only. */
  readonly tenant?: string;
  /** `fhirUser` or `os:name`, where a person did it. */
  readonly user?: string;
}

/** Puts a change of the deployment's configuration on the record (V11). */
export function recordConfigChange(
  audit: Pick<Audit, 'record'>,
  { what, digest, tenant = '*', user, at }: ConfigChange & { readonly at: Date },
): Promise<Recorded> {
  return audit.record({
    type: 'configured',
    at: at.toISOString(),
    tenant,
    reason: what,
    payloadHash: digest,
    ...(user !== undefined && { user }),
  });
}

/**
 * The record from its first event, or from where it was archived, to its head. Without `sign` the head's signature is not looked at: for whoever has the
 * record and no key. `see` may object to a link that fits.
 */
export async function verifyRecord(
  store: Pick<Store, 'recorded' | 'head' | 'anchor'>,
  { sign, see }: { readonly sign?: KeyRing['sign']; readonly see?: (recorded: Recorded) => string | undefined } = {},
): Promise<Verdict> {
  const anchor = await store.anchor();
  if (anchor && sign && anchor.mac !== anchorAt(anchor, { sign }).mac)
    return { whole: false, seq: anchor.seq, why: 'that events were archived is not signed with this key' };
  const objection = anchor && see?.({ ...anchor, event: '' });
  if (anchor && objection) return { whole: false, seq: anchor.seq, why: objection };
  const followed = await follow(store, { ...(anchor && { from: anchor }), ...(see && { see }) });
  if (!followed.whole) return followed;
  const { seq, hash } = followed;
  const head = await store.head();
  if (!head)
    return seq === 0 ? { whole: true, events: 0, head: hash } : { whole: false, seq, why: 'the head is missing' };
  if (sign && head.mac !== sign(`${head.seq}|${head.hash}`)) {
    return { whole: false, seq: head.seq, why: 'the head is not signed with this key' };
  }
  if (head.seq > seq) return { whole: false, seq: seq + 1, why: 'the last events are missing' };
  if (head.seq < seq || head.hash !== hash) return { whole: false, seq: head.seq, why: 'the head names another event' };
  return { whole: true, events: seq, ...(anchor && { archived: anchor.seq }), head: hash };
}

/** In a patient-facing launch `fhirUser` is the patient, whose id stays out of the record. */
function userOf({ tenantId, context }: Pick<Launched, 'tenantId' | 'context'>, keys: KeyRing): string {
  const { fhirUser } = context.user;
  return /(^|\/)Patient\//.test(fhirUser) ? keys.lookup('user', tenantId, fhirUser) : fhirUser;
}
