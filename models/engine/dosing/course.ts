/** The course of one drug in one person: what was given, what was measured, what follows, and which regimens would reach the target. */
import type { PharmacokineticModel } from '../library.ts';
import { type Level, mostProbable, type Person } from './bayes.ts';
import {
  areaBetween,
  concentrationAt,
  type Disposition,
  dailyAreaAtSteadyState,
  type Infusion,
  type Regimen,
  steadyStateAt,
} from './curve.ts';
import { typicalOf } from './population.ts';
import { type Banded, banded, drawsOf } from './predict.ts';

/** A regimen and what it would lead to at steady state. */
export interface Choice {
  readonly regimen: Regimen;
  /** mg.h/L in 24 h */
  readonly area: Banded;
  /** mg/L just before the next dose */
  readonly trough: Banded;
}

/** One moment of the curve. */
export interface Moment extends Banded {
  /** h on the clock of the infusions */
  readonly at: number;
}

/** Everything the screen draws. Hours count from the first infusion, or from now when none was given. */
export interface Course {
  readonly infusions: readonly Infusion[];
  readonly levels: readonly Level[];
  readonly person: Person;
  /** The interval and dose that the infusions follow; absent: they follow none. */
  readonly current?: Choice;
  /** Area of the 24 h before the last infusion's interval ended, as given; absent before 24 h of treatment. */
  readonly lastDay?: Banded;
  readonly curve: readonly Moment[];
  /** Nearest to the middle of the target, one for each interval; empty: none reaches it. */
  readonly choices: readonly Choice[];
}

/** What a course is made of. */
export interface CourseInput {
  readonly values: Readonly<Record<string, number>>;
  readonly infusions: readonly Infusion[];
  readonly levels: readonly Level[];
  /** h on the clock of the infusions */
  readonly now: number;
}

/** Points of the drawn curve. */
const MOMENTS = 97;
/** The curve is drawn this far ahead, h. */
const AHEAD = 48;

/** @throws DispositionError, FitError: then nothing is shown */
export function courseOf(model: PharmacokineticModel, { values, infusions, levels, now }: CourseInput): Course {
  const typical = typicalOf(model, values);
  const person = mostProbable(model, typical, { infusions, levels });
  const draws = drawsOf(model, typical, person);
  const choice = (regimen: Regimen): Choice => ({
    regimen,
    area: banded(person, draws, (one) => dailyAreaAtSteadyState(one, regimen)),
    trough: banded(person, draws, (one) => steadyStateAt(one, regimen, regimen.every)),
  });
  const followed = regimenOf(model, infusions);
  const ahead = [...infusions, ...comingDoses(infusions, followed, now)];
  return {
    infusions,
    levels,
    person,
    ...(followed ? { current: choice(followed) } : {}),
    ...(now >= 24 && infusions.length > 0
      ? { lastDay: banded(person, draws, (one) => areaBetween(one, infusions, { from: now - 24, to: now })) }
      : {}),
    curve: curveOf({ person, draws, infusions: ahead, until: now + AHEAD }),
    choices: choicesOf(model, person.disposition).map(choice),
  };
}

/** Regimens whose area lies in the target for the most probable person: of each interval the one nearest its middle. */
function choicesOf({ target, regimens }: PharmacokineticModel, disposition: Disposition): readonly Regimen[] {
  const [low, high] = target.area;
  const away = (regimen: Regimen) => Math.abs(dailyAreaAtSteadyState(disposition, regimen) - (low + high) / 2);
  return regimens.every.flatMap((every) => {
    const reaching = regimens.doses
      .filter((mg) => mg * (24 / every) <= regimens.mostPerDay)
      .map((mg): Regimen => ({ mg, every, hours: infusionHours(regimens, mg) }))
      .filter((regimen) => {
        const area = dailyAreaAtSteadyState(disposition, regimen);
        return area >= low && area <= high;
      })
      .sort((a, b) => away(a) - away(b));
    return reaching.slice(0, 1);
  });
}

/** How long a dose must run at least, h. */
export function infusionHours({ rate, shortest }: PharmacokineticModel['regimens'], mg: number): number {
  return Math.max(shortest, mg / rate) / 60;
}

/** The dose and interval that the last three infusions share; intervals within two hours of a usual one count as it. */
function regimenOf({ regimens }: PharmacokineticModel, infusions: readonly Infusion[]): Regimen | undefined {
  const last = infusions.slice(-3);
  const [first] = last;
  const final = last.at(-1);
  if (!first || !final || last.length < 2 || last.some(({ mg }) => mg !== final.mg)) return undefined;
  const gaps = last.slice(1).map(({ at }, index) => at - (last[index]?.at ?? Number.NaN));
  const every = regimens.every.find((usual) => gaps.every((gap) => Math.abs(gap - usual) <= 2));
  return every === undefined ? undefined : { mg: final.mg, every, hours: final.hours };
}

/** The doses that would come if the regimen went on from now; one that was due before and is not charted was not given. */
function comingDoses(infusions: readonly Infusion[], regimen: Regimen | undefined, now: number): readonly Infusion[] {
  const last = infusions.at(-1);
  if (!last || !regimen) return [];
  const count = Math.ceil((now + AHEAD - last.at) / regimen.every);
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({
    at: last.at + (index + 1) * regimen.every,
    mg: regimen.mg,
    hours: regimen.hours,
  })).filter(({ at }) => at >= now && at < now + AHEAD);
}

function curveOf({
  person,
  draws,
  infusions,
  until,
}: {
  readonly person: Person;
  readonly draws: readonly Disposition[];
  readonly infusions: readonly Infusion[];
  readonly until: number;
}): readonly Moment[] {
  if (infusions.length === 0) return [];
  const even = Array.from({ length: MOMENTS }, (_, index) => (until * index) / (MOMENTS - 1));
  // Peaks and the moments before a dose are seen exactly, whatever the raster.
  const edges = infusions.flatMap(({ at, hours }) => [at, at + hours]).filter((at) => at <= until);
  return [...new Set([...even, ...edges])]
    .sort((a, b) => a - b)
    .map((at) => ({ at, ...banded(person, draws, (one) => concentrationAt(one, infusions, at)) }));
}
