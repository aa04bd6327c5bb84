/**
 * The plain part of FHIRPath, made into functions once: single facts compared with a figure, a word or each other, `and`,
 * `or`, `not()`, `exists()`, `iif()`, days subtracted, and `all()` and `where()` of the medicines in question. That is most
 * of what the library asks. For all else, and for every value that is not what a plain condition expects, FHIRPath itself
 * is asked.
 */

/** A part of a FHIRPath syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly SyntaxNode[];
}

/** What a plain condition cannot tell. */
export const BEYOND = Symbol('beyond the plain part');

/** `undefined` is FHIRPath's empty collection. */
type Value = boolean | number | string | object | undefined | typeof BEYOND;
type Plain = (view: object, environment: Environment) => Value;

/** What `%name` stands for. */
type Environment = Readonly<Record<string, unknown>>;

/** The condition as a function of the view and of what `%name` stands for: `true`, `false`, `undefined` for unknown, or something that FHIRPath must judge. */
export function plainCondition(tree: SyntaxNode): Plain {
  const { type, text = '', children = [] } = tree;
  switch (type) {
    case 'EntireExpression':
    case 'TermExpression':
    case 'ParenthesizedTerm':
    case 'InvocationTerm':
    case 'LiteralTerm':
      return of(children[0]);
    case 'NumberLiteral':
      return constant(Number(text));
    case 'StringLiteral':
      return constant(text.includes('\\') ? BEYOND : text.slice(1, -1));
    case 'BooleanLiteral':
      return constant(text === 'true');
    case 'MemberInvocation':
      return /^[a-z]/.test(text) ? (view) => memberOf(view, text) : constant(BEYOND);
    case 'FunctionInvocation':
      return text === 'iif' ? iif(parametersOf(tree).map(plainCondition)) : constant(BEYOND);
    case 'InvocationExpression':
      return invocation(children[0], children[1]);
    case 'AndExpression':
    case 'OrExpression':
      return both(children, (a, b) => settled(a, b, type === 'OrExpression'));
    default:
      return both(children, COMPARISONS.get(text) ?? (() => BEYOND));
  }
}

function of(node: SyntaxNode | undefined): Plain {
  return node ? plainCondition(node) : constant(BEYOND);
}

function constant(value: Value): Plain {
  return () => value;
}

function both([left, right]: readonly SyntaxNode[], how: (a: Value, b: Value) => Value): Plain {
  const [a, b] = [of(left), of(right)];
  return (view, environment) => how(a(view, environment), b(view, environment));
}

/** A member of a view or of an entry in it. Lists and `null` have rules of their own. */
function memberOf(value: Value, name: string): Value {
  if (value === undefined || typeof value !== 'object') return value === undefined ? undefined : BEYOND;
  if (!Object.hasOwn(value, name)) return undefined;
  const member: unknown = (value as Record<string, unknown>)[name];
  return member === null || Array.isArray(member) ? BEYOND : (member as Value);
}

function invocation(base: SyntaxNode | undefined, invoked: SyntaxNode | undefined): Plain {
  const { type, text = '' } = invoked ?? {};
  const list = listOf(base);
  if (list) return invoked ? ofList(list, invoked) : constant(BEYOND);
  const value = of(base);
  if (type === 'MemberInvocation') return (view, environment) => memberOf(value(view, environment), text);
  const apply = invoked && parametersOf(invoked).length === 0 ? FUNCTIONS.get(text) : undefined;
  return apply ? (view, environment) => apply(value(view, environment)) : constant(BEYOND);
}

/** Medicines in question, or those of them that meet a condition. */
type List = (environment: Environment) => readonly object[] | typeof BEYOND;

/** `%name`, and `%name.where(…)`; `undefined` of anything else. */
function listOf(node: SyntaxNode | undefined): List | undefined {
  const { type, text = '', children = [] } = node ?? {};
  if (type === 'TermExpression') return listOf(children[0]);
  if (type === 'ExternalConstantTerm') return ({ [text]: named }) => (isList(named) ? named : BEYOND);
  const [base, invoked] = children;
  if (type !== 'InvocationExpression' || invoked?.text !== 'where') return undefined;
  const list = listOf(base);
  const condition = of(parametersOf(invoked)[0]);
  return list && ((environment) => each(list(environment), (item) => condition(item, environment)));
}

