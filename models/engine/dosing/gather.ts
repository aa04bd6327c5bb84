/** From facts to a course's input: the doses given into a vein and the levels drawn after the first of them. */
import type { Missing } from '../evaluation.ts';
import type { Facts, GivenFact, ObservationFact } from '../facts/facts.ts';
import type { PharmacokineticModel } from '../library.ts';
import type { Level } from './bayes.ts';
import { infusionHours } from './course.ts';
import type { Infusion } from './curve.ts';

const HOUR = 3_600_000;
/** A dose of longer ago has left the body. The limit is ours. */
const LOOK_BACK = 14 * 24 * HOUR;

/** Doses and levels on one clock that starts with the first dose. */
export interface Gathered {
  readonly infusions: readonly Infusion[];
  readonly levels: readonly Level[];
  readonly given: readonly GivenFact[];
  readonly measured: readonly ObservationFact[];
  /** h since the first dose; 0 when none was given */
  readonly now: number;
  /** ms since the epoch of hour 0 */
  readonly zero: number;
  /** A dose whose size or time is not known: the curve would be wrong. */
  readonly missing: readonly Missing[];
}

/** @param now ms since the epoch */
export function gatherCourse(model: PharmacokineticModel, facts: Facts, now: number): Gathered {
  const given = (facts.given ?? []).filter(
    ({ ingredients, start }) =>
      ingredients.some(({ rxcui }) => rxcui === model.drug.rxcui) &&
      now - start.start <= LOOK_BACK &&
      start.start <= now,
  );
  const zero = given[0]?.start.start ?? now;
  const hours = (time: number) => (time - zero) / HOUR;
  const missing = given
    .filter(({ dose, start }) => dose === undefined || start.precision !== 'instant')
    .map(
      ({ start }): Missing => ({
        path: 'medication',
        label: `${model.drug.name} given`,
        absence: 'unread',
        text: `the ${model.drug.name} dose of ${start.text} has no readable amount or no time of day`,
        required: true,
      }),
    );
  const measured = (facts.observation[model.level.slice('observation.'.length)] ?? []).filter(
    ({ effective, comparator, extreme }) =>
      comparator === undefined &&
      !extreme &&
      effective.precision === 'instant' &&
      effective.start > zero &&
      effective.start <= now,
  );
  return {
    infusions: given.flatMap(({ start, end, dose }) =>
      dose
        ? [{ at: hours(start.start), mg: dose.value, hours: lengthOf(model, dose.value, start.start, end?.end) }]
        : [],
    ),
    levels: measured.map(({ effective, value }) => ({ at: hours(effective.start), value })).sort((a, b) => a.at - b.at),
    given,
    measured,
    now: hours(now),
    zero,
    missing,
  };
}

/** As charted; where only the start is charted, as long as such a dose must run. */
function lengthOf({ regimens }: PharmacokineticModel, mg: number, start: number, end: number | undefined): number {
  const charted = end === undefined ? 0 : (end - start) / HOUR;
  return charted > 0 ? charted : infusionHours(regimens, mg);
}
