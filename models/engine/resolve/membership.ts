/** Whether a medicine belongs to a drug class of the library. */
import { type DrugKnowledge, membersOfClass } from '../drugs/profiles.ts';
import type { MedicationFact, RouteClass } from '../facts/facts.ts';

/** Routes by which a medicine reaches the whole body; an unknown route is taken as systemic, and said. */
const SYSTEMIC: readonly RouteClass[] = ['systemic', 'unknown'];

/** RxCUIs that a drug class id, or a bare RxCUI, stands for; `undefined` when the library knows no such class. */
export function ingredientsOf(id: string, knowledge: DrugKnowledge): ReadonlySet<string> | undefined {
  return /^\d+$/.test(id) ? new Set([id]) : membersOfClass(id, knowledge);
}

/** Is this a medicine the patient takes now, by a route that reaches the whole body, holding one of the ingredients? */
export function takenNow(medication: MedicationFact, rxcuis: ReadonlySet<string>): boolean {
  return (
    medication.state === 'active' &&
    SYSTEMIC.includes(medication.route) &&
    medication.ingredients.some((ingredient) => rxcuis.has(ingredient.rxcui))
  );
}
