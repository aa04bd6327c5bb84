/** Dates as a clinician reads them, never more precise than the chart was. */
import type { When } from '../../models/engine/measured.ts';

/** Language of numbers and dates: day before month in letters, so that no date can be misread. */
export const locale = 'en-GB';

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
const day = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const clock = { hour: '2-digit', minute: '2-digit' } as const;

/**
 * `17 Nov 07:40` for an instant of this year, `17 Nov 2025` for an older one or a day, `Mar 2026`, `2014`.
 * A date without a time is printed as written, whatever the reader's time zone.
 */
export function dateText(when: When | undefined, now: number): string {
  if (!when) return 'no date';
  const written = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?/.exec(when.text);
  if (when.precision !== 'instant' && written) {
    const [, year, month = '01', date = '01'] = written;
    const at = Date.UTC(Number(year), Number(month) - 1, Number(date));
    if (when.precision === 'year') return String(year);
    const options = when.precision === 'month' ? ({ month: 'short', year: 'numeric' } as const) : day;
    return keep(format({ ...options, timeZone: 'UTC' }).format(at));
  }
  const sameYear = new Date(when.start).getFullYear() === new Date(now).getFullYear();
  if (!sameYear) return keep(format(day).format(when.start));
  return keep(`${format({ day: 'numeric', month: 'short' }).format(when.start)} ${clockText(when.start)}`);
}

/** `09:12` */
export function clockText(at: number): string {
  return format(clock).format(at);
}

/** A date of our own making: `24 Nov 2026`. */
export function dayText(at: number): string {
  return keep(format(day).format(at));
}

function keep(text: string): string {
  // British English says Sept, and no other month in four letters.
  return text.replace('Sept', 'Sep').replaceAll(' ', '\u00a0');
}
