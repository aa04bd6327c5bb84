/**
 * FHIR dates as the intervals they stand for. A date is a day in the tenant's calendar, never midnight UTC shifted;
 * a year is the whole year; a time without an offset is in the tenant's zone, and when no zone is known it is
 * widened to every instant it could be (UTC−12 to UTC+14).
 */
import type { When } from '../measured.ts';
import { type Json, Malformed, object, string } from './json.ts';

const FHIR_DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Local clocks run from 12 hours behind UTC to 14 hours ahead of it. */
const MOST_AHEAD = 14 * HOUR;
const MOST_BEHIND = 12 * HOUR;

/** Reads dates in one tenant's zone; remembers what it has read, since a chart repeats its timestamps. */
export interface Calendar {
  /** `undefined` when the text is not a FHIR date. */
  when(text: string): When | undefined;
  /** Year, month (1–12) and day in the zone (UTC when none is known). */
  dayOf(instant: number): readonly [number, number, number];
  /** True when no part of the interval can lie at or before `now`. */
  isFuture(when: When, now: number): boolean;
}

/** @param timeZone IANA name; an unknown name counts as none. */
export function calendar(timeZone?: string): Calendar {
  const offsetAt = timeZone === undefined ? undefined : zoneOffsets(timeZone);
  const seen = new Map<string, When>();
  let last: When | undefined;

  // A wall-clock time has two instants when clocks go back and none when they go forward; the interval covers both.
  const instantsOf = (local: number): readonly [number, number] => {
    if (offsetAt === undefined) return [local, local];
    const offsets = [offsetAt(local - DAY), offsetAt(local + DAY)];
    const valid = offsets.filter((offset) => offsetAt(local - offset) === offset);
    const used = valid.length > 0 ? valid : offsets;
    return [local - Math.max(...used), local - Math.min(...used)];
  };

  const read = (text: string): When | undefined => {
    const parts = partsOf(text);
    if (parts === undefined) return undefined;
    const { year, month, day, time, offset } = parts;
    if (time === undefined) {
      const next =
        month === undefined
          ? utc(year + 1, 1, 1)
          : day === undefined
            ? utc(year, month, daysIn(year, month)) + DAY
            : undefined;
      const precision = month === undefined ? 'year' : day === undefined ? 'month' : 'day';
      const start = utc(year, month ?? 1, day ?? 1);
      return { start: instantsOf(start)[0], end: instantsOf(next ?? start + DAY)[1] - 1, precision, text };
    }
    const local = utc(year, month ?? 1, day ?? 1) + time;
    if (offset !== undefined) return { start: local - offset, end: local - offset, precision: 'instant', text };
    const [start, end] = offsetAt === undefined ? [local - MOST_AHEAD, local + MOST_BEHIND] : instantsOf(local);
    return { start, end, precision: 'instant', text };
  };

  return {
    when(text) {
      // Results of one panel follow each other with one timestamp; only what is dear to read is kept for longer.
      if (text === last?.text) return last;
      const when = zuluWhen(text) ?? seen.get(text) ?? read(text);
      if (when !== undefined && text.charCodeAt(text.length - 1) !== Z) seen.set(text, when);
      if (when !== undefined) last = when;
      return when;
    },
    dayOf(instant) {
      const date = new Date(instant + (offsetAt?.(instant) ?? 0));
      return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    },
    // Where the zone is unknown a date may have begun up to 14 hours before it does in UTC.
    isFuture: (when, now) =>
      when.start - (offsetAt === undefined && when.precision !== 'instant' ? MOST_AHEAD : 0) > now,
  };
}

/** A FHIR date taken apart; what it does not say is absent. */
interface DateParts {
  readonly year: number;
  /** 1–12 */
  readonly month?: number | undefined;
  readonly day?: number | undefined;
  /** Milliseconds since the start of the day. */
  readonly time?: number | undefined;
  /** Milliseconds ahead of UTC. */
  readonly offset?: number | undefined;
}

const Z = 90;

/**
 * `2026-11-01T08:00:00Z` and `2026-11-01T08:00:00.000Z`, by hand because a chart has ten thousand of them;
 * `undefined` for every other form.
 */
function zuluWhen(text: string): When | undefined {
  const length = text.length;
  const milliseconds = length === 24;
  if ((length !== 20 && !milliseconds) || text.charCodeAt(length - 1) !== Z || text[10] !== 'T') return undefined;
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return undefined;
  if (milliseconds && text[19] !== '.') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const time = timeOfDay(digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19));
  const instant = utc(year, month, day) + time + (milliseconds ? digits(text, 20, 23) : 0);
  // A part that is not all digits is NaN, and so is the sum.
  if (Number.isNaN(instant) || !isDay(year, month, day)) return undefined;
  return { start: instant, end: instant, precision: 'instant', text };
}

