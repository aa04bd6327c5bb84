/** An event of our record as a FHIR R4 AuditEvent, for a hospital's own audit repository. */
import type { Coding, AuditEvent as FhirAuditEvent } from 'fhir/r4';
import type { AuditEntry } from './audit.ts';
import type { Recorded } from './store/store.ts';

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const dicom = (code: string, display: string): Coding => ({ system: DCM, code, display });

/** What kind of event it is in the words of DICOM (CID 400, 401), which FHIR's AuditEvent takes over. */
interface Kind {
  readonly type: Coding;
  readonly subtype?: Coding;
  /** C create, R read, U update, D delete, E execute. */
  readonly action: FhirAuditEvent['action'];
  /** 0 success, 4 minor failure, 8 serious failure; 0 unless given. */
  readonly outcome?: FhirAuditEvent['outcome'];
}

const record = dicom('110110', 'Patient Record');
const signIn = dicom('110114', 'User Authentication');
const log = dicom('110101', 'Audit Log Used');

const KINDS: Readonly<Record<AuditEntry['type'], Kind>> = {
  launched: { type: signIn, subtype: dicom('110122', 'Login'), action: 'E' },
  ended: { type: signIn, subtype: dicom('110123', 'Logout'), action: 'E' },
  read: { type: dicom('110112', 'Query'), action: 'R' },
  shown: { type: record, action: 'R' },
  'evidence-opened': { type: record, action: 'R' },
  accepted: { type: record, action: 'E' },
  deferred: { type: record, action: 'E' },
  declined: { type: record, action: 'E' },
  previewed: { type: record, action: 'E' },
  approved: { type: record, action: 'E' },
  refused: { type: record, action: 'E', outcome: '4' },
  resent: { type: record, action: 'C' },
  written: { type: record, action: 'C' },
  proposed: { type: record, action: 'E' },
  withdrawing: { type: record, action: 'U' },
  withdrawn: { type: record, action: 'U' },
  'in-doubt': { type: record, action: 'C', outcome: '4' },
  failed: { type: record, action: 'C', outcome: '8' },
  recovered: { type: record, action: 'E' },
  configured: {
    type: dicom('110113', 'Security Alert'),
    subtype: dicom('110131', 'Security Configuration'),
    action: 'U',
  },
  exported: { type: log, action: 'R' },
  archived: { type: log, action: 'D' },
  checkpointed: { type: log, action: 'E' },
};

const DETAILS = [
  'recommendationId',
  'indicator',
  'libraryDigest',
  'reason',
  'approvalId',
  'card',
  'payloadHash',
  'versionId',
  'launch',
  'resourceType',
  'requests',
  'bytes',
  'failures',
  'series',
] as const satisfies readonly (keyof AuditEntry)[];

/** Of a clinician's visit; what the server does for itself is not. */
const TREATMENT = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT', display: 'treatment' }],
};

/** `recorded` gives the event its place in the chain, so that an exported line can be checked against it. */
export function auditEvent(entry: AuditEntry, { seq, hash }: Pick<Recorded, 'seq' | 'hash'>): FhirAuditEvent {
  const { at, user, tenant, patient, reference } = entry;
  const kind = KINDS[entry.type];
  const details = DETAILS.flatMap((name) => {
    const value = entry[name];
    return value === undefined ? [] : [{ type: name, valueString: String(value) }];
  });
  return {
    resourceType: 'AuditEvent',
    type: kind.type,
    subtype: [{ system: 'urn:attune:audit', code: entry.type }, ...(kind.subtype ? [kind.subtype] : [])],
    action: kind.action,
    recorded: at,
    outcome: outcomeOf(entry, kind),
    ...(entry.launch !== undefined && { purposeOfEvent: [TREATMENT] }),
    agent: [
      user === undefined
        ? { who: { display: 'Attune server' }, requestor: false }
        : { who: whoOf(user), requestor: true },
    ],
    source: { site: tenant, observer: { display: 'Attune' } },
    entity: [
      ...(patient === undefined
        ? []
        : [{ what: { type: 'Patient', identifier: { system: 'urn:attune:patient-hmac', value: patient } } }]),
      ...(reference === undefined ? [] : [{ what: { reference } }]),
      {
        what: { identifier: { system: 'urn:attune:audit-chain', value: String(seq) } },
        detail: [...details, { type: 'hash', valueString: hash }],
      },
    ],
  };
}

/** A read that never came, or came only in part, is no success. */
function outcomeOf({ requests = 0, failures = 0 }: AuditEntry, { outcome = '0' }: Kind): FhirAuditEvent['outcome'] {
  if (failures === 0) return outcome;
  return failures < requests ? '4' : '8';
}

/** A reference where it is one, a name where someone ran a command; a keyed hash of a user who is the patient is neither. */
function whoOf(user: string) {
  if (user.startsWith('os:')) return { display: user };
  return /^(https?:\/\/|[A-Z][A-Za-z]+\/)/.test(user)
    ? { reference: user }
    : { identifier: { system: 'urn:attune:user-hmac', value: user } };
}
