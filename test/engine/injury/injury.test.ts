import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { daysAgo, NOW } from '../made-facts.ts';
import {
  AMIODARONE,
  ATORVASTATIN,
  type Chart,
  ENOXAPARIN,
  finding,
  IBUPROFEN,
  ISONIAZID,
  judged,
  LISINOPRIL,
  library,
  METFORMIN,
  told,
} from './chart.ts';

const LIVER = 'injury-liver';
const KIDNEY = 'injury-kidney';
const DAY = 86_400_000;

/** Normal before isoniazid, then ALT 12 times the limit with jaundice. */
const HY: Chart = {
  values: {
    alt: [
      [300, 24],
      [140, 26],
      [48, 128],
      [2, 486],
    ],
    bilirubin: [
      [300, 0.6],
      [2, 2.9],
    ],
    'alkaline-phosphatase': [[2, 118]],
  },
  medicines: [
    { ...ISONIAZID, from: 135 },
    { ...ATORVASTATIN, from: 2800 },
  ],
};

describe('the liver', () => {
  test('ALT 12 times the limit with bilirubin 2.9 after isoniazid: Hy’s law, verb first, isoniazid named, both values dated', () => {
    const { indicator, summary, detail, because, citations } = finding(LIVER, HY);
    expect(indicator).toBe('warning');
    expect(summary).toBe('Weigh stopping isoniazid: ALT 12 times the upper limit with bilirubin 2.9 mg/dL');
    expect(detail).toContain('ALT rose from 26 (3 Jul 2026) to 486 U/L (18 Nov 2026)');
    expect(detail).toContain('hepatocellular (R 12.4)');
    expect(detail).toContain('87 days before the first abnormal ALT (3 Oct 2026)');
    expect(because.map(({ label, unit, effective }) => [label, unit, effective?.start])).toEqual([
      ['ALT', 'U/L', NOW - 2 * DAY],
      ['Bilirubin', 'mg/dL', NOW - 2 * DAY],
    ]);
    expect(citations.map(({ text }) => text).join()).toMatch(/Hy’s law.*assumed.*RUCAM/);
  });

  test('a statin taken for years with normal values is less likely, and said to be', () => {
    const lines = finding(LIVER, HY).logic.slice(-2);
    expect(lines[0]).toMatchObject({ held: 'met' });
    expect(lines[0]?.text).toMatch(
      /^Isoniazid: started .* carries a boxed warning of severe, sometimes fatal hepatitis/,
    );
    expect(lines[1]).toMatchObject({ held: 'not-met' });
    expect(lines[1]?.text).toMatch(
      /^Atorvastatin, less likely: started .*, 7 years before .*, with 2 normal values on it/,
    );
  });

  test('an effect that nobody looked up is said to be unverified, one with a document is not', () => {
    const effectOf = (rxcui: string, name: string) =>
      finding(LIVER, { ...HY, medicines: [{ rxcui, name, from: 60 }] }).logic.at(-1)?.text;
    expect(effectOf('6851', 'methotrexate')).toContain(
      'can cause severe liver injury (general knowledge, not verified)',
    );
    expect(effectOf('48203', 'clavulanate')).toMatch(/most often found behind liver injury$/);
  });

  test('raised alkaline phosphatase speaks against Hy’s law: the same ALT is information, with its pattern', () => {
    const { indicator, detail } = finding(LIVER, {
      ...HY,
      values: { ...HY.values, 'alkaline-phosphatase': [[2, 600]] },
    });
    expect(indicator).toBe('info');
    expect(detail).toContain('mixed (R 2.43)');
  });

  test('bilirubin not measured near that day: ALT alone, and what is wanting is said', () => {
    const { indicator, basis } = finding(LIVER, { ...HY, values: { alt: HY.values.alt ?? [], bilirubin: [[60, 4]] } });
    expect(indicator).toBe('info');
    expect(basis.missing.map(({ text }) => text)).toEqual([
      'Bilirubin within 14 days of it is not on file: a graver degree cannot be judged',
    ]);
  });

  test('the laboratory’s own upper limit goes before the assumed one; a "limit" that cannot be one does not', () => {
    const withHigh = (high: number) =>
      finding(LIVER, {
        ...HY,
        values: {
          ...HY.values,
          alt: [
            [140, 26],
            [2, 486, { high }],
          ],
        },
      }).summary;
    expect(withHigh(60)).toContain('ALT 8.1 times the upper limit');
    expect(withHigh(500)).toContain('ALT 12 times the upper limit');
  });

  test.each([
    [
      'ALT at 4.9 times the limit is no injury',
      {
        ...HY,
        values: {
          alt: [
            [140, 26],
            [2, 199],
          ],
        },
      },
      /No sign/,
    ],
    [
      'the same values three years ago say nothing of now',
      {
        ...HY,
        values: {
          alt: [
            [1100, 26],
            [1000, 486],
          ],
        },
      },
      /No usable value of the last 90 days/,
    ],
    [
      'a bound (>400) is not a value',
      {
        ...HY,
        values: {
          alt: [
            [140, 26],
            [2, 486, { comparator: '>' }],
          ],
        },
      },
      /No usable value/,
    ],
    [
      'a value to be verified first is not read',
      {
        ...HY,
        values: {
          alt: [
            [140, 26],
            [2, 9000, { extreme: true }],
          ],
        },
      },
      /No usable value/,
    ],
    [
      'a single high value without a medicine that could do it',
      { values: { alt: [[2, 486]] }, medicines: [{ ...METFORMIN, from: 30 }] },
      /single value/,
    ],
    [
      'high and level for a year is a condition',
      {
        ...HY,
        values: {
          alt: [
            [400, 300],
            [250, 320],
            [100, 310],
            [2, 305],
          ],
        },
      },
      /half a year/,
    ],
    ['comfort care', { ...HY, made: { 'condition.comfort-care': true } }, /Comfort care/],
    ['a child has other limits', { ...HY, made: { 'patient.age': 9 } }, /limits are those of adults/],
  ] as [string, Chart, RegExp][])('silent: %s', (_, chart, reason) => {
    expect(told(LIVER, chart)).toMatch(reason);
  });

  test('silent: a patient who died, and one without any value', () => {
    expect(judged({ ...HY, made: { 'patient.deceased': true } }).size).toBe(0);
    expect(judged({ values: {}, medicines: [{ ...ISONIAZID, from: 50 }] }).size).toBe(0);
  });

  test('level for a year and then doubled: no longer a condition', () => {
    expect(
      finding(LIVER, {
        ...HY,
        values: {
          alt: [
            [400, 300],
            [250, 320],
            [2, 700],
          ],
        },
      }).indicator,
    ).toBe('info');
  });

  test('a medicine begun after the first abnormal value did not do it: no medicine is accused', () => {
    const { indicator, summary, detail, logic } = finding(LIVER, {
      ...HY,
      medicines: [{ ...ISONIAZID, from: 20 }],
    });
    expect(indicator).toBe('info');
    expect(summary).toMatch(/^Look for the cause: ALT 12 times/);
    expect(detail).toContain('No medicine on the list fits by time.');
    expect(logic.at(-1)?.text).toMatch(/^Isoniazid, less likely: started .*, 28 days after the first abnormal ALT/);
  });

  test('stopped, and ALT fell since: the course is told and nothing is to be stopped', () => {
    const { summary, logic } = finding(LIVER, {
      values: {
        ...HY.values,
        alt: [
          [140, 26],
          [48, 700],
          [20, 900],
          [2, 240],
        ],
      },
      medicines: [{ ...ISONIAZID, from: 135, to: 19 }],
    });
    expect(summary).toMatch(/^Follow ALT until it settles, now that isoniazid was stopped/);
    expect(logic.at(-1)?.text).toContain('stopped 1 Nov 2026; ALT went from 900 to 240 U/L since');
  });

  test('stopped half a year before the first abnormal value is not named; amiodarone stays in the body and is', () => {
    const gone = {
      values: {
        alt: [
          [200, 26],
          [2, 486],
        ],
      },
    } as Chart;
    expect(finding(LIVER, { ...gone, medicines: [{ ...ISONIAZID, from: 400, to: 190 }] }).logic).toHaveLength(1);
    const late = finding(LIVER, { ...gone, medicines: [{ ...AMIODARONE, from: 250, to: 42 }] });
    expect(late.summary).toContain('amiodarone');
    expect(late.logic.at(-1)?.held).toBe('met');
  });

  test('a start that is not on file is said, and comes after a known one', () => {
    const { logic } = finding(LIVER, { ...HY, medicines: [ISONIAZID, { ...ATORVASTATIN, from: 100 }] });
    expect(logic.slice(-2).map(({ text }) => text.slice(0, 32))).toEqual([
      expect.stringMatching(/^Atorvastatin: started/),
      expect.stringMatching(/^Isoniazid: start date not on/),
    ]);
  });

  test('a change of the doses given is told with both doses and the day', () => {
    const dose = (days: number, mg: number) => ({
      text: 'isoniazid',
      ingredients: [ISONIAZID],
      start: daysAgo(days),
      dose: { value: mg, unit: 'mg' },
      source: 'MedicationAdministration/1',
    });
    const { logic } = finding(LIVER, { ...HY, more: { given: [dose(130, 300), dose(90, 300), dose(60, 900)] } });
    expect(logic.at(-2)?.text).toContain('dose given changed from 300 to 900 mg on 21 Sep 2026');
  });
});

