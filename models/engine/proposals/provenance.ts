/** Who made what is written: software proposed, a clinician reviewed (interop WB5; HL7 AI Transparency IG, ballot). */
import type { Device, Provenance } from 'fhir/r4';
import { AI_ASSERTED, knowledgeOf, WRITE_BACK_SYSTEM } from './labels.ts';
import type { ProposalRequest } from './proposal.ts';

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** `targets` are full URLs within the transaction. Provenance has no identifier, so its key is a tag. */
export function proposeProvenance(request: ProposalRequest, targets: readonly string[]): Provenance {
  const { recommendation, author, now, key } = request;
  const device: Device = {
    resourceType: 'Device',
    id: 'attune',
    deviceName: [{ name: 'Attune decision support', type: 'user-friendly-name' }],
    version: [{ value: `library ${recommendation.libraryVersion}, ${recommendation.libraryDigest}` }],
  };
  return {
    resourceType: 'Provenance',
    meta: { tag: [{ system: WRITE_BACK_SYSTEM, code: `${key}-provenance` }], security: [AI_ASSERTED] },
    contained: [device],
    target: targets.map((reference) => ({ reference })),
    recorded: now,
    reason: [{ coding: [AI_ASSERTED] }],
    agent: [
      { type: { coding: [{ system: PARTICIPANT, code: 'assembler' }] }, who: { reference: '#attune' } },
      { type: { coding: [{ system: PARTICIPANT, code: 'verifier' }] }, who: author },
    ],
    entity: [{ role: 'derivation', what: { display: `Model card: ${knowledgeOf(recommendation)}` } }],
  };
}
