/** How this room writes days and numbers. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `15 Aug 2026` */
export function dayText(time: number): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

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