describe('the kidney', () => {
  const creatinine = (...values: Chart['values'][string][number][]): Chart => ({
    values: { creatinine: values },
    medicines: [
      { ...IBUPROFEN, from: 9 },
      { ...LISINOPRIL, from: 2000 },
    ],
  });

  test.each([
    [
      '2.4 times the median of the year: stage 2, to be weighed now',
      creatinine([300, 0.9], [100, 0.9], [1, 2.16]),
      'warning',
      'KDIGO stage 2',
    ],
    ['three times: stage 3', creatinine([100, 1], [1, 3]), 'warning', 'KDIGO stage 3'],
    [
      '4.1 mg/dL after a rise of 0.3 within two days: stage 3',
      creatinine([2, 3.8], [0.5, 4.1]),
      'warning',
      'KDIGO stage 3',
    ],
    ['1.5 times: stage 1, for information', creatinine([100, 1], [1, 1.5]), 'info', 'KDIGO stage 1'],
    ['0.3 mg/dL within 48 hours: stage 1', creatinine([2, 1.2], [0.5, 1.5]), 'info', 'KDIGO stage 1'],
  ] as const)('%s', (_, chart, indicator, stage) => {
    const found = finding(KIDNEY, chart);
    expect(found.indicator).toBe(indicator);
    expect(found.summary).toMatch(/^Weigh stopping ibuprofen/);
    expect(found.summary).toContain(stage);
    expect(found.summary.length).toBeLessThan(140);
  });

  test('the baseline is said: which value, of when', () => {
    const { detail } = finding(KIDNEY, creatinine([300, 0.8], [100, 1], [1, 2.16]));
    expect(detail).toContain('2.4 times its baseline 0.9 mg/dL (the median of 2 values of 8 to 365 days before)');
  });

  test('an ACE inhibitor of years is named beside the new NSAID: time does not clear it', () => {
    const { logic } = finding(KIDNEY, creatinine([300, 0.9], [1, 2.16]));
    expect(logic.slice(-2).map(({ held, text }) => [held, text.split(':')[0]])).toEqual([
      ['met', 'Ibuprofen'],
      ['met', 'Lisinopril'],
    ]);
  });

  test.each([
    ['stable chronic kidney disease', creatinine([400, 2.3], [200, 2.4], [30, 2.5], [1, 2.5])],
    ['0.29 mg/dL in two days', creatinine([2, 1.2], [0.5, 1.49])],
    ['0.3 mg/dL over three days', creatinine([3, 1.2], [0.1, 1.5])],
    ['a fall', creatinine([100, 3], [1, 1])],
    ['one value', creatinine([1, 5])],
  ])('silent: %s', (_, chart) => {
    expect(told(KIDNEY, chart)).toMatch(/No sign/);
  });

  test('silent: a rise that is a month old says nothing of now', () => {
    expect(told(KIDNEY, creatinine([200, 0.9], [30, 2.7]))).toBe('No usable value of the last 14 days');
  });

  test('silent: on dialysis creatinine says nothing', () => {
    expect(told(KIDNEY, { ...creatinine([100, 1], [1, 3]), made: { 'condition.dialysis': true } })).toMatch(/dialysis/);
  });
});

