/** What the pharmacokinetic models answer to a conformance case: parameters, concentrations at times, and the daily area. */
import { concentrationAt, dailyAreaAtSteadyState, steadyStateAt } from '../../models/engine/dosing/curve.ts';
import { DispositionError, typicalOf } from '../../models/engine/dosing/population.ts';
import type { PharmacokineticModel } from '../../models/engine/library.ts';
import type { LoadedLibrary } from '../library.ts';

/** A case of a conformance file. */
export interface PharmacokineticCase {
  readonly model?: unknown;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** A number or nested numbers, in the shape of what is expected; `null` = refused. */
export type Nested = number | string | null | readonly Nested[] | { readonly [key: string]: Nested };

/** Outputs by name, or nothing where no shipped model is meant. */
export function pharmacokineticAnswer({
  file,
  one,
  inForce,
}: {
  readonly file: string;
  readonly one: PharmacokineticCase;
  readonly inForce: Pick<LoadedLibrary, 'library' | 'pharmacokineticVectors'>;
}): Readonly<Record<string, Nested>> {
  const model = (inForce.library.pharmacokinetics ?? []).find(({ id }) => {
    const named = inForce.pharmacokineticVectors.get(id);
    return named?.file === file && named.model === one.model;
  });
  if (!model) return {};
  try {
    return outputsOf(model, one);
  } catch (error) {
    if (!(error instanceof DispositionError)) throw error;
    return Object.fromEntries(Object.keys(one.expected).map((key) => [key, null]));
  }
}

function outputsOf(model: PharmacokineticModel, { input, expected }: PharmacokineticCase) {
  const number = (key: string) => (typeof input[key] === 'number' ? input[key] : Number.NaN);
  const typical = typicalOf(model, {
    age: number('age'),
    weight: number('weight'),
    scr: number('scr'),
    female: Number(input.sex === 'female'),
    dial: number('dialysis'),
  });
  const regimen = { mg: number('dose'), hours: number('t_inf'), every: number('tau') };
  const times = Array.isArray(expected.times_h) ? expected.times_h.map(Number) : [];
  const first = [{ at: 0, mg: regimen.mg, hours: regimen.hours }];
  const { cl, v1, q, v2 } = typical;
  return {
    params: { CL: cl, V: v1, ...(q === undefined || v2 === undefined ? {} : { Q: q, V2: v2 }) },
    times_h: times,
    conc_first_dose_mg_L: times.map((time) => concentrationAt(typical, first, time)),
    conc_steady_state_mg_L: times.map((time) => steadyStateAt(typical, regimen, time)),
    auc24_ss: dailyAreaAtSteadyState(typical, regimen),
  };
}