function isList(named: unknown): named is readonly object[] {
  return (
    Array.isArray(named) && named.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
  );
}

function each(items: ReturnType<List>, tell: (item: object) => Value): ReturnType<List> {
  if (items === BEYOND) return BEYOND;
  const told = items.map(tell);
  return told.every(isTruth) ? items.filter((_, index) => told[index]) : BEYOND;
}

function ofList(list: List, invoked: SyntaxNode): Plain {
  const [parameter] = parametersOf(invoked);
  if (invoked.text === 'exists' && !parameter)
    return (_, environment) => {
      const items = list(environment);
      return items === BEYOND ? BEYOND : items.length > 0;
    };
  if (invoked.text !== 'all' || !parameter) return constant(BEYOND);
  const condition = plainCondition(parameter);
  return (_, environment) => {
    const items = list(environment);
    const met = each(items, (item) => condition(item, environment));
    return items === BEYOND || met === BEYOND ? BEYOND : met.length === items.length;
  };
}

const FUNCTIONS: ReadonlyMap<string, (value: Value) => Value> = new Map([
  ['exists', (value: Value): Value => (value === BEYOND ? BEYOND : value !== undefined)],
  ['not', (value: Value): Value => (typeof value === 'boolean' ? !value : isTruth(value) ? undefined : BEYOND)],
]);

function parametersOf({ children = [] }: SyntaxNode): readonly SyntaxNode[] {
  return children[0]?.children?.[1]?.children ?? [];
}

function iif([condition, then, otherwise = constant(undefined)]: readonly Plain[]): Plain {
  return (view, environment) => {
    const held = condition?.(view, environment);
    if (!isTruth(held)) return BEYOND;
    return held ? then?.(view, environment) : otherwise(view, environment);
  };
}

function isTruth(value: Value): value is boolean | undefined {
  return value === undefined || typeof value === 'boolean';
}

/** `and` is settled by one `false` and `or` by one `true`, whatever the other side is; what is unknown leaves it open. */
function settled(a: Value, b: Value, by: boolean): Value {
  if (a === by || b === by) return by;
  if (!isTruth(a) || !isTruth(b)) return BEYOND;
  return a === undefined || b === undefined ? undefined : !by;
}

/** By operator. When two decimals count as equal, and how they subtract, is FHIRPath's to say. */
const COMPARISONS: ReadonlyMap<string, (a: Value, b: Value) => Value> = new Map([
  ['<', ordered((a, b) => a < b)],
  ['<=', ordered((a, b) => a <= b)],
  ['>', ordered((a, b) => a > b)],
  ['>=', ordered((a, b) => a >= b)],
  ['=', alike((same) => same)],
  ['!=', alike((same) => !same)],
  ['-', ordered((a, b) => (Number.isInteger(a) && Number.isInteger(b) ? a - b : BEYOND))],
]);

function ordered(tell: (a: number, b: number) => Value) {
  return (a: Value, b: Value): Value => {
    if (typeof a === 'number' && typeof b === 'number') return isClose(a, b) ? BEYOND : tell(a, b);
    return eitherEmpty(a, b) ? undefined : BEYOND;
  };
}

/** FHIRPath takes numbers that agree to eight decimals for equal. */
function isClose(a: number, b: number): boolean {
  return a !== b && Math.abs(a - b) < 1e-7;
}

function alike(tell: (same: boolean) => boolean) {
  return (a: Value, b: Value): Value => {
    if (typeof a === typeof b && (typeof a === 'string' || typeof a === 'boolean')) return tell(a === b);
    return eitherEmpty(a, b) ? undefined : BEYOND;
  };
}

function eitherEmpty(a: Value, b: Value): boolean {
  return (a === undefined && b !== BEYOND) || (b === undefined && a !== BEYOND);
}
