import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Promised } from '../../../models/engine/facts/facts.ts';
import { evaluateMonitoring } from '../../../models/engine/monitoring/evaluate.ts';
import { standingOf } from '../../../models/engine/monitoring/schedule.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { type MadeFacts, madeFacts, NOW } from '../made-facts.ts';
import { documentOf, SAMPLES, watchedIn } from './sample-charts.ts';

const { library } = await loadLibrary({ dir: 'models' });
const DAY = 86_400_000;
const AMIODARONE = 'medication.703';
const LISINOPRIL = 'medication.29046';

function monitored(made: MadeFacts, promised: readonly Promised[] = []) {
  const facts = { ...madeFacts({ 'patient.age': 66, 'patient.sex': 'male', ...made }, library), promised };
  const resolver = createResolver({ facts, library, now: NOW });
  return new Map(evaluateMonitoring({ facts, library, resolver, now: NOW }).map((each) => [each.id, each]));
}

describe('a schedule', () => {
  const check = { fact: 'observation.x', after: [7, 14], phases: [{ untilDay: 90, every: 21 }], every: 84, cite: '1' };
  const at = (start: number | undefined, last: number | undefined) =>
    standingOf(check, {
      start: start === undefined ? undefined : NOW - start * DAY,
      last: last === undefined ? undefined : NOW - last * DAY,
      now: NOW,
    });

  test.each([
    ['started today: nothing is late', 0, undefined, 'done'],
    ['started six days ago: the test between day 7 and 14 is not near yet', 6, undefined, 'done'],
    ['started twelve days ago: it is due', 12, undefined, 'due'],
    ['started three weeks ago without a test: still due, not yet called overdue', 21, undefined, 'due'],
    ['started a month ago without a test: overdue', 30, undefined, 'overdue'],
    ['tested on day 7 of 10: done, one test between day 7 and 14 was asked for', 10, 3, 'done'],
    ['tested on day 3 of 12: too early to count', 12, 9, 'due'],
    ['tested on day 14 of 20: done', 20, 6, 'done'],
    ['in the first three months every three weeks', 80, 20, 'due'],
    ['later every twelve weeks', 400, 60, 'done'],
    ['later, after twelve weeks: due', 400, 84, 'due'],
    ['later, after sixteen weeks: overdue', 400, 112, 'overdue'],
    ['no start date, tested long ago: overdue by the late interval', undefined, 200, 'overdue'],
    ['no start date and no result: nobody can say', undefined, undefined, 'unknown'],
  ] as const)('%s', (_, start, last, expected) => {
    expect(at(start, last).is).toBe(expected);
  });
});

describe('amiodarone and the thyroid', () => {
  test('two years on it and the last TSH eight months ago: overdue, with both dates', () => {
    const result = monitored({
      [AMIODARONE]: { daysAgo: 700 },
      'observation.tsh': { value: 2, unit: 'm[IU]/L', daysAgo: 250 },
    }).get('monitoring/tsh');
    expect(result).toMatchObject({ status: 'finding', finding: { indicator: 'warning' } });
    if (result?.status === 'finding') {
      expect(result.finding.summary).toMatch(
        /^Check TSH: overdue since \d+ \w{3} \d{4} \(last \d+ \w{3} \d{4}\), for amiodarone$/,
      );
      expect(result.finding.summary.length).toBeLessThan(140);
    }
  });

  test('a TSH of three months ago: quiet, and it says when the next is', () => {
    const result = monitored({
      [AMIODARONE]: { daysAgo: 700 },
      'observation.tsh': { value: 2, unit: 'm[IU]/L', daysAgo: 90 },
    }).get('monitoring/tsh');
    expect(result).toMatchObject({ status: 'not-applicable' });
    if (result?.status === 'not-applicable') expect(result.because.text).toContain('next ');
  });

  test('laboratory results refused: unknown, never "no result on file"', () => {
    const result = monitored({ [AMIODARONE]: { daysAgo: 700 }, sources: { laboratory: 'refused' } }).get(
      'monitoring/tsh',
    );
    expect(result).toMatchObject({ status: 'data-required', missing: [{ absence: 'refused' }] });
  });

  test('stopped amiodarone asks for nothing; neither does somebody without it', () => {
    expect(monitored({}).size).toBe(0);
  });
});

test('a lipid check that is late is for information, not among today’s three', () => {
  const late = monitored({ 'medication.83367': { daysAgo: 900 } }).get('monitoring/total-cholesterol');
  expect(late).toMatchObject({ status: 'finding', finding: { indicator: 'info' } });
  if (late?.status === 'finding') expect(late.finding.action).toBeUndefined();
});

test('one blood draw is one line: potassium for lisinopril and spironolactone together', () => {
  const all = monitored({ [LISINOPRIL]: { daysAgo: 900 }, 'medication.9997': { daysAgo: 900 } });
  const result = all.get('monitoring/potassium');
  expect(result?.status).toBe('finding');
  if (result?.status === 'finding')
    expect(result.finding.summary).toMatch(/lisinopril.*spironolactone|spironolactone.*lisinopril/);
});

test.each([
  [5.5, 'not beyond the limit'],
  [5.6, 'beyond it'],
])('potassium %s on lisinopril is %s', (value, words) => {
  const result = monitored({
    [LISINOPRIL]: { daysAgo: 100 },
    'observation.potassium': { value, unit: 'mmol/L', daysAgo: 3 },
  }).get('monitoring/potassium');
  if (words === 'beyond it')
    expect(result).toMatchObject({ status: 'finding', finding: { mergeKey: 'potassium-raised' } });
  else expect(result).toMatchObject({ status: 'not-applicable' });
});

test('a potassium of two years ago is no reason to act today', () => {
  const result = monitored({
    [LISINOPRIL]: { daysAgo: 1000 },
    'observation.potassium': { value: 6.1, unit: 'mmol/L', daysAgo: 720 },
  }).get('monitoring/potassium');
  expect(result).toMatchObject({ status: 'finding' });
  if (result?.status === 'finding') expect(result.finding.summary).toMatch(/^Check potassium: overdue/);
});

describe('a promise', () => {
  const tsh = { [AMIODARONE]: { daysAgo: 700 } };
  const promise = (made: number, due: number) => [
    { path: 'observation.tsh', made: NOW - made * DAY, due: NOW - due * DAY },
  ];

  test('kept: the result is newer than the promise, and nothing is said', () => {
    expect(
      monitored({ ...tsh, 'observation.tsh': { value: 2, unit: 'm[IU]/L', daysAgo: 5 } }, promise(20, 6)).get(
        'monitoring/tsh',
      )?.status,
    ).toBe('not-applicable');
  });

  test('broken: its day has passed without a result, and it is said with its date', () => {
    const result = monitored(tsh, promise(30, 10)).get('monitoring/tsh');
    expect(result).toMatchObject({ status: 'finding', finding: { indicator: 'warning' } });
    if (result?.status === 'finding') expect(result.finding.summary).toContain('promised for 10 Nov 2026');
  });
});

test('every schedule names its source, and nothing recalled asks for more than a look', () => {
  for (const { medicines } of library.monitoring ?? [])
    for (const { checks, citations } of medicines)
      for (const { cite, limits = [] } of checks)
        for (const key of [cite, ...limits.map((limit) => limit.cite)]) expect(citations[key]?.basis).toBeDefined();
});

test.skipIf(!existsSync(SAMPLES))(
  'the published page of the sample charts is what the sample charts give',
  async () => {
    const made = documentOf(await watchedIn(SAMPLES));
    expect(readFileSync('docs/monitoring-sample.md', 'utf8')).toBe(made);
  },
);
