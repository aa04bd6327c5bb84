/** What an EHR says of a token when it is asked (RFC 7662; SMART token introspection): whether it stands, and about whom. */

/** The answer as it came, whatever else is in it. */
export interface Introspected {
  readonly active: boolean;
  readonly patient?: unknown;
}

/** `unknown`: the EHR was not asked or did not say; it will decide when the token is used. */
export type Standing = 'stands' | 'inactive' | 'other-patient' | 'unknown';

/** Whether a token stands for this patient. A server that leaves the patient out has not said otherwise. */
export function standingOf(answer: Introspected | undefined, patientId: string): Standing {
  if (!answer) return 'unknown';
  if (!answer.active) return 'inactive';
  return answer.patient === undefined || answer.patient === patientId ? 'stands' : 'other-patient';
}
