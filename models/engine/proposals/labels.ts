/** What every resource of ours carries: the idempotency key, the sign that AI was involved, and where it belongs. */
import type { Coding, Identifier, Meta, Reference } from 'fhir/r4';
import type { Accepted, ProposalRequest } from './proposal.ts';

/** Identifier system of everything Attune writes; its value is the idempotency key. */
export const WRITE_BACK_SYSTEM = 'urn:attune:write-back';

/** `AIAST`: asserted by clinical decision support, machine learning or an algorithm (HL7 AI Transparency IG, opened 2026-11-22). */
export const AI_ASSERTED: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'AIAST',
  display: 'Artificial Intelligence asserted',
};

export const aiLabel: Meta = { security: [AI_ASSERTED] };

/** The key; each further part of a transaction adds its role to it. */
export function identifierOf(key: string, role?: string): Identifier {
  return { system: WRITE_BACK_SYSTEM, value: role ? `${key}-${role}` : key };
}

export function subjectOf({ patientId }: Pick<ProposalRequest, 'patientId'>): Reference {
  return { reference: `Patient/${patientId}` };
}

/** To be spread: absent where the launch has no encounter. */
export function encounterOf({ encounterId }: Pick<ProposalRequest, 'encounterId'>): { encounter?: Reference } {
  return encounterId ? { encounter: { reference: `Encounter/${encounterId}` } } : {};
}

/** The resources behind the values, as far as they lie on this server. */
export function evidenceOf({ inputs }: Pick<Accepted, 'inputs'>): Reference[] {
  const own = inputs.flatMap(({ source }) =>
    source && /^[A-Z]\w+\/[A-Za-z0-9.-]{1,64}$/.test(source) ? [source] : [],
  );
  return [...new Set(own)].map((reference) => ({ reference }));
}

/** What spoke, with its version: `Metformin and eGFR (metformin-egfr 1.0.0)`. */
export function knowledgeOf({ from }: Pick<Accepted, 'from'>): string {
  return from.map(({ id, version, title }) => `${title} (${id} ${version})`).join('; ');
}

/** The patient's id, for a search. */
export function patientIn(subject: Reference | undefined): string {
  return (subject?.reference ?? '').replace('Patient/', '');
}

/** A search from five minutes before: slack for servers that store a date coarser than they were given it. */
export function since(date: string | undefined): string {
  return `ge${new Date(Date.parse(date ?? '') - 300_000).toISOString()}`;
}
