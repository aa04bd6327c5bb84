/** What a person's levels will be, with a band: draws from what is still uncertain about them. */
import { normalFrom, quantile, uniformFrom } from '../explain/chance.ts';
import type { PharmacokineticModel } from '../library.ts';
import type { Person } from './bayes.ts';
import type { Disposition } from './curve.ts';
import { cholesky, times } from './matrix.ts';
import { individual } from './population.ts';

/** A number with the range in which eight of ten such people lie. */
export interface Banded {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const DRAWS = 500;
/** Fixed: the same patient gets the same band on every screen. */
const SEED = 20261123;

/** People who could be this one. The same model and person give the same draws. */
export function drawsOf(
  model: Pick<PharmacokineticModel, 'varies'>,
  typical: Disposition,
  { eta, covariance }: Person,
): readonly Disposition[] {
  const lower = cholesky(covariance);
  const normal = normalFrom(uniformFrom(SEED));
  return Array.from({ length: DRAWS }, () => {
    const step = times(
      lower,
      eta.map(() => normal()),
    );
    return individual(
      model,
      typical,
      eta.map((value, index) => value + (step[index] ?? 0)),
    );
  });
}

/** `of` for the most probable person, and the 10th to 90th percentile of it over the draws. */
export function banded(person: Person, draws: readonly Disposition[], of: (one: Disposition) => number): Banded {
  const sorted = draws.map(of).sort((a, b) => a - b);
  return { value: of(person.disposition), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
}
