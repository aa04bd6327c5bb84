/** Which degree of injury the newest values show, since when, and whether it is new. */
import type { FactPath } from '../facts/facts.ts';
import type { Injury, InjuryLevel, InjurySign } from './injury.ts';
import { abnormalIn, DAY, measureOf, median, meets, type Point, type Series } from './series.ts';

/** Values of two markers this close, in days, are of one picture. */
export const TOGETHER = 14;
/** A state that has held this long, in days, and has not doubled or halved is not an injury but a condition. */
const CHRONIC = 180;
const STEADY = 2;

/** A sign that holds, with the value and its measure. */
export interface Held {
  readonly sign: InjurySign;
  readonly series: Series;
  readonly point: Point;
  readonly measure: number;
}

/** The gravest degree that holds. `lead` is its first sign. */
export interface Shown {
  readonly level: InjuryLevel;
  readonly lead: Held;
  readonly held: readonly Held[];
  /** First abnormal value of the unbroken run, and the last one before it. */
  readonly first: Point;
  readonly before?: Point;
  /** The run of this degree is old and level. */
  readonly chronic: boolean;
  /** What a graver degree would need and is not on file near that day. */
  readonly wanting: readonly FactPath[];
}

/** `undefined`: no degree holds on values young enough to speak of now. */
export function shownBy(injury: Injury, all: readonly Series[], now: number): Shown | undefined {
  const wanting = new Set<FactPath>();
  for (const level of injury.levels) {
    const result = heldNow(level, all, now - injury.current * DAY);
    if (!Array.isArray(result)) {
      for (const fact of result.wanting) wanting.add(fact);
      continue;
    }
    const [lead] = result;
    if (!lead) continue;
    return {
      level,
      lead,
      held: result,
      ...onset(lead),
      chronic: isChronic(level, lead, all),
      wanting: [...wanting],
    };
  }
  return undefined;
}

/** The signs that hold on the newest values; else what was wanting where the first one held. */
function heldNow(
  level: InjuryLevel,
  all: readonly Series[],
  since: number,
): Held[] | { readonly wanting: readonly FactPath[] } {
  const [first, ...others] = level.all;
  const lead = first && strongest(first, all, (series) => series.points.at(-1));
  if (!lead || lead.point.at < since) return { wanting: [] };
  const held = [lead];
  for (const sign of others) {
    const found = strongest(sign, all, (series) => nearest(series, lead.point));
    if (found) held.push(found);
    else if (!isAbsent(sign, all, lead.point)) return { wanting: [] };
    else if (!sign.ifKnown) return { wanting: sign.facts };
  }
  return held;
}

/** Of the sign's markers the one that meets it with the largest measure. */
function strongest(
  sign: InjurySign,
  all: readonly Series[],
  pick: (series: Series) => Point | undefined,
): Held | undefined {
  const held = all.flatMap((series) => {
    const point = sign.facts.includes(series.marker.fact) ? pick(series) : undefined;
    const measure = point && measureOf(sign, point, series);
    return point && measure !== undefined && meets(sign, measure) ? [{ sign, series, point, measure }] : [];
  });
  return held.sort((a, b) => b.measure - a.measure)[0];
}

function nearest({ points }: Series, { at }: Point): Point | undefined {
  const near = points.filter((point) => Math.abs(point.at - at) <= TOGETHER * DAY);
  return near.sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0];
}

function isAbsent({ facts }: InjurySign, all: readonly Series[], point: Point): boolean {
  return all.every((series) => !facts.includes(series.marker.fact) || nearest(series, point) === undefined);
}

function onset({ series, point }: Held): Pick<Shown, 'first' | 'before'> {
  const until = series.points.slice(0, series.points.indexOf(point) + 1);
  const isAbnormal = abnormalIn(series);
  let index = until.length - 1;
  while (index > 0 && isAbnormal(until[index - 1] ?? point)) index -= 1;
  const [first, before] = [until[index] ?? point, until[index - 1]];
  return before ? { first, before } : { first };
}

/** Every value of the last half year and longer met the same degree, and the newest is like them. */
function isChronic(level: InjuryLevel, { sign, series, point }: Held, all: readonly Series[]): boolean {
  const run: Point[] = [];
  for (const earlier of series.points.filter(({ at }) => at < point.at).reverse()) {
    const measure = measureOf(sign, earlier, series);
    if (measure === undefined || !meets(sign, measure)) break;
    const others = level.all.slice(1).filter(({ ifKnown }) => !ifKnown);
    if (!others.every((other) => strongest(other, all, (of) => nearest(of, earlier)))) break;
    run.push(earlier);
  }
  const oldest = run.at(-1);
  if (!oldest || point.at - oldest.at < CHRONIC * DAY) return false;
  const change = point.value / median(run.map(({ value }) => value));
  return change < STEADY && change > 1 / STEADY;
}
