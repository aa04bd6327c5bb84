/** Why a card is not followed: the same codes as in the sidebar, so that both are counted together. */
export const REASON_SYSTEM = 'urn:attune:reasons';

export const OVERRIDE_REASONS = [
  { code: 'will-monitor', display: 'Will monitor' },
  { code: 'already-tolerated', display: 'Already tolerated' },
  { code: 'dose-adjusted', display: 'Dose adjusted' },
  { code: 'patient-declined', display: 'Patient declined' },
  { code: 'not-applicable', display: 'Not applicable' },
  { code: 'disagree', display: 'Disagree' },
] as const;

/** The reason as recorded: one of ours, else only that there was another. */
export function reasonCode(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  return OVERRIDE_REASONS.some((reason) => reason.code === code) ? code : 'other';
}
