/** An accepted recommendation as a clinical note: FHIR R4 DocumentReference (interop §3B, rung R4). */
import type { DocumentReference } from 'fhir/r4';
import { type Comparison, sameReference } from './compare.ts';
import { aiLabel, identifierOf, patientIn, since, subjectOf } from './labels.ts';
import { noteText } from './note-text.ts';
import type { Proposal, ProposalRequest } from './proposal.ts';

/**
 * LOINC 51847-2 "Evaluation + Plan note": the clinician's conclusions and a plan (loinc.org/51847-2, opened 2026-11-22).
 * Not 11488-4 "Consult note", which LOINC defines as written *on request* for an opinion: nobody asked for one here.
 */
const TYPE = { system: 'http://loinc.org', code: '51847-2', display: 'Evaluation + Plan note' } as const;

const CLINICAL_NOTE = {
  system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
  code: 'clinical-note',
  display: 'Clinical Note',
} as const;

/** The note. `docStatus` is `final` because Oracle Health accepts nothing else from a provider's token (interop WB4b). */
export function proposeNote(request: ProposalRequest): DocumentReference {
  const { recommendation, encounterId, author, now, key, encode, setting } = request;
  const format = setting?.format ?? 'text/plain';
  return {
    resourceType: 'DocumentReference',
    meta: aiLabel,
    identifier: [identifierOf(key)],
    status: 'current',
    docStatus: 'final',
    type: { coding: [TYPE], text: TYPE.display },
    category: [{ coding: [CLINICAL_NOTE] }],
    subject: subjectOf(request),
    date: now,
    author: [author],
    authenticator: author,
    description: recommendation.summary,
    content: [
      {
        attachment: {
          contentType: `${format}; charset=utf-8`,
          language: 'en',
          data: encode(format === 'text/plain' ? noteText(request) : page(noteText(request))),
          title: 'Decision-support recommendation, reviewed',
        },
      },
    ],
    ...(encounterId ? { context: { encounter: [{ reference: `Encounter/${encounterId}` }] } } : {}),
  };
}

/** The fields a clinician relies on. Identifier and security label may be dropped by an EHR: the text carries both. */
function noteDifferences(comparison: Comparison<DocumentReference>): readonly string[] {
  const { sent, base } = comparison;
  if (!isDocumentReference(comparison.stored)) return ['resourceType'];
  const stored = comparison.stored;
  const same: Record<string, boolean> = {
    status: stored.status === sent.status,
    docStatus: stored.docStatus === sent.docStatus,
    type: stored.type?.coding?.some((c) => c.system === TYPE.system && c.code === TYPE.code) ?? false,
    subject: sameReference(stored.subject?.reference, sent.subject?.reference, base),
    author:
      stored.author?.some((author) => sameReference(author.reference, sent.author?.[0]?.reference, base)) ?? false,
    date: Date.parse(stored.date ?? '') === Date.parse(sent.date ?? ''),
    content: stored.content?.length === 1 && sameData(attachment(stored), attachment(sent)),
    encounter: (sent.context?.encounter ?? []).every(({ reference }) =>
      stored.context?.encounter?.some((kept) => sameReference(kept.reference, reference, base)),
    ),
  };
  return Object.keys(same).filter((field) => !same[field]);
}

/** What kind of thing this is, for the ladder. */
export const documentReference: Proposal<DocumentReference> = {
  resourceType: 'DocumentReference',
  title: 'Clinical note (DocumentReference)',
  noun: 'Note',
  heading: 'Will be written',
  button: 'Write 1 note',
  text: noteText,
  propose: proposeNote,
  differences: noteDifferences,
  fingerprint: (sent) => ({
    patient: patientIn(sent.subject),
    type: `${TYPE.system}|${TYPE.code}`,
    date: since(sent.date),
  }),
  carried: (note) => attachment(note)?.replace(/\s/g, ''),
};

/** For EHRs that take no plain text: the same words as a page without style or script (interop R4). */
function page(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Decision-support recommendation</title></head><body><pre>${escaped}</pre></body></html>`;
}

function isDocumentReference(value: unknown): value is DocumentReference {
  return (
    typeof value === 'object' && value !== null && 'resourceType' in value && value.resourceType === 'DocumentReference'
  );
}

function attachment(note: DocumentReference): string | undefined {
  return note.content?.[0]?.attachment.data;
}

/** Base64 of the same bytes is the same text once line breaks (RFC 2045) are gone. */
function sameData(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.replace(/\s/g, '') === b.replace(/\s/g, '');
}
