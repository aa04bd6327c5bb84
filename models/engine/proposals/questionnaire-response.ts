/** The recommendation as the answer to a form that the EHR already has, agreed with the site: FHIR R4 QuestionnaireResponse (interop §3B, rung R5). */
import type { QuestionnaireResponse } from 'fhir/r4';
import { lostFields } from './compare.ts';
import { aiLabel, encounterOf, identifierOf, patientIn, since, subjectOf } from './labels.ts';
import { noteText } from './note-text.ts';
import type { Proposal, ProposalRequest } from './proposal.ts';

export const questionnaireResponse: Proposal<QuestionnaireResponse> = {
  resourceType: 'QuestionnaireResponse',
  title: 'Answer to an agreed form (QuestionnaireResponse)',
  noun: 'Form',
  heading: 'Will be filed',
  button: 'File 1 form',
  text: noteText,
  propose,
  differences: (comparison) =>
    lostFields(comparison, ['status', 'questionnaire', 'subject', 'encounter', 'authored', 'author', 'item']),
  fingerprint: ({ subject, authored }) => ({ patient: patientIn(subject), authored: since(authored) }),
  carried: ({ item }) => item?.[0]?.answer?.[0]?.valueString,
};

function propose(request: ProposalRequest): QuestionnaireResponse {
  const { author, now, key, setting } = request;
  if (!setting?.questionnaire || !setting.linkId) throw new Error('no form was agreed with this site');
  return {
    resourceType: 'QuestionnaireResponse',
    meta: aiLabel,
    identifier: identifierOf(key),
    status: 'completed',
    questionnaire: setting.questionnaire,
    subject: subjectOf(request),
    ...encounterOf(request),
    authored: now,
    author,
    item: [{ linkId: setting.linkId, answer: [{ valueString: noteText(request) }] }],
  };
}