/** Milliseconds; NaN for a time that no clock shows. */
function timeOfDay(hour: number, minute: number, second: number): number {
  return hour > 23 || minute > 59 || second > 60 ? Number.NaN : hour * HOUR + minute * 60_000 + second * 1000;
}

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** The parts of a date that exists in the calendar. */
function partsOf(text: string): DateParts | undefined {
  const parts = FHIR_DATE.exec(text);
  if (parts === null) return undefined;
  const year = Number(parts[1]);
  const month = parts[2] === undefined ? undefined : Number(parts[2]);
  const day = parts[3] === undefined ? undefined : Number(parts[3]);
  if (!isDay(year, month ?? 1, day ?? 1)) return undefined;
  if (parts[4] === undefined) return { year, month, day };
  const fraction = parts[7] === undefined ? 0 : Math.trunc(Number(`0.${parts[7]}`) * 1000);
  const time = timeOfDay(Number(parts[4]), Number(parts[5]), Number(parts[6] ?? 0)) + fraction;
  if (Number.isNaN(time)) return undefined;
  return { year, month, day, time, offset: parts[8] === undefined ? undefined : offsetOf(parts[8]) };
}

/** Milliseconds since the epoch of a day's start in UTC. */
function utc(year: number, month: number, day: number): number {
  // The year is counted from March, so that the leap day is its last; 146,097 days make 400 years.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY;
}

const DAYS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}

function offsetOf(text: string): number {
  if (text === 'Z') return 0;
  const size = Number(text.slice(1, 3)) * HOUR + Number(text.slice(4, 6)) * 60_000;
  return text.startsWith('-') ? -size : size;
}

function zoneOffsets(timeZone: string): ((instant: number) => number) | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
  const byHour = new Map<number, number>();
  return (instant) => {
    // Offsets change on the quarter hour at the finest.
    const key = Math.floor(instant / (HOUR / 4));
    const known = byHour.get(key);
    if (known !== undefined) return known;
    const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const offset = name.length > 3 ? offsetOf(name.slice(3)) : 0;
    byHour.set(key, offset);
    return offset;
  };
}

/**
 * Completed years at `now`, in the patient's calendar; `undefined` when a partial birth date does not settle it.
 * Someone born on 29 February completes a year on 1 March of a common year.
 */
export function ageAt(birthDate: string, now: number, dates: Calendar): number | undefined {
  const parts = FHIR_DATE.exec(birthDate);
  const when = dates.when(birthDate);
  if (parts === null || when === undefined || dates.isFuture(when, now)) return undefined;
  const [year, month, day] = dates.dayOf(now);
  const years = (birthMonth: number, birthDay: number): number =>
    year - Number(parts[1]) - (month < birthMonth || (month === birthMonth && day < birthDay) ? 1 : 0);
  const [first, last] = [Number(parts[2] ?? 1), Number(parts[2] ?? 12)];
  const oldest = years(first, Number(parts[3] ?? 1));
  const youngest = years(last, Number(parts[3] ?? 31));
  return oldest === youngest && oldest >= 0 && oldest <= 130 ? oldest : undefined;
}

/** When something happened, and whether the chart only says when it was issued. */
export interface Effective {
  readonly when: When;
  readonly from: 'effective' | 'issued';
}

/** effectiveDateTime, effectivePeriod, effectiveInstant or a single effectiveTiming event, else `issued`. @throws Malformed */
export function effectiveOf(resource: Json, dates: Calendar): Effective | undefined {
  const given = string(resource.effectiveDateTime) ?? string(resource.effectiveInstant);
  if (given !== undefined) return labelled(instant(given, dates), 'effective');
  const period = object(resource.effectivePeriod);
  if (period !== undefined) return labelled(periodOf(period, dates), 'effective');
  const timing = object(resource.effectiveTiming);
  if (timing !== undefined) {
    const events = Array.isArray(timing.event) ? timing.event : [];
    return events.length === 1 ? labelled(instant(string(events[0]) ?? '', dates), 'effective') : undefined;
  }
  const issued = string(resource.issued);
  return issued === undefined ? undefined : labelled(instant(issued, dates), 'issued');
}

function labelled(when: When | undefined, from: Effective['from']): Effective | undefined {
  return when === undefined ? undefined : { when, from };
}

function instant(text: string, dates: Calendar): When {
  const when = dates.when(text);
  if (when === undefined) throw new Malformed('not a FHIR date');
  return when;
}

/** A Period as one interval: an open end is the start's own end, because nothing later is known. @throws Malformed */
export function periodOf(period: Json, dates: Calendar): When | undefined {
  const startText = string(period.start);
  const endText = string(period.end);
  if (startText === undefined && endText === undefined) return undefined;
  if (startText === undefined || endText === undefined) return instant(startText ?? endText ?? '', dates);
  const start = instant(startText, dates);
  const end = instant(endText, dates);
  if (end.end < start.start) throw new Malformed('a period that ends before it starts');
  return { start: start.start, end: end.end, precision: start.precision, text: `${startText}/${endText}` };
}
