/** Values, units and dates as a clinician reads them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { horizonText, numberText, outcomeText, proseText, unitText, valueText } from '../../client/ui/measured.tsx';
import { dateText } from '../../client/ui/when.ts';

const nbsp = '\u00a0';
const plain = (text: string) => text.replaceAll(nbsp, ' ');

describe('A value never travels without its unit', () => {
  it.each([
    ['observation.creatinine', 2.1, 'mg/dL', '2.10 mg/dL'],
    ['observation.creatinine', 186, 'umol/L', '186 µmol/L'],
    ['observation.potassium', 6.2, 'mmol/L', '6.2 mmol/L'],
    ['derived.egfr', 23.67, 'mL/min/{1.73_m2}', '24 mL/min/1.73 m²'],
    ['observation.systolic-blood-pressure', 142, 'mm[Hg]', '142 mmHg'],
    ['observation.platelets', 184, '10*3/uL', '184 ×10³/µL'],
    ['observation.something-new', 1.23456, 'ug/L', '1.23 µg/L'],
  ])('%s %d %s reads %s', (path, value, unit, text) => {
    expect(plain(valueText({ path, value, unit }))).toBe(text);
  });

  it('whatever the number, the unit is there and no ordinary space can part them', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.constantFrom('mg/dL', 'mmol/L', '%'),
        (value, unit) => {
          const text = valueText({ path: 'observation.anything', value, unit });
          expect(text.endsWith(`${nbsp}${unitText(unit)}`)).toBe(true);
          expect(text).not.toContain(' ');
        },
      ),
    );
  });

  it('a censored value keeps its comparator', () => {
    expect(plain(valueText({ path: 'observation.uacr', value: 5, unit: 'mg/g', comparator: '<' }))).toBe('< 5 mg/g');
    expect(plain(valueText({ path: 'derived.egfr', value: 90, unit: 'mL/min/{1.73_m2}', comparator: '>=' }))).toBe(
      '≥ 90 mL/min/1.73 m²',
    );
  });

  it('a risk is a percentage with no more precision than it has', () => {
    expect(plain(outcomeText({ id: 'total', value: 0.4213, unit: '1' }))).toBe('42 %');
    expect(plain(outcomeText({ id: 'total', value: 0.0234, unit: '1' }))).toBe('2.3 %');
    expect(plain(outcomeText({ id: 'total', value: 0.0002, unit: '1' }))).toBe('< 0.1 %');
    expect(plain(outcomeText({ id: 'points', value: 5, unit: '{score}' }))).toBe('5 points');
  });

  it('an eGFR just below a stage is never rounded up into the next', () => {
    expect(numberText(29.6, 'derived.egfr')).toBe('29.6');
    expect(numberText(29.97, 'derived.egfr')).toBe('29.9');
    expect(numberText(30.4, 'derived.egfr')).toBe('30');
    expect(numberText(28.6, 'derived.egfr')).toBe('29');
  });

  it('sentences of the engine lose their UCUM spelling', () => {
    expect(plain(proseText('eGFR 23.67 mL/min/{1.73_m2} and 142 mm[Hg]'))).toBe(
      'eGFR 23.67 mL/min/1.73 m² and 142 mmHg',
    );
  });

  it('numbers of the same analyte keep the same digits', () => {
    expect(numberText(5, 'observation.potassium')).toBe('5.0');
    expect(plain(horizonText('P10Y'))).toBe('10 years');
  });
});

describe('A date is never more precise than the chart was', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const when = (text: string, precision: 'year' | 'month' | 'day' | 'instant') => ({
    text,
    precision,
    start: Date.parse(text),
    end: Date.parse(text),
  });

  it.each([
    ['2014', 'year', '2014'],
    ['2026-03', 'month', 'Mar 2026'],
    ['2026-09-10', 'day', '10 Sep 2026'],
    ['2025-11-17T09:30:00Z', 'instant', '17 Nov 2025'],
  ] as const)('%s reads %s', (text, precision, expected) => {
    expect(plain(dateText(when(text, precision), now))).toBe(expected);
  });

  it('a value of this year has its time', () => {
    expect(plain(dateText(when('2026-11-17T12:40:00Z', 'instant'), now))).toMatch(/^17 Nov \d\d:40$/);
  });

  it('a value without a date says so', () => expect(dateText(undefined, now)).toBe('no date'));
});
