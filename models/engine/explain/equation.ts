/** One number of an equation as a function of its inputs, and which of those inputs a person may be said to change. */
import type { InputBinding, RegressionModel } from '../library.ts';
import { scoreRegression } from '../risk/regression.ts';

/** Input numbers by name, in the units of the bindings; a lacking optional input has no entry. */
export type Values = Readonly<Record<string, number>>;

/**
 * The outcome `id` of a model as a function of its inputs, by the very code that makes the number on the screen.
 * The function throws as `scoreRegression`.
 */
export function equationOf(model: RegressionModel, id: string): (values: Values) => number {
  const alone: RegressionModel = { ...model, outcomes: model.outcomes.filter((outcome) => outcome.id === id) };
  return (values) => scoreRegression(alone, values)[0]?.value ?? Number.NaN;
}

const treatment = /^medication\.|treat|statin|antihypertens|medicine/i;

/** A treatment in an equation is an association, not an effect: never something to change, whatever a manifest says. */
export function isTreatment({ fact, name, label }: Pick<InputBinding, 'fact' | 'name' | 'label'>): boolean {
  return treatment.test(fact) || treatment.test(name) || treatment.test(label);
}

/** Measured, modifiable, and not a treatment. */
export function isChangeable(
  binding: InputBinding,
): binding is InputBinding & { readonly whatIf: NonNullable<InputBinding['whatIf']> } {
  return binding.whatIf !== undefined && !isTreatment(binding);
}
