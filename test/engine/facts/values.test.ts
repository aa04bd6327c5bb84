import { describe, expect, it } from 'vitest';
import { readWords } from '../../../models/engine/facts/values.ts';

describe('results given as text', () => {
  it.each([
    ['5.1', [5.1], undefined],
    ['<0.5', [0.5], '<'],
    ['> 90', [90], '>'],
    ['≥60', [60], '>='],
    ['<=1.005', [1.005, 1005], '<='],
    ['<=0.005', [0.005], '<='],
    ['LESS THAN 0.4', [0.4], '<'],
    ['GREATER THAN 10', [10], '>'],
    ['GT 45', [45], '>'],
    ['lt 3', [3], '<'],
    ['*5.1 H', [5.1], undefined],
    ['5.1*', [5.1], undefined],
    ['7.2 (H)', [7.2], undefined],
    ['1,234.5', [1234.5], undefined],
    ['1.234,5', [1234.5], undefined],
    ['12,345,678', [12_345_678], undefined],
    ['0,5', [0.5], undefined],
  ])('reads %s', (text, readings, comparator) => {
    const value = readWords(text);
    expect(value).toMatchObject({ readings, ...(comparator ? { comparator } : {}) });
    expect('comparator' in value).toBe(comparator !== undefined);
  });

  it('keeps both meanings of 1,234 so that nobody has to guess', () => {
    expect(readWords('1,234')).toMatchObject({ readings: [1234, 1.234] });
    expect(readWords('1.234')).toMatchObject({ readings: [1.234, 1234] });
    expect(readWords('1.234', true)).toMatchObject({ readings: [1234] });
    expect(readWords('1.234', false)).toMatchObject({ readings: [1.234] });
  });

  it('takes the unit that stands beside the number', () => {
    expect(readWords('5.1 mmol/L')).toMatchObject({ readings: [5.1], unitText: 'mmol/L' });
    expect(readWords('<2.0 mg/dL L')).toMatchObject({ readings: [2], comparator: '<', unitText: 'mg/dL' });
  });

  it.each([
    'POS',
    'NEG',
    'trace',
    '1+',
    'See note',
    'Hemolyzed',
    '0-2',
    '1:40',
    '3-5',
    '150 IS HIGHEST MEASURED PTT',
    '',
    '1.2.3.4',
    '=3',
    '<>5',
    '5..1',
    '1e5',
    '<-',
  ])('does not make a number of %s', (text) => {
    expect(readWords(text)).toMatchObject({ reason: 'not-a-number' });
  });
});
