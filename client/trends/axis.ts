/** Where days and values lie in a plot: across in per cent, so that it stretches; up in pixels, so that text does not. */
import type { InjuryMarker } from '../../models/engine/injury/injury.ts';
import type { Course } from './course.ts';

const DAY = 86_400_000;
/** The section shows 13 months; what is older stands in the table. */
const WINDOW = 400 * DAY;
/** Two results of one day still need room. */
const LEAST = 2 * DAY;
/** Plots end here, in per cent: the newest value stands to their right. */
export const RIGHT = 72;
const LEFT = 2;
/** Height of a plot and the room kept free above and below, px. */
export const HEIGHT = 104;
const TOP = 20;
const BOTTOM = 10;

/** One time axis for every plot and bar; ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From the oldest value of the last 13 months until now. */
export function spanOf(all: readonly Course[], now: number): Span {
  const times = all.flatMap(({ points, leftOut }) => [...points.map(({ at }) => at), ...leftOut.map(({ at }) => at)]);
  const inside = times.filter((at) => at >= now - WINDOW && at <= now);
  // Where everything is older, the last 13 months of what there is.
  if (inside.length === 0 && times.length > 0) {
    const last = Math.max(...times);
    return { from: Math.max(Math.min(...times), last - WINDOW), to: Math.max(last, now) };
  }
  return { from: Math.min(now - LEAST, ...inside), to: now };
}

/** Per cent across. */
export function across(at: number, { from, to }: Span): number {
  const share = Math.min(1, Math.max(0, (at - from) / (to - from)));
  return LEFT + share * (RIGHT - LEFT);
}

/** A length of the axis for SVG. */
export function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

/** Values to pixels from the top. */
export interface Scale {
  up(value: number): number;
}

/** What the body holds narrowly is drawn in its own range; everything else stands on zero. */
const NARROW: ReadonlySet<string> = new Set(['observation.sodium', 'observation.potassium', 'observation.qtc']);

/** The scale that holds the values and the marker's limits. */
export function scaleOf(values: readonly number[], { fact, upper, lower }: InjuryMarker): Scale {
  const all = [...values, ...(upper === undefined ? [] : [upper]), ...(lower === undefined ? [] : [lower])];
  const [highest, lowest] = [Math.max(...all), Math.min(...all)];
  const floor = NARROW.has(fact) ? lowest - (highest - lowest) * 0.15 : 0;
  const ceiling = highest === floor ? highest + 1 : highest;
  return { up: (value) => HEIGHT - BOTTOM - ((value - floor) / (ceiling - floor)) * (HEIGHT - TOP - BOTTOM) };
}
