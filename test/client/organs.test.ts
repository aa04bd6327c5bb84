import { expect, test } from 'vitest';
import { across, HEIGHT, RIGHT, scaleOf, spanOf } from '../../client/trends/axis.ts';
import { courseOf } from '../../client/trends/course.ts';
import { changesOf } from '../../client/trends/medicine-bars.tsx';
import { organsOf, worthDrawing } from '../../client/trends/worth.ts';
import { seriesOf } from '../../models/engine/injury/series.ts';
import { dayText } from '../../models/engine/injury/words.ts';
import { ATORVASTATIN, type Chart, factsOf, ISONIAZID, library } from '../engine/injury/chart.ts';
import { daysAgo, NOW } from '../engine/made-facts.ts';

const DAY = 86_400_000;
const liver = library.injuries?.filter(({ id }) => id === 'injury-liver') ?? [];

function coursesOf(chart: Chart) {
  const facts = factsOf(chart);
  return liver.flatMap((injury) => seriesOf(injury, facts, NOW).map((series) => courseOf(series, facts)));
}

test('the axis shows 13 months; what is older waits in the table', () => {
  const span = spanOf(
    coursesOf({
      values: {
        alt: [
          [900, 20],
          [300, 24],
          [1, 30],
        ],
      },
    }),
    NOW,
  );
  expect(span).toEqual({ from: NOW - 300 * DAY, to: NOW });
  expect(across(NOW, span)).toBe(RIGHT);
  expect(across(NOW - 900 * DAY, span)).toBe(across(span.from, span));
});

test('where every value is older, the axis goes back to them', () => {
  const { from } = spanOf(
    coursesOf({
      values: {
        alt: [
          [900, 20],
          [800, 24],
        ],
      },
    }),
    NOW,
  );
  expect(from).toBe(NOW - 900 * DAY);
});

test('enzymes stand on zero, so that a doubling looks like one; potassium has its own range; nothing leaves the plot', () => {
  const alt = scaleOf([20, 40], { fact: 'observation.alt', label: 'ALT', unit: 'U/L' });
  const zero = alt.up(0);
  expect(zero - alt.up(40)).toBeCloseTo(2 * (zero - alt.up(20)));
  const potassium = scaleOf([4.7, 4.9], {
    fact: 'observation.potassium',
    label: 'K',
    unit: 'mmol/L',
    lower: 3.5,
    upper: 5,
  });
  expect(potassium.up(5) - potassium.up(3.5)).toBeLessThan(-HEIGHT / 2);
  for (const value of [3.5, 4.7, 4.9, 5]) {
    expect(potassium.up(value)).toBeGreaterThanOrEqual(0);
    expect(potassium.up(value)).toBeLessThanOrEqual(HEIGHT);
  }
});

test('a hemolysed result is left out with its reason; one that was replaced is no result', () => {
  const unread = (reason: 'not-a-number' | 'superseded') => ({
    source: 'Observation/x',
    reason,
    path: 'observation.alt',
    text: 'Hemolyzed',
    effective: daysAgo(3),
  });
  const [course] = coursesOf({
    values: { alt: [[1, 30]] },
    more: { unread: [unread('not-a-number'), unread('superseded')] },
  });
  expect(course?.leftOut).toEqual([{ at: NOW - 3 * DAY, day: '17 Nov 2026', text: 'Hemolyzed', why: 'not a number' }]);
});

test('a day is written as the chart writes it, wherever the reader is', () => {
  const late = {
    start: Date.UTC(2026, 10, 19, 4, 30),
    end: Date.UTC(2026, 10, 19, 4, 30),
    precision: 'instant',
  } as const;
  expect(dayText({ ...late, text: '2026-11-18T23:30:00-05:00' })).toBe('18 Nov 2026');
  expect(dayText({ ...late, text: 'yesterday' })).toBe('19 Nov 2026');
  expect(dayText({ ...late, precision: 'month', text: '2026-11' })).toBe('Nov 2026');
  expect(dayText({ ...late, precision: 'year', text: '2026' })).toBe('2026');
});

test('starts and ends within the axis have an upright and are named; a start of years ago has none', () => {
  const { medication } = factsOf({
    values: {},
    medicines: [
      { ...ISONIAZID, from: 135, to: 20 },
      { ...ATORVASTATIN, from: 2800 },
    ],
  });
  expect(changesOf(medication, { from: NOW - 300 * DAY, to: NOW }).map(({ words }) => words)).toEqual([
    'isoniazid started 8 Jul 2026',
    'isoniazid stopped 31 Oct 2026',
  ]);
});

test('an organ is worth drawing with two values of a marker, not with one', () => {
  const injuries = library.injuries ?? [];
  const organs = (chart: Chart) => organsOf(worthDrawing(injuries, { facts: factsOf(chart), evaluations: [] }));
  expect(organs({ values: { alt: [[1, 30]], potassium: [[1, 4]] } })).toEqual([]);
  expect(
    organs({
      values: {
        alt: [[1, 30]],
        potassium: [
          [1, 4],
          [9, 4],
        ],
      },
    }),
  ).toEqual(['Potassium']);
});
