/** The values of one marker over time, and what a value is compared with. Times in ms since the epoch. */
import type { Facts, ObservationFact } from '../facts/facts.ts';
import type { Injury, InjuryMarker, InjurySign } from './injury.ts';

export const DAY = 86_400_000;
/** Decimals of the laboratory must not hide a rise of exactly 0.3. */
const ROUNDING = 1e-9;

/** A value that can be compared: a number with a day. */
export interface Point {
  readonly at: number;
  readonly value: number;
  readonly fact: ObservationFact;
}

/** Usable values, oldest first, and the others with the reason. */
export interface Series {
  readonly marker: InjuryMarker;
  readonly points: readonly Point[];
  readonly excluded: readonly { readonly fact: ObservationFact; readonly reason: string }[];
}

/** All markers of an injury that have a value. */
export function seriesOf({ markers }: Pick<Injury, 'markers'>, facts: Facts, now: number): readonly Series[] {
  return markers.flatMap((marker) => {
    const all = facts.observation[keyOf(marker.fact)] ?? [];
    if (all.length === 0) return [];
    const judged = all.map((fact) => ({ fact, reason: reasonAgainst(fact, marker, now) }));
    return [
      {
        marker,
        points: judged
          .flatMap(({ fact, reason }) =>
            reason === undefined ? [{ at: fact.effective.start, value: fact.value, fact }] : [],
          )
          .sort((a, b) => a.at - b.at),
        excluded: judged.flatMap(({ fact, reason }) => (reason === undefined ? [] : [{ fact, reason }])),
      },
    ];
  });
}

/** `observation.alt` → `alt` */
export function keyOf(path: string): string {
  return path.slice('observation.'.length);
}

function reasonAgainst(fact: ObservationFact, marker: InjuryMarker, now: number): string | undefined {
  if (fact.extreme) return 'extreme: to be verified';
  if (fact.comparator) return 'only a bound';
  if (fact.unit !== marker.unit) return 'another unit';
  if (fact.effective.precision === 'year' || fact.effective.precision === 'month') return 'no day';
  return fact.effective.start > now ? 'in the future' : undefined;
}

/**
 * The laboratory's own upper limit where it came with the value, else the usual one. A "limit" far from the usual one is
 * a decision threshold or an error of unit, and is not used.
 */
export function upperOf({ fact }: Pick<Point, 'fact'>, { upper }: InjuryMarker): number | undefined {
  return isOwnLimit(fact, upper) ? fact.high : upper;
}

function isOwnLimit({ high }: ObservationFact, upper: number | undefined): boolean {
  return high !== undefined && upper !== undefined && high >= upper / 2 && high <= upper * 3;
}

/** Does the multiple rest on the usual limit? */
export function isAssumed({ fact }: Pick<Point, 'fact'>, { upper }: InjuryMarker): boolean {
  return !isOwnLimit(fact, upper);
}

/** What makes a value abnormal: outside its limits; of a marker without limits, half above the baseline of the newest. */
export function abnormalIn(series: Series): (point: Point) => boolean {
  const { lower } = series.marker;
  if (series.marker.upper !== undefined || lower !== undefined)
    return (point) => {
      const upper = upperOf(point, series.marker);
      return (upper !== undefined && point.value > upper) || (lower !== undefined && point.value < lower);
    };
  const newest = series.points.at(-1);
  const baseline = newest && baselineOf(newest, series)?.value;
  if (baseline === undefined) return () => false;
  return ({ value }) => value >= 1.5 * baseline - ROUNDING || value >= baseline + 0.3 - ROUNDING;
}

/** What creatinine is compared with, and where it comes from in words. */
export function baselineOf(
  point: Point,
  series: Series,
): { readonly value: number; readonly words: string } | undefined {
  const week = between(series, point, 0, 7).map(({ value }) => value);
  const year = between(series, point, 8, 365).map(({ value }) => value);
  const lowest = week.length > 0 ? { value: Math.min(...week), words: 'the lowest of the 7 days before' } : undefined;
  const middle =
    year.length > 0
      ? {
          value: median(year),
          words: `the median of ${year.length} ${year.length === 1 ? 'value' : 'values'} of 8 to 365 days before`,
        }
      : undefined;
  if (lowest && middle) return lowest.value <= middle.value ? lowest : middle;
  return lowest ?? middle;
}

/** What the sign says of the value; `undefined`: nothing to compare with. */
export function measureOf({ of }: InjurySign, point: Point, series: Series): number | undefined {
  const lowest = (days: number) => Math.min(...between(series, point, 0, days).map(({ value }) => value));
  switch (of) {
    case 'value':
      return point.value;
    case 'upper': {
      const upper = upperOf(point, series.marker);
      return upper === undefined ? undefined : point.value / upper;
    }
    case 'baseline': {
      const baseline = baselineOf(point, series);
      return baseline && point.value / baseline.value;
    }
    case 'highest-30d': {
      const before = between(series, point, 0, 30);
      return before.length === 0 ? undefined : point.value / Math.max(...before.map(({ value }) => value));
    }
    case 'rise-48h':
      return finite(point.value - lowest(2));
    case 'rise-year':
      return finite(point.value - lowest(365));
  }
}

/** Does the measure meet the sign's bound? */
export function meets({ least, most, below }: InjurySign, measure: number): boolean {
  return (
    (least === undefined || measure >= least - ROUNDING) &&
    (most === undefined || measure <= most + ROUNDING) &&
    (below === undefined || measure < below - ROUNDING)
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('no values');
  return (low + high) / 2;
}

/** Values before this one, from so many days to so many days. */
function between({ points }: Series, { at }: Point, from: number, to: number): readonly Point[] {
  return points.filter((other) => other.at < at && at - other.at >= from * DAY && at - other.at <= to * DAY);
}

/** Nothing to compare with gives an infinite rise. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
