/** ISO 8601 durations in whole years, months, weeks and days, counted back from a moment in the calendar. */

const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/;

/**
 * The moment `duration` before `now` (both in milliseconds since the epoch, UTC calendar).
 * @throws RangeError for a duration that is not of the form `P1Y2M3W4D`
 */
export function before(now: number, duration: string): number {
  const match = DURATION.exec(duration);
  if (!match || duration === 'P') throw new RangeError(`not a duration in years, months, weeks or days: ${duration}`);
  const [years, months, weeks, days] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const date = new Date(now);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCFullYear(date.getUTCFullYear() - years, date.getUTCMonth() - months);
  // The 31st counted back into a month of 30 days is its last day, not the first of the next.
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last) - weeks * 7 - days);
  return date.getTime();
}

/** The duration in words: `1 year`, `18 months`. */
export function inWords(duration: string): string {
  const names = ['year', 'month', 'week', 'day'];
  const parts = (DURATION.exec(duration)?.slice(1) ?? []).flatMap((part, index) =>
    part === undefined ? [] : [`${part} ${names[index]}${part === '1' ? '' : 's'}`],
  );
  return parts.join(' ') || duration;
}
