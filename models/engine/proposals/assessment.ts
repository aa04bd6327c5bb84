/** What the recommendation asserts, coded, for servers that take it: a risk as RiskAssessment, anything else as DetectedIssue. */
import type { DetectedIssue, RiskAssessment } from 'fhir/r4';
import type { Indicator } from '../evaluation.ts';
import { aiLabel, encounterOf, evidenceOf, identifierOf, knowledgeOf, subjectOf } from './labels.ts';
import type { ProposalRequest } from './proposal.ts';

const SEVERITY: Record<Indicator, DetectedIssue['severity']> = { critical: 'high', warning: 'moderate', info: 'low' };

/** The type follows from the kind of knowledge that spoke. */
export function assessmentTypeOf({ recommendation }: Pick<ProposalRequest, 'recommendation'>) {
  return recommendation.kind === 'risk' ? 'RiskAssessment' : 'DetectedIssue';
}

export function proposeAssessment(request: ProposalRequest): RiskAssessment | DetectedIssue {
  return assessmentTypeOf(request) === 'RiskAssessment' ? riskAssessment(request) : detectedIssue(request);
}

function riskAssessment(request: ProposalRequest): RiskAssessment {
  const { recommendation, author, now, key } = request;
  const { score } = recommendation;
  const basis = evidenceOf(recommendation);
  return {
    resourceType: 'RiskAssessment',
    meta: aiLabel,
    identifier: [identifierOf(key, 'assessment')],
    status: 'final',
    method: { text: knowledgeOf(recommendation) },
    subject: subjectOf(request),
    ...encounterOf(request),
    occurrenceDateTime: now,
    performer: author,
    ...(basis.length > 0 && { basis }),
    prediction: [
      {
        outcome: { text: score?.title ?? recommendation.summary },
        // FHIR: a probability between 0 and 1; points are no probability and stay in the text.
        ...(score?.unit === '1' && score.value >= 0 && score.value <= 1 && { probabilityDecimal: score.value }),
        rationale: recommendation.detail,
      },
    ],
    mitigation: recommendation.action,
    note: [{ text: recommendation.limitation }],
  };
}

function detectedIssue(request: ProposalRequest): DetectedIssue {
  const { recommendation, author, now, key } = request;
  const detail = evidenceOf(recommendation);
  const severity = SEVERITY[recommendation.indicator];
  return {
    resourceType: 'DetectedIssue',
    meta: aiLabel,
    identifier: [identifierOf(key, 'assessment')],
    status: 'final',
    code: { text: recommendation.summary },
    ...(severity && { severity }),
    patient: subjectOf(request),
    identifiedDateTime: now,
    author,
    ...(detail.length > 0 && { evidence: [{ detail }] }),
    detail: recommendation.detail,
    // `action` says what is recommended; that it was done is nobody's claim, so no date and no author of it.
    mitigation: [{ action: { text: `Recommended: ${recommendation.action}` } }],
  };
}
