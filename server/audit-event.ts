/** An event of our record as a FHIR R4 AuditEvent, for a hospital's own audit repository. */
import type { AuditEvent as FhirAuditEvent } from 'fhir/r4';
import type { AuditEntry } from './audit.ts';
import type { Recorded } from './store/store.ts';

/** C create, R read, E execute. */
const ACTIONS: Readonly<Record<AuditEntry['type'], FhirAuditEvent['action']>> = {
  launched: 'E',
  ended: 'E',
  shown: 'R',
  'evidence-opened': 'R',
  accepted: 'E',
  deferred: 'E',
  declined: 'E',
  previewed: 'E',
  approved: 'E',
  refused: 'E',
  resent: 'C',
  written: 'C',
  withdrawn: 'U',
  'in-doubt': 'C',
  failed: 'C',
  recovered: 'E',
};
/** 0 success, 4 minor failure, 8 serious failure. */
const OUTCOMES: Readonly<Partial<Record<AuditEntry['type'], FhirAuditEvent['outcome']>>> = {
  refused: '4',
  'in-doubt': '4',
  failed: '8',
};

/** `recorded` gives the event its place in the chain, so that an exported line can be checked against it. */
export function auditEvent(entry: AuditEntry, { seq, hash }: Pick<Recorded, 'seq' | 'hash'>): FhirAuditEvent {
  const { type, at, user, tenant, patient, reference } = entry;
  const details = (
    [
      'recommendationId',
      'indicator',
      'libraryDigest',
      'reason',
      'approvalId',
      'card',
      'payloadHash',
      'versionId',
      'launch',
    ] as const
  ).flatMap((name) => {
    const value = entry[name];
    return value === undefined ? [] : [{ type: name, valueString: String(value) }];
  });
  return {
    resourceType: 'AuditEvent',
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110110', display: 'Patient Record' },
    subtype: [{ system: 'urn:attune:audit', code: type }],
    action: ACTIONS[type],
    recorded: at,
    outcome: OUTCOMES[type] ?? '0',
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

/** A reference where it is one; a keyed hash of a user who is the patient is not. */
function whoOf(user: string) {
  return /^(https?:\/\/|[A-Z][A-Za-z]+\/)/.test(user)
    ? { reference: user }
    : { identifier: { system: 'urn:attune:user-hmac', value: user } };
}
