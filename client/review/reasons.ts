/** The six coded reasons for not acting now: what clinicians really answer, one tap each. */
export const reasons = [
  { code: 'will-monitor', word: 'Will monitor' },
  { code: 'already-tolerated', word: 'Already tolerated' },
  { code: 'dose-adjusted', word: 'Dose adjusted' },
  { code: 'patient-declined', word: 'Patient declined' },
  { code: 'not-applicable', word: 'Not applicable' },
  { code: 'disagree', word: 'Disagree' },
] as const;

/** Code of a reason, as it goes into the record. */
export type ReasonCode = (typeof reasons)[number]['code'];

/** The word for a code. */
export function reasonWord(code: string): string {
  return reasons.find((reason) => reason.code === code)?.word ?? code;
}
