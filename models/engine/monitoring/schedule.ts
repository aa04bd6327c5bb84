/** When a test that a medicine asks for is next due. Days throughout; times in ms since the epoch. */
import type { WatchCheck } from '../library.ts';

const DAY = 86_400_000;
/** A result this long before its date counts for it: appointments are not kept to the day. */
const EARLY = 3;
/** Share of the interval, and at least this many days, by which a test may be late before it is called overdue. */
const LATE_SHARE = 0.25;
const LATE_DAYS = 14;
/** A test is called due this long before its date, and never more than a quarter of its interval. */
const SOON = 14;

/** Where a test stands. */
export type Standing =
  | { readonly is: 'done'; readonly next?: number }
  | { readonly is: 'due' | 'overdue'; readonly since: number }
  /** No result and no start date: nobody can say. */
  | { readonly is: 'unknown' };

/**
 * @param start when the medicine was begun, if the chart says so
 * @param last the newest result, if there is one
 */
export function standingOf(
  check: WatchCheck,
  { start, last, now }: { readonly start: number | undefined; readonly last: number | undefined; readonly now: number },
): Standing {
  const next = nextDate(check, start, last);
  if (next === undefined) return last === undefined && start === undefined ? { is: 'unknown' } : { is: 'done' };
  const interval = intervalAt(check, start, now) ?? check.after?.at(-1) ?? SOON;
  if (now > next + Math.max(LATE_DAYS, LATE_SHARE * interval) * DAY) return { is: 'overdue', since: next };
  if (now > next - Math.min(SOON, LATE_SHARE * interval) * DAY) return { is: 'due', since: next };
  return { is: 'done', next };
}

/** The earlier of the next fixed date after a start and the repeat after the last result. */
function nextDate(check: WatchCheck, start: number | undefined, last: number | undefined): number | undefined {
  const fixed = start === undefined ? undefined : fixedDate(check.after ?? [], start, last);
  const interval = last === undefined ? undefined : intervalAt(check, start, last);
  const repeat = last === undefined || interval === undefined ? undefined : last + interval * DAY;
  const dates = [fixed, repeat].filter((date) => date !== undefined);
  if (dates.length > 0) return Math.min(...dates);
  // Taken, repeated for as long as it is taken, and never measured: due from the first interval after the start.
  const every = intervalAt(check, start, start);
  return last === undefined && start !== undefined && every !== undefined ? start + every * DAY : undefined;
}

/** Two days are one test between them ("4 to 12 weeks after the start"); three and more are a series. */
function fixedDate(after: readonly number[], start: number, last: number | undefined): number | undefined {
  const [first, second, third] = after;
  if (first === undefined) return undefined;
  const done = (days: number) => last !== undefined && last + EARLY * DAY >= start + days * DAY;
  if (third === undefined) return done(first) ? undefined : start + (second ?? first) * DAY;
  const next = after.find((days) => !done(days));
  return next === undefined ? undefined : start + next * DAY;
}

/** Days between repeats at a moment; early phases ask more often. */
function intervalAt(
  { phases = [], every }: WatchCheck,
  start: number | undefined,
  at: number | undefined,
): number | undefined {
  if (start === undefined || at === undefined) return every;
  const days = (at - start) / DAY;
  return phases.find(({ untilDay }) => days < untilDay)?.every ?? every;
}
