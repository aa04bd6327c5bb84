/** How this room writes days and numbers. */
import type { When } from '../measured.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * `15 Aug 2026`, never more precise than the chart, and the day as the chart writes it: its own offset is the one that the
 * clinician lives by.
 */
export function dayText({ text, start, precision }: When): string {
  const written = DATE.exec(text) ?? DATE.exec(new Date(start).toISOString());
  const [, year = '', month, day] = written ?? [];
  if (precision === 'year') return year;
  const named = `${MONTHS[Number(month ?? 1) - 1]} ${year}`;
  return precision === 'month' ? named : `${Number(day ?? 1)} ${named}`;
}

const DATE = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?/;

/** `87 days`, `7 years`: what a length of time is called, given in ms. */
export function spanText(time: number): string {
  const days = Math.round(time / 86_400_000);
  if (days >= 730) return `${Math.floor(days / 365.25)} years`;
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}

/** Three figures, no more than the laboratory would give. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** `Alkaline phosphatase` → `alkaline phosphatase`, but `ALT` and `QTc` as they are. */
export function inSentence(label: string): string {
  return /^[A-Z][a-z]+( |$)/.test(label) ? `${label.charAt(0).toLowerCase()}${label.slice(1)}` : label;
}
