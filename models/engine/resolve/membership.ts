/** Whether a chart entry belongs to a value set or a drug class of the library. */
import type { ConditionFact, MedicationFact, RouteClass } from '../facts/facts.ts';
import type { DrugClass, ValueSet } from '../library.ts';

/** Routes by which a medicine reaches the whole body; an unknown route is taken as systemic, and said. */
const SYSTEMIC: readonly RouteClass[] = ['systemic', 'unknown'];

/** Is one of the condition's codes in the value set: the exact code, or a code under it where the entry is a prefix (ICD)? */
export function inValueSet(condition: ConditionFact, valueSet: ValueSet): boolean {
  return condition.codings.some(
    ({ system, code }) =>
      code !== undefined &&
      valueSet.codes.some(
        (entry) =>
          entry.system === system &&
          (entry.prefix ? undotted(code).startsWith(undotted(entry.code)) : entry.code === code),
      ),
  );
}

/** ICD codes are written with and without the dot. */
function undotted(code: string): string {
  return code.replaceAll('.', '');
}

/** RxCUIs that a drug class id, or a bare RxCUI, stands for; `undefined` when the library knows no such class. */
export function ingredientsOf(id: string, classes: readonly DrugClass[]): ReadonlySet<string> | undefined {
  if (/^\d+$/.test(id)) return new Set([id]);
  const found = classes.find((drugClass) => drugClass.id === id);
  return found && new Set(found.members.map((member) => member.rxcui));
}

/** Is this a medicine the patient takes now, by a route that reaches the whole body, holding one of the ingredients? */
export function takenNow(medication: MedicationFact, rxcuis: ReadonlySet<string>): boolean {
  return (
    medication.state === 'active' &&
    SYSTEMIC.includes(medication.route) &&
    medication.ingredients.some((ingredient) => rxcuis.has(ingredient.rxcui))
  );
}
