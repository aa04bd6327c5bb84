/**
 * From measured levels to this person: the most probable departure from the typical patient (maximum a posteriori),
 * and how sure that is (the curvature there). With no level it is the population as published.
 */
import type { PharmacokineticModel } from '../library.ts';
import { concentrationAt, type Disposition, type Infusion } from './curve.ts';
import { cholesky, inverse, type Matrix, NotPositiveDefinite, quadratic, solve } from './matrix.ts';
import { individual } from './population.ts';

/** A level: mg/L at h on the clock of the infusions. */
export interface Level {
  readonly at: number;
  readonly value: number;
}

/** The person as far as the levels tell. `covariance` is of `eta`, in the order of the model's `varies`. */
export interface Person {
  readonly eta: readonly number[];
  readonly covariance: Matrix;
  readonly disposition: Disposition;
}

/** A search that found no most probable person: nothing is shown then. */
export class FitError extends Error {
  readonly code = 'no-fit';
}

type Population = Pick<PharmacokineticModel, 'varies' | 'omega' | 'residual'>;

/** Step of the numeric derivatives: near the cube root of the machine's precision for values around 1. */
const STEP = 1e-4;
const MOST_STEPS = 60;
const MOST_DAMPING = 1e9;
/** A change of a parameter by this share is far below what any level can tell. */
const SETTLED = 1e-5;

/**
 * The most probable person given infusions and levels. Damped Newton on −2·log posterior: at most four unknowns, smooth.
 * @throws FitError when it does not settle
 */
export function mostProbable(
  population: Population,
  typical: Disposition,
  given: { readonly infusions: readonly Infusion[]; readonly levels: readonly Level[] },
): Person {
  const precision = inverse(population.omega);
  const surprise = (eta: readonly number[]): number => {
    const person = individual(population, typical, eta);
    return given.levels.reduce(
      (sum, { at, value }) => {
        const expected = concentrationAt(person, given.infusions, at);
        const variance = varianceAt(population, expected);
        return sum + (value - expected) ** 2 / variance + Math.log(variance);
      },
      quadratic(precision, eta),
    );
  };
  let eta = population.varies.map(() => 0);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = descend(surprise, eta);
    const moved = Math.max(...next.map((value, index) => Math.abs(value - (eta[index] ?? 0))));
    eta = next;
    if (moved < SETTLED) {
      // Half: the surprise is −2 log posterior.
      const curvature = hessianOf(surprise, eta).map((row) => row.map((value) => value / 2));
      return {
        eta,
        covariance: covarianceOf(curvature, population.omega),
        disposition: individual(population, typical, eta),
      };
    }
  }
  throw new FitError('the levels did not settle on one person');
}

/** Variance of a measured level (mg²/L²) about the true one. */
export function varianceAt({ residual }: Pick<Population, 'residual'>, expected: number): number {
  return (residual.proportional * expected) ** 2 + residual.additive ** 2;
}

/** A Newton step, damped until it lowers the surprise (Levenberg): far from the answer the curvature may be no use. */
function descend(surprise: (eta: readonly number[]) => number, eta: readonly number[]): number[] {
  const [here, gradient, hessian] = [surprise(eta), gradientOf(surprise, eta), hessianOf(surprise, eta)];
  for (let damping = 0; damping < MOST_DAMPING; damping = damping === 0 ? 1e-3 : damping * 10) {
    const direction = newton(
      hessian.map((row, i) => row.map((value, j) => (i === j ? value + damping * (1 + Math.abs(value)) : value))),
      gradient,
    );
    const next = direction && eta.map((value, index) => value - (direction[index] ?? 0));
    if (next && surprise(next) <= here) return next;
  }
  return [...eta];
}

function newton(hessian: Matrix, gradient: readonly number[]): number[] | undefined {
  try {
    return solve(cholesky(hessian), gradient);
  } catch (error) {
    if (error instanceof NotPositiveDefinite) return undefined;
    throw error;
  }
}

/** Never wider than the population: curvature adds to what was known before. */
function covarianceOf(curvature: Matrix, omega: Matrix): Matrix {
  try {
    return inverse(curvature);
  } catch (error) {
    if (error instanceof NotPositiveDefinite) return omega;
    throw error;
  }
}

function gradientOf(of: (eta: readonly number[]) => number, eta: readonly number[]): number[] {
  return eta.map((_, i) => (of(moved(eta, [[i, STEP]])) - of(moved(eta, [[i, -STEP]]))) / (2 * STEP));
}

function hessianOf(of: (eta: readonly number[]) => number, eta: readonly number[]): number[][] {
  const wide = 10 * STEP;
  return eta.map((_, i) =>
    eta.map((__, j) => {
      const corner = (a: number, b: number) =>
        of(
          moved(eta, [
            [i, a * wide],
            [j, b * wide],
          ]),
        );
      return (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * wide * wide);
    }),
  );
}

function moved(eta: readonly number[], by: readonly (readonly [number, number])[]): number[] {
  const next = [...eta];
  for (const [index, step] of by) next[index] = (next[index] ?? 0) + step;
  return next;
}
