import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageAt, calendar } from '../../../models/engine/facts/dates.ts';

const iso = (instant: number | undefined): string => new Date(instant ?? Number.NaN).toISOString();

describe('dates', () => {
  it('keeps a year and a month as the whole year and the whole month', () => {
    const utc = calendar('UTC');
    expect([iso(utc.when('2024')?.start), iso(utc.when('2024')?.end)]).toEqual([
      '2024-01-01T00:00:00.000Z',
      '2024-12-31T23:59:59.999Z',
    ]);
    expect([iso(utc.when('2024-02')?.start), iso(utc.when('2024-02')?.end)]).toEqual([
      '2024-02-01T00:00:00.000Z',
      '2024-02-29T23:59:59.999Z',
    ]);
    expect(utc.when('2024-02')).toMatchObject({ precision: 'month', text: '2024-02' });
  });

  it('takes a date as a day of the tenant’s calendar, not as midnight in Greenwich', () => {
    const chicago = calendar('America/Chicago');
    expect(iso(chicago.when('2024-03-01')?.start)).toBe('2024-03-01T06:00:00.000Z');
    expect(iso(chicago.when('2024-03-01')?.end)).toBe('2024-03-02T05:59:59.999Z');
  });

  it('reads a time without an offset in the tenant’s zone, summer and winter', () => {
    const chicago = calendar('America/Chicago');
    expect(iso(chicago.when('2024-01-15T08:00:00')?.start)).toBe('2024-01-15T14:00:00.000Z');
    expect(iso(chicago.when('2024-07-15T08:00:00')?.start)).toBe('2024-07-15T13:00:00.000Z');
  });

  it('covers both hours when clocks go back', () => {
    const when = calendar('America/Chicago').when('2024-11-03T01:30:00');
    expect([iso(when?.start), iso(when?.end)]).toEqual(['2024-11-03T06:30:00.000Z', '2024-11-03T07:30:00.000Z']);
  });

  it('covers every zone when a time has no offset and no zone is known', () => {
    const when = calendar().when('2024-01-15T08:00:00');
    expect([iso(when?.start), iso(when?.end)]).toEqual(['2024-01-14T18:00:00.000Z', '2024-01-15T20:00:00.000Z']);
  });

  it('reads offsets and fractions exactly', () => {
    expect(iso(calendar().when('2024-01-15T08:00:00.25-06:00')?.start)).toBe('2024-01-15T14:00:00.250Z');
  });

  it.each([
    '2024-13',
    '2023-02-29',
    '2024-02-30',
    '2024-1-1',
    '01/02/2024',
    '2024-01-01T25:00:00Z',
    '20240101',
    'today',
    '',
  ])('refuses %s', (text) => {
    expect(calendar().when(text)).toBeUndefined();
  });

  it('agrees with Date on every instant that carries its offset', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          const when = calendar().when(date.toISOString());
          return when?.start === date.getTime() && when.end === date.getTime();
        },
      ),
    );
  });
});

describe('age', () => {
  const at = (birth: string, now: string, zone = 'UTC') => ageAt(birth, Date.parse(now), calendar(zone));

  it('is completed on the birthday, not the day before', () => {
    expect(at('1950-03-05', '2026-03-04T23:00:00Z')).toBe(75);
    expect(at('1950-03-05', '2026-03-05T00:00:00Z')).toBe(76);
  });

  it('follows the patient’s own calendar', () => {
    expect(at('1950-03-05', '2026-03-05T03:00:00Z', 'America/Chicago')).toBe(75);
  });

  it('completes a year on 1 March for someone born on 29 February', () => {
    expect(at('2004-02-29', '2026-02-28T12:00:00Z')).toBe(21);
    expect(at('2004-02-29', '2026-03-01T12:00:00Z')).toBe(22);
  });

  it('is unknown when a partial birth date does not settle it, and known when it does', () => {
    expect(at('1950', '2026-06-01T12:00:00Z')).toBeUndefined();
    expect(at('1950', '2026-12-31T12:00:00Z')).toBe(76);
    expect(at('1950-03', '2026-06-01T12:00:00Z')).toBe(76);
    expect(at('1950-06', '2026-06-15T12:00:00Z')).toBeUndefined();
  });

  it('is unknown for a birth in the future or impossibly long ago', () => {
    expect(at('2030-01-01', '2026-06-01T12:00:00Z')).toBeUndefined();
    expect(at('1800-01-01', '2026-06-01T12:00:00Z')).toBeUndefined();
  });
});

describe('the fast way of reading timestamps', () => {
  it('agrees with the calendar of the language for every instant of five centuries, and for days, months and years', () => {
    const dates = calendar();
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1800-01-01'), max: new Date('2299-12-31'), noInvalidDate: true }),
        fc.boolean(),
        (date, withMilliseconds) => {
          const text = withMilliseconds ? date.toISOString() : `${date.toISOString().slice(0, 19)}Z`;
          expect(dates.when(text)?.start).toBe(Date.parse(text));
          const day = dates.when(text.slice(0, 10));
          expect([day?.start, (day?.end ?? 0) + 1]).toEqual([
            Date.parse(text.slice(0, 10)),
            Date.parse(text.slice(0, 10)) + 86_400_000,
          ]);
          expect(dates.when(text.slice(0, 7))?.start).toBe(Date.parse(text.slice(0, 7)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each(['2026-02-29T10:00:00Z', '2026-13-01T10:00:00Z', '2026-01-01T24:00:00Z', '2026-0a-01T10:00:00Z'])(
    'refuses %s',
    (text) => expect(calendar().when(text)).toBeUndefined(),
  );
});
