/** Instants as a reader of the chart expects them: in the hospital's own time, with the offset. */

/** `2026-11-22T09:16:05+01:00`; the server's zone where the tenant named none. */
export function withOffset(instant: Date, timeZone?: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...(timeZone ? { timeZone } : {}),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}${offset}`;
}

/** `09:16 (UTC+01:00)`, for messages. */
export function clockTime(instant: string, timeZone?: string): string {
  const local = withOffset(new Date(instant), timeZone);
  return `${local.slice(11, 16)} (UTC${local.slice(19)})`;
}
