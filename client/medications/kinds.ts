/** Which knowledge is about medicines; apart, since the page needs it before the section's own code. */
import type { Evaluation } from '../../models/engine/evaluation.ts';

/** Kinds of knowledge that speak of medicines. */
export const OF_MEDICINES: ReadonlySet<Evaluation['kind']> = new Set([
  'interaction',
  'burden',
  'duplicate',
  'companion',
  'allergy',
  'caution',
  'gene',
  'exposure',
  'dose',
  'dosing',
]);
