/** Formula text of a manifest → expression tree. Parsed here once, so that no host ever builds code from text. */
import jsep from 'jsep';
import type { Expression } from '../../models/engine/library.ts';

/** A formula that is not one. `message` says what was found and what may stand there. */
export class FormulaError extends Error {}

const BINARY = ['+', '-', '*', '/', '<', '<=', '>', '>=', '=='] as const;
/** Functions and how many arguments each takes. */
const FUNCTIONS = {
  min: [2, 9],
  max: [2, 9],
  ln: [1, 1],
  exp: [1, 1],
  pow: [2, 2],
  floor: [1, 1],
  where: [3, 3],
} as const satisfies Record<string, readonly [number, number]>;

type Binary = (typeof BINARY)[number];
type FunctionName = keyof typeof FUNCTIONS;

/**
 * Numbers, names, `+ - * /`, comparisons (1 or 0), `min max ln exp pow floor where`; `a && b` is read as `a * b` and
 * `a || b` as `max(a, b)`, so both sides must be conditions.
 * @throws FormulaError for anything else
 */
export function parseFormula(text: string): Expression {
  let tree: jsep.Expression;
  try {
    tree = jsep(text);
  } catch (error) {
    throw new FormulaError(`not a formula: ${error instanceof Error ? error.message : String(error)}`);
  }
  return lower(tree);
}

function lower(node: jsep.Expression): Expression {
  switch (node.type) {
    case 'Literal':
      return numberOf(node as jsep.Literal);
    case 'Identifier':
      return { op: 'name', name: (node as jsep.Identifier).name };
    case 'UnaryExpression':
      return negated(node as jsep.UnaryExpression);
    case 'BinaryExpression':
      return binary(node as jsep.BinaryExpression);
    case 'CallExpression':
      return called(node as jsep.CallExpression);
    default:
      throw new FormulaError(`${node.type} has no place in a formula`);
  }
}

function numberOf({ value, raw }: jsep.Literal): Expression {
  if (typeof value !== 'number') throw new FormulaError(`${raw} is not a number`);
  return { op: 'number', value };
}

function negated({ operator, argument }: jsep.UnaryExpression): Expression {
  if (operator !== '-') throw new FormulaError(`operator ${operator} is not known; only - may stand before a term`);
  return { op: 'negate', of: lower(argument) };
}

function binary({ operator, left, right }: jsep.BinaryExpression): Expression {
  if (operator === '&&') return { op: '*', left: condition(left), right: condition(right) };
  if (operator === '||') return { op: 'call', fn: 'max', args: [condition(left), condition(right)] };
  if (!isBinary(operator)) throw new FormulaError(`operator ${operator} is not known; use one of ${BINARY.join(' ')}`);
  return { op: operator, left: lower(left), right: lower(right) };
}

/** A side of `&&` or `||` must itself be 1 or 0. */
function condition(node: jsep.Expression): Expression {
  const lowered = lower(node);
  const logical = node.type === 'BinaryExpression' && ['&&', '||'].includes((node as jsep.BinaryExpression).operator);
  if (logical || ['<', '<=', '>', '>=', '=='].includes(lowered.op)) return lowered;
  throw new FormulaError('&& and || join comparisons; compare each side with a number');
}

function called({ callee, arguments: args }: jsep.CallExpression): Expression {
  const name = callee.type === 'Identifier' ? (callee as jsep.Identifier).name : callee.type;
  if (!isFunction(name))
    throw new FormulaError(`${name} is not a known function; use one of ${Object.keys(FUNCTIONS).join(', ')}`);
  const [least, most] = FUNCTIONS[name];
  if (args.length < least || args.length > most)
    throw new FormulaError(
      `${name} takes ${least === most ? least : `${least} to ${most}`} arguments, not ${args.length}`,
    );
  return { op: 'call', fn: name, args: args.map(lower) };
}

function isBinary(operator: string): operator is Binary {
  return (BINARY as readonly string[]).includes(operator);
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}
