/**
 * The note with what it asserts and who made it, all or nothing: a transaction Bundle for servers that take one and create
 * conditionally (interop X4). Each entry names the condition under which it is already there.
 */
import type { Bundle, BundleEntry, DocumentReference, FhirResource } from 'fhir/r4';
import { proposeAssessment } from './assessment.ts';
import type { Comparison } from './compare.ts';
import { documentReference, proposeNote } from './document-reference.ts';
import { WRITE_BACK_SYSTEM } from './labels.ts';
import { noteText } from './note-text.ts';
import type { Proposal, ProposalRequest } from './proposal.ts';
import { proposeProvenance } from './provenance.ts';

/** A Bundle of resources of ours. */
export type Transaction = Bundle<FhirResource>;

// Meaningful within one Bundle only, so that they may be the same in every one.
const NOTE = 'urn:uuid:6f1ce5a8-3a0e-4c1c-9b5e-0a77c1a00001';
const ASSESSMENT = 'urn:uuid:6f1ce5a8-3a0e-4c1c-9b5e-0a77c1a00002';
const PROVENANCE = 'urn:uuid:6f1ce5a8-3a0e-4c1c-9b5e-0a77c1a00003';

/** The note within it, by which the whole is known: it was committed with the rest or not at all. */
export function noteIn(bundle: Transaction): DocumentReference {
  const note = bundle.entry?.[0]?.resource;
  if (note?.resourceType !== 'DocumentReference') throw new Error('a transaction of ours starts with its note');
  return note;
}

export const transaction: Proposal<Transaction> = {
  resourceType: 'Bundle',
  title: 'Clinical note with coded assessment and provenance (transaction)',
  noun: 'Note',
  heading: 'Will be written',
  button: 'Write 1 note with its coded record',
  text: noteText,
  propose,
  differences: ({ sent, stored, base }: Comparison<Transaction>) =>
    documentReference.differences({ sent: noteIn(sent), stored, base }),
  fingerprint: (sent) => documentReference.fingerprint(noteIn(sent)),
  carried: (sent) => documentReference.carried(noteIn(sent)),
};

function propose(request: ProposalRequest): Transaction {
  const { key } = request;
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      entry(NOTE, proposeNote(request), `identifier=${WRITE_BACK_SYSTEM}|${key}`),
      entry(ASSESSMENT, proposeAssessment(request), `identifier=${WRITE_BACK_SYSTEM}|${key}-assessment`),
      entry(PROVENANCE, proposeProvenance(request, [NOTE, ASSESSMENT]), `_tag=${WRITE_BACK_SYSTEM}|${key}-provenance`),
    ],
  };
}

function entry(fullUrl: string, resource: FhirResource, ifNoneExist: string): BundleEntry<FhirResource> {
  return { fullUrl, resource, request: { method: 'POST', url: resource.resourceType, ifNoneExist } };
}