describe('platelets, electrolytes and QTc', () => {
  test('platelets halved on the seventh day of enoxaparin: named, with heparin-induced thrombocytopenia to be judged', () => {
    const found = finding('injury-platelets', {
      values: {
        platelets: [
          [9, 240],
          [1, 110],
        ],
      },
      medicines: [{ ...ENOXAPARIN, from: 8 }],
    });
    expect(found).toMatchObject({ indicator: 'info' });
    expect(found.summary).toBe('Weigh stopping enoxaparin: platelets 110 10*3/uL, a fall by 54 % within 30 days');
    expect(found.action?.text).toContain('heparin-induced thrombocytopenia');
    expect(found.logic.at(-1)?.text).not.toContain('not verified');
  });

  test('below 50 with a medicine that could do it is important; without one it is for information', () => {
    const values = {
      platelets: [
        [20, 60],
        [1, 42],
      ],
    } as const;
    expect(finding('injury-platelets', { values, medicines: [{ ...ENOXAPARIN, from: 30 }] }).indicator).toBe('warning');
    expect(finding('injury-platelets', { values }).indicator).toBe('info');
  });

  test('platelets at 80 for two years are a condition', () => {
    const values = {
      platelets: [
        [700, 80],
        [300, 85],
        [1, 78],
      ],
    } as const;
    expect(told('injury-platelets', { values, medicines: [{ ...ENOXAPARIN, from: 5 }] })).toMatch(/half a year/);
  });

  test('potassium 6.2 joins the card of raised potassium instead of repeating it', () => {
    const found = finding('injury-potassium-high', {
      values: {
        potassium: [
          [90, 4.4],
          [1, 6.2],
        ],
      },
      medicines: [{ ...LISINOPRIL, from: 20 }],
    });
    expect(found).toMatchObject({ indicator: 'info', mergeKey: 'potassium-raised' });
    expect(told('injury-potassium-low', { values: { potassium: [[1, 6.2]] } })).toMatch(/No sign/);
  });

  test('sodium 123 is important, 128 for information, 131 nothing', () => {
    const of = (value: number) =>
      told('injury-sodium', {
        values: {
          sodium: [
            [60, 139],
            [1, value],
          ],
        },
        medicines: [{ rxcui: '5487', name: 'hydrochlorothiazide', from: 20 }],
      });
    expect(of(123)).toMatchObject({ indicator: 'warning' });
    expect(of(128)).toMatchObject({ indicator: 'info', summary: expect.stringMatching(/hydrochlorothiazide/) });
    expect(of(131)).toMatch(/No sign/);
  });

  test('QTc 60 ms above the last year’s lowest is not more than 60; 61 is', () => {
    const of = (value: number) =>
      told('injury-qt', {
        values: {
          qtc: [
            [100, 420],
            [1, value],
          ],
        },
        medicines: [{ ...AMIODARONE, from: 20 }],
      });
    expect(of(480)).toMatch(/No sign/);
    expect(of(481)).toMatchObject({ summary: 'Weigh stopping amiodarone: QTc 481 ms, 61 ms more than before' });
  });
});

