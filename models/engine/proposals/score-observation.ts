/** The number of a risk model under a code that the site agreed on: FHIR R4 Observation (interop §3B, rung R6). */
import type { Observation } from 'fhir/r4';
import { lostFields } from './compare.ts';
import { aiLabel, encounterOf, evidenceOf, identifierOf, knowledgeOf, patientIn, since, subjectOf } from './labels.ts';
import { noteText } from './note-text.ts';
import type { Proposal, ProposalRequest } from './proposal.ts';

const SURVEY = { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' };

export const scoreObservation: Proposal<Observation> = {
  resourceType: 'Observation',
  title: 'Score (Observation)',
  noun: 'Score',
  heading: 'Will be written',
  button: 'Write 1 score',
  text: noteText,
  propose,
  differences: (comparison) =>
    lostFields(comparison, ['status', 'code', 'subject', 'encounter', 'effectiveDateTime', 'valueQuantity', 'note']),
  // There are EHRs that refuse to search Observations without a category.
  fingerprint: ({ subject, effectiveDateTime }) => ({
    patient: patientIn(subject),
    category: `${SURVEY.system}|${SURVEY.code}`,
    date: since(effectiveDateTime),
  }),
  carried: ({ note }) => note?.[0]?.text,
};

function propose(request: ProposalRequest): Observation {
  const { recommendation, author, now, key, setting } = request;
  const { score } = recommendation;
  const code = score && setting?.scores?.[score.model];
  if (!score || !code) throw new Error('no code was agreed for this score');
  const derivedFrom = evidenceOf(recommendation).filter(({ reference }) =>
    /^(Observation|QuestionnaireResponse)\//.test(reference ?? ''),
  );
  return {
    resourceType: 'Observation',
    meta: aiLabel,
    identifier: [identifierOf(key)],
    status: 'final',
    category: [{ coding: [SURVEY] }],
    code: { coding: [code], text: score.title },
    subject: subjectOf(request),
    ...encounterOf(request),
    effectiveDateTime: now,
    performer: [author],
    valueQuantity: { value: score.value, system: 'http://unitsofmeasure.org', code: score.unit, unit: score.unit },
    method: { text: knowledgeOf(recommendation) },
    ...(derivedFrom.length > 0 && { derivedFrom }),
    note: [{ text: noteText(request) }],
  };
}
