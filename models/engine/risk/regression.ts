/** Published equations in float64: a formula per outcome, or terms × coefficients through a link. */
import type { Outcome } from '../evaluation.ts';
import { evaluateExpression } from '../expression.ts';
import type { RegressionModel } from '../library.ts';
import { withMissing } from './inputs.ts';
import { outcomeOf } from './outcome.ts';

/** A manifest that does not hold together, found while scoring. Names only, never values. */
export class ModelError extends Error {
  readonly code = 'model-incomplete';
}

/**
 * The outcomes of an equation for the given input numbers (in the units of its bindings, words by their codes).
 * Pure and free of allocation beyond its result, so that a what-if can follow a slider.
 * @throws ExpressionError for an input that is not given or a result that is not finite; ModelError for a stratum without coefficients
 */
export function scoreRegression(model: RegressionModel, values: Readonly<Record<string, number>>): readonly Outcome[] {
  const stratum = stratumOf(model, values);
  const scope = scopeOf(model, values, stratum);
  return model.outcomes.map((outcome) => outcomeOf(outcome, outcomeValue(model, outcome.id, stratum, scope)));
}

/** Inputs, constants and terms by name, as the equation sees them for the given input numbers. Throws as `scoreRegression`. */
export function scopeOf(
  model: RegressionModel,
  values: Readonly<Record<string, number>>,
  stratum = stratumOf(model, values),
): Readonly<Record<string, number>> {
  const scope = { ...withMissing(model.inputs, values), ...(model.constants && row(model.constants, stratum)) };
  for (const { name, formula } of model.terms ?? []) scope[name] = evaluateExpression(formula, scope);
  return scope;
}

function outcomeValue(
  model: RegressionModel,
  outcome: string,
  stratum: string,
  scope: Readonly<Record<string, number>>,
): number {
  const equation = model.equation?.[outcome];
  if (equation) return evaluateExpression(equation, scope);
  const coefficients = model.coefficients && row(model.coefficients, stratum)[outcome];
  if (!coefficients) throw new ModelError(`${model.id}: no coefficients for ${outcome}`);
  let sum = 0;
  for (const [term, coefficient] of Object.entries(coefficients)) {
    const value = term === 'constant' ? 1 : scope[term];
    if (value === undefined) throw new ModelError(`${model.id}: no term ${term}`);
    sum += coefficient * value;
  }
  return linked(model.link ?? 'identity', sum);
}

function linked(link: NonNullable<RegressionModel['link']>, sum: number): number {
  switch (link) {
    case 'identity':
      return sum;
    case 'logistic':
      return 1 / (1 + Math.exp(-sum));
    case 'exp':
      return Math.exp(sum);
  }
}

/** The words whose codes the stratum inputs have: `female` where `sex` is 1, `low/female` where `region` is 1 as well. */
function stratumOf(model: RegressionModel, values: Readonly<Record<string, number>>): string {
  const words = strataOf(model).map((stratum) => {
    const codes = model.inputs.find(({ name }) => name === stratum)?.codes ?? {};
    const word = Object.entries(codes).find(([, code]) => code === values[stratum])?.[0];
    if (word === undefined) throw new ModelError(`${model.id}: ${stratum} picks no stratum`);
    return word;
  });
  return words.length === 0 ? 'all' : words.join('/');
}

/** The inputs that pick the stratum, in the order of their words in its key. */
export function strataOf({ stratum }: RegressionModel): readonly string[] {
  if (stratum === undefined) return [];
  return typeof stratum === 'string' ? [stratum] : stratum;
}

function row<T>(table: Readonly<Record<string, T>>, stratum: string): T {
  const found = table[stratum] ?? table.all;
  if (!found) throw new ModelError(`${stratum} has no row in the table`);
  return found;
}
