import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpressionError, evaluateExpression, namesIn } from '../../models/engine/expression.ts';
import { FormulaError, parseFormula } from '../../server/library/formula.ts';

const value = (text: string, scope: Record<string, number> = {}) => evaluateExpression(parseFormula(text), scope);

describe('a formula in a manifest', () => {
  test.each([
    ['(min(sbp, 110) - 110) / 20', { sbp: 90 }, -1],
    ['2 + 3 * 4', {}, 14],
    ['-2 - -3', {}, 1],
    ['10 - 4 - 3', {}, 3],
    ['(egfr - 60) / -15', { egfr: 45 }, 1],
    ['ln(exp(2))', {}, 2],
    ['where(age >= 75, 2, 1)', { age: 75 }, 2],
    ['where(age >= 75, 2, 1)', { age: 74 }, 1],
    ['age >= 65 && age < 75', { age: 75 }, 0],
    ['age >= 65 && age < 75', { age: 65 }, 1],
    ['dm == 1 || chf == 1', { dm: 0, chf: 1 }, 1],
  ])('%s with %o is %d', (text, scope, expected) => {
    expect(value(text, scope as Record<string, number>)).toBeCloseTo(expected, 12);
  });

  test('gives what the same arithmetic gives in float64', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e3, noNaN: true }),
        fc.double({ min: 1, max: 1e3, noNaN: true }),
        (a, b) => {
          expect(value('a * b - a / (b + 1) + pow(a, 0.5)', { a, b })).toBe(a * b - a / (b + 1) + a ** 0.5);
        },
      ),
    );
  });

  test.each([
    ['constructor("x")'],
    ['a.b'],
    ['a = 1'],
    ['[1]'],
    ['"text"'],
    ['!a'],
    ['min(1)'],
    ['a && b'],
    ['1 +'],
    ['a ? 1 : 2'],
    ['sqrt(2)'],
  ])('refuses %s', (text) => {
    expect(() => parseFormula(text)).toThrow(FormulaError);
  });
});

describe('evaluating', () => {
  test('a missing input is an error with a code, never NaN', () => {
    expect(() => value('a + b', { a: 1 })).toThrow(expect.objectContaining({ code: 'unknown-name' }));
    expect(() => value('toString', {})).toThrow(ExpressionError);
  });
  test('a result that is not finite is an error with a code', () => {
    expect(() => value('1 / a', { a: 0 })).toThrow(expect.objectContaining({ code: 'not-finite' }));
    expect(() => value('ln(a)', { a: -1 })).toThrow(expect.objectContaining({ code: 'not-finite' }));
  });
  test('its names can be listed before it is evaluated', () => {
    expect(namesIn(parseFormula('min(a, b) + a * -c'))).toEqual(['a', 'b', 'c']);
  });
});
