/** The recommendation as a message to the clinician who approved it: FHIR R4 Communication (interop §3B, rung R5). */
import type { Communication } from 'fhir/r4';
import { lostFields } from './compare.ts';
import { aiLabel, encounterOf, identifierOf, patientIn, since, subjectOf } from './labels.ts';
import { noteText } from './note-text.ts';
import type { Proposal, ProposalRequest } from './proposal.ts';

export const communication: Proposal<Communication> = {
  resourceType: 'Communication',
  title: 'Message to yourself about this patient (Communication)',
  noun: 'Message',
  heading: 'Will be sent',
  button: 'Send 1 message to yourself',
  text: noteText,
  propose,
  differences: (comparison) =>
    lostFields(comparison, ['status', 'subject', 'encounter', 'sent', 'recipient', 'payload']),
  fingerprint: ({ subject, sent }) => ({ patient: patientIn(subject), sent: since(sent) }),
  carried: ({ payload }) => payload?.[0]?.contentString,
};

function propose(request: ProposalRequest): Communication {
  const { author, now, key } = request;
  return {
    resourceType: 'Communication',
    meta: aiLabel,
    identifier: [identifierOf(key)],
    status: 'completed',
    category: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'notification' }],
      },
    ],
    subject: subjectOf(request),
    ...encounterOf(request),
    sent: now,
    sender: author,
    recipient: [author],
    payload: [{ contentString: noteText(request) }],
  };
}
