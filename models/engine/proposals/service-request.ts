/**
 * A test that the clinician may order, as a draft proposal: FHIR R4 ServiceRequest (interop §3B, rung R3). It is no order:
 * `draft` and `proposal`, and nothing else, ever (WB4); whoever wants it done signs it in the EHR.
 */
import type { ServiceRequest } from 'fhir/r4';
import { lostFields } from './compare.ts';
import { aiLabel, encounterOf, evidenceOf, identifierOf, patientIn, since, subjectOf } from './labels.ts';
import { noteText } from './note-text.ts';
import type { Proposal, ProposalRequest } from './proposal.ts';

export const serviceRequest: Proposal<ServiceRequest> = {
  resourceType: 'ServiceRequest',
  title: 'Draft proposal (ServiceRequest), not an order',
  noun: 'Draft proposal',
  heading: 'Will be proposed',
  button: 'Propose 1 draft, no order',
  text: noteText,
  propose,
  differences: (comparison) =>
    lostFields(comparison, ['status', 'intent', 'code', 'subject', 'encounter', 'authoredOn', 'note']),
  fingerprint: ({ subject, authoredOn }) => ({ patient: patientIn(subject), authored: since(authoredOn) }),
  carried: ({ note }) => note?.[0]?.text,
};

function propose(request: ProposalRequest): ServiceRequest {
  const { recommendation, author, now, key } = request;
  const supporting = evidenceOf(recommendation);
  return {
    resourceType: 'ServiceRequest',
    meta: aiLabel,
    identifier: [identifierOf(key)],
    status: 'draft',
    intent: 'proposal',
    code: { text: recommendation.action },
    subject: subjectOf(request),
    ...encounterOf(request),
    authoredOn: now,
    requester: author,
    reasonCode: [{ text: recommendation.summary }],
    ...(supporting.length > 0 && { supportingInfo: supporting }),
    note: [{ text: noteText(request), time: now }],
  };
}
