/** A published population model: the typical patient of these covariates, and how far people differ from it. */
import { evaluateExpression } from '../expression.ts';
import type { PharmacokineticModel } from '../library.ts';
import type { Disposition } from './curve.ts';

/** A model that gives no usable person for these inputs. Names only, never values. */
export class DispositionError extends Error {
  readonly code = 'no-disposition';
}

/**
 * Clearance (L/h) and volumes (L) that the model expects for these inputs.
 * @throws DispositionError where a parameter is not above 0 (a linear clearance equation may cross it)
 */
export function typicalOf(
  { id, terms = [], parameters }: Pick<PharmacokineticModel, 'id' | 'terms' | 'parameters'>,
  values: Readonly<Record<string, number>>,
): Disposition {
  const scope: Record<string, number> = { ...values };
  for (const { name, formula } of terms) scope[name] = evaluateExpression(formula, scope);
  const entries = Object.entries(parameters).map(
    ([name, formula]) => [name, evaluateExpression(formula, scope)] as const,
  );
  const low = entries.find(([, value]) => !(value > 0));
  if (low) throw new DispositionError(`${id}: no ${low[0]} above zero for these inputs`);
  const { cl, v1, q, v2 } = Object.fromEntries(entries) as Record<keyof Disposition, number>;
  return q === undefined || v2 === undefined ? { cl, v1 } : { cl, v1, q, v2 };
}

/** The person who differs from the typical one by `eta`, in the order of `varies`: each parameter × e^eta. */
export function individual(
  { varies }: Pick<PharmacokineticModel, 'varies'>,
  typical: Disposition,
  eta: readonly number[],
): Disposition {
  const person: Record<string, number> = { ...typical };
  varies.forEach((name, index) => {
    person[name] = (typical[name] ?? Number.NaN) * Math.exp(eta[index] ?? 0);
  });
  return person as unknown as Disposition;
}
