/** Every kind of resource that an accepted recommendation can become. One line each. */
import { communication } from './communication.ts';
import { documentReference } from './document-reference.ts';
import type { ProposalKind } from './ladder.ts';
import type { Proposal } from './proposal.ts';
import { questionnaireResponse } from './questionnaire-response.ts';
import { scoreObservation } from './score-observation.ts';
import { serviceRequest } from './service-request.ts';
import { transaction } from './transaction.ts';

/** By resource type; `ladder.ts` says which of them fits where. */
export const proposals: Readonly<Record<ProposalKind, Proposal>> = {
  Bundle: transaction,
  Communication: communication,
  DocumentReference: documentReference,
  Observation: scoreObservation,
  QuestionnaireResponse: questionnaireResponse,
  ServiceRequest: serviceRequest,
};

export type { ProposalKind } from './ladder.ts';