test('whatever makes a finding important was read in a document, and its day of reading is kept', () => {
  const important = (library.injuries ?? []).flatMap(({ levels, citations }) =>
    levels.flatMap(({ indicator, cite }) => (indicator === 'warning' ? [citations[cite]] : [])),
  );
  expect(important.length).toBeGreaterThan(5);
  for (const citation of important)
    expect(citation).toMatchObject({ basis: 'opened', opened: '2026-11-23', url: expect.stringMatching(/^https?:/) });
});

test('whatever the values and the medicines: never critical, verb first, shorter than 140 characters, every value with its date', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.double({ min: 0.1, max: 900, noNaN: true })), {
    maxLength: 8,
  });
  const medicine = fc.record({
    drug: fc.constantFrom(ISONIAZID, ATORVASTATIN, IBUPROFEN, LISINOPRIL, ENOXAPARIN, AMIODARONE),
    from: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
    to: fc.option(fc.integer({ min: 0, max: 900 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.record({
        alt: values,
        bilirubin: values,
        creatinine: values,
        platelets: values,
        potassium: values,
        qtc: values,
      }),
      fc.array(medicine, { maxLength: 4 }),
      (made, taken) => {
        const medicines = taken.map(({ drug, from, to }) => ({
          ...drug,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        }));
        for (const evaluation of judged({ values: made, medicines }).values()) {
          if (evaluation.status !== 'finding') continue;
          const { summary, indicator, because, detail } = evaluation.finding;
          expect(indicator).not.toBe('critical');
          expect(summary).toMatch(/^(Weigh|Follow|Look) /);
          expect(summary.length).toBeLessThan(140);
          expect(because.every(({ unit, effective }) => unit && effective)).toBe(true);
          expect(detail).not.toMatch(/NaN|undefined|Infinity/);
        }
      },
    ),
    { numRuns: 300, seed: 6 },
  );
});
