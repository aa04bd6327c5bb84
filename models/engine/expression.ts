/** Evaluates a formula that the server parsed. Float64 throughout; a number that is not finite is an error, never a result. */
import type { Expression } from './library.ts';

/** A formula that could not be evaluated. `code` is `unknown-name` or `not-finite`; the message holds names, never values. */
export class ExpressionError extends Error {
  readonly code: 'unknown-name' | 'not-finite';
  constructor(code: ExpressionError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The value of `expression` with `scope` giving its names. Comparisons give 1 or 0; `where(c, a, b)` is `a` when `c` is not 0.
 * @throws ExpressionError when a name is not in scope or the result is not a finite number
 */
export function evaluateExpression(expression: Expression, scope: Readonly<Record<string, number>>): number {
  const value = compute(expression, scope);
  if (!Number.isFinite(value)) throw new ExpressionError('not-finite', 'the formula gives no finite number');
  return value;
}

/** Every name a formula uses, in order of appearance. */
export function namesIn(expression: Expression): readonly string[] {
  switch (expression.op) {
    case 'number':
      return [];
    case 'name':
      return [expression.name];
    case 'negate':
      return namesIn(expression.of);
    case 'call':
      return [...new Set(expression.args.flatMap(namesIn))];
    default:
      return [...new Set([...namesIn(expression.left), ...namesIn(expression.right)])];
  }
}

function compute(expression: Expression, scope: Readonly<Record<string, number>>): number {
  switch (expression.op) {
    case 'number':
      return expression.value;
    case 'name': {
      const value = Object.hasOwn(scope, expression.name) ? scope[expression.name] : undefined;
      if (value === undefined) throw new ExpressionError('unknown-name', `the formula needs ${expression.name}`);
      return value;
    }
    case 'negate':
      return -compute(expression.of, scope);
    case 'call':
      return call(expression.fn, expression.args, scope);
    default:
      return binary(expression.op, compute(expression.left, scope), compute(expression.right, scope));
  }
}

function binary(op: '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '==', left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
    case '==':
      return Number(left === right);
  }
}

type Call = Extract<Expression, { op: 'call' }>;

function call(fn: Call['fn'], args: Call['args'], scope: Readonly<Record<string, number>>): number {
  const values = args.map((arg) => compute(arg, scope));
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = values;
  switch (fn) {
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'ln':
      return Math.log(a);
    case 'exp':
      return Math.exp(a);
    case 'pow':
      return a ** b;
    case 'floor':
      return Math.floor(a);
    case 'where':
      return a !== 0 ? b : c;
  }
}
