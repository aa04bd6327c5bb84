/** Coded observations and the codes that ask for them; their answers are read in `smoking.ts` and `pregnancy.ts`. */

/** LOINC codes of smoking status: Tobacco smoking status (US Core), tobacco use history as older systems file it. */
export const SMOKING_STATUS_CODES: readonly string[] = ['72166-2'];

/** LOINC code of pregnancy status (US Core). */
export const PREGNANCY_STATUS_CODES: readonly string[] = ['82810-3'];
