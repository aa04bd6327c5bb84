/**
 * The ONNX twin of a published equation: the same manifest as a float64 graph, so that ONNX Runtime works the number
 * out a second time, and any platform that scores ONNX can run it.
 *
 * Input `x` float64 [N, n]: the model's inputs in manifest order, in their manifest units, coded inputs (the stratum
 * among them) as the numbers of their `codes`. Output `y` float64 [N, m]: the outcomes in manifest order.
 * A stratum that the model does not know gives NaN, never another stratum's number. NaN stands for an input that is not
 * there, where the authors say how to go on without it; anywhere else it gives NaN.
 */
import type { Expression, InputBinding, RegressionModel } from '../library.ts';
import { elementType, type Initializer, type Node, writeModel } from './onnx-proto.ts';
import { strataOf } from './regression.ts';

/** Names of the columns of `x`, in order. */
export function twinFeatures(model: RegressionModel): readonly string[] {
  return model.inputs.map((input) => input.name);
}

/**
 * The twin's bytes; the same manifest always gives the same bytes.
 * @throws RangeError when the manifest names something it does not define
 */
export function twinOf(model: RegressionModel): Uint8Array {
  const graph = new Graph();
  const scope = inputColumns(graph, model);
  addConstants(graph, model, scope);
  addTerms(graph, model, scope);
  const columns = model.outcomes.map(({ id }) => column(graph, outcome(graph, model, scope, id)));
  graph.named('Identity', [sideBySide(graph, columns)], 'y');
  return writeModel({
    name: model.id,
    nodes: graph.nodes,
    initializers: graph.initializers,
    input: { name: 'x', width: model.inputs.length },
    output: { name: 'y', width: model.outcomes.length },
    metadata: {
      id: model.id,
      version: model.version,
      features: JSON.stringify(model.inputs.map(({ name, unit, codes }) => ({ name, unit, codes }))),
      outcomes: JSON.stringify(model.outcomes.map(({ id, unit, horizon }) => ({ id, unit, horizon }))),
    },
  });
}

/** A tensor of the graph: [N, 1] or a constant [1]; comparisons are boolean until a number is wanted. */
interface Value {
  readonly name: string;
  readonly type: 'number' | 'boolean';
}

type Scope = Map<string, Value>;

/** Nodes and constants so far; an equal node is written once. */
class Graph {
  readonly nodes: Node[] = [];
  readonly initializers: Initializer[] = [];
  readonly #names = new Map<string, string>();

  add(op: string, inputs: readonly string[], attributes: Node['attributes'] = []): string {
    const key = JSON.stringify([op, inputs, attributes]);
    const known = this.#names.get(key);
    if (known) return known;
    const output = `n${this.nodes.length}`;
    this.#names.set(key, output);
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  named(op: string, inputs: readonly string[], output: string): void {
    this.nodes.push({ op, inputs, output });
  }

  constant(values: readonly number[], dims: readonly number[] = [1], dtype: Initializer['dtype'] = 'float64'): string {
    // String(value) tells NaN and -0 apart where JSON would not.
    const key = `${dtype} ${dims} ${values.map((value) => (Object.is(value, -0) ? '-0' : String(value)))}`;
    const known = this.#names.get(key);
    if (known) return known;
    const name = `c${this.initializers.length}`;
    this.#names.set(key, name);
    this.initializers.push({ name, dtype, dims, values });
    return name;
  }
}

function inputColumns(graph: Graph, model: RegressionModel): Scope {
  const scope: Scope = new Map();
  for (const [index, { name, missing }] of model.inputs.entries()) {
    const given = graph.add('Gather', ['x', graph.constant([index], [1], 'int64')], [{ name: 'axis', value: 1 }]);
    if (!missing) {
      scope.set(name, { name: given, type: 'number' });
      continue;
    }
    const gone = graph.add('IsNaN', [given]);
    const value = graph.add('Where', [gone, graph.constant([missing.value]), given]);
    scope.set(name, { name: value, type: 'number' });
    scope.set(missing.indicator, { name: gone, type: 'boolean' });
  }
  return scope;
}

function addConstants(graph: Graph, model: RegressionModel, scope: Scope): void {
  const rows = model.constants ?? {};
  const names = new Set(Object.values(rows).flatMap((row) => Object.keys(row)));
  for (const name of names) {
    const value = byStratum(graph, model, scope, (stratum) => {
      const constant = rows[stratum]?.[name];
      return constant === undefined ? undefined : graph.constant([constant]);
    });
    scope.set(name, { name: value, type: 'number' });
  }
}

function addTerms(graph: Graph, model: RegressionModel, scope: Scope): void {
  for (const term of model.terms ?? []) scope.set(term.name, write(graph, term.formula, scope));
}

/** An outcome's own formula, else its coefficients times the terms, through the link. */
function outcome(graph: Graph, model: RegressionModel, scope: Scope, id: string): string {
  const formula = model.equation?.[id];
  if (formula) return number(graph, write(graph, formula, scope));
  const predictor = linearPredictor(graph, model, scope, id);
  switch (model.link ?? 'identity') {
    case 'identity':
      return predictor;
    case 'exp':
      return graph.add('Exp', [predictor]);
    case 'logistic':
      return graph.add('Sigmoid', [predictor]);
  }
}

/** Terms [N, t] times the stratum's coefficients [t, 1]. The term `constant` is 1. */
function linearPredictor(graph: Graph, model: RegressionModel, scope: Scope, id: string): string {
  const rows = model.coefficients ?? {};
  const terms = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row[id] ?? {})))];
  if (terms.length === 0) throw new RangeError(`${model.id}: neither an equation nor coefficients for ${id}`);
  const columns = terms.map((name) => {
    const value = name === 'constant' ? graph.constant([1]) : number(graph, lookUp(scope, name));
    return column(graph, value);
  });
  const matrix = sideBySide(graph, columns);
  return byStratum(graph, model, scope, (stratum) => {
    const weights = rows[stratum]?.[id];
    if (!weights) return undefined;
    const coefficients = terms.map((term) => weights[term] ?? 0);
    return graph.add('MatMul', [matrix, graph.constant(coefficients, [terms.length, 1])]);
  });
}

/** What `of` gives for this row's stratum, by the coded value of the stratum input; the row `all` serves strata without their own. */
function byStratum(
  graph: Graph,
  model: RegressionModel,
  scope: Scope,
  of: (stratum: string) => string | undefined,
): string {
  const everyone = of('all');
  const strata = strataOf(model).map((name) => {
    const input = model.inputs.find((candidate) => candidate.name === name);
    if (!input) throw new RangeError(`${model.id}: the stratum ${name} is no input`);
    return input;
  });
  if (strata.length === 0) {
    if (!everyone) throw new RangeError(`${model.id}: neither a row "all" nor a stratum input`);
    return everyone;
  }
  return wordsOf(strata).reduce(
    (otherwise, words) => {
      const value = of(words.map(({ word }) => word).join('/')) ?? everyone;
      if (!value) return otherwise;
      const isThis = words
        .map(({ input, code }) => graph.add('Equal', [lookUp(scope, input.name).name, graph.constant([code])]))
        .reduce((all, one) => graph.add('And', [all, one]));
      return graph.add('Where', [isThis, value, otherwise]);
    },
    graph.constant([Number.NaN]),
  );
}

interface Word {
  readonly input: InputBinding;
  readonly word: string;
  readonly code: number;
}

/** Every combination of the words of the stratum inputs. */
function wordsOf(strata: readonly InputBinding[]): readonly (readonly Word[])[] {
  return strata.reduce<readonly (readonly Word[])[]>(
    (before, input) =>
      before.flatMap((words) =>
        Object.entries(codesOf(input)).map(([word, code]) => [...words, { input, word, code }]),
      ),
    [[]],
  );
}

function codesOf(input: InputBinding): Readonly<Record<string, number>> {
  if (!input.codes) throw new RangeError(`${input.name}: a stratum needs codes`);
  return input.codes;
}

function write(graph: Graph, expression: Expression, scope: Scope): Value {
  switch (expression.op) {
    case 'number':
      return { name: graph.constant([expression.value]), type: 'number' };
    case 'name':
      return lookUp(scope, expression.name);
    case 'negate':
      return numeric(graph, 'Neg', [expression.of], scope);
    case '+':
      return numeric(graph, 'Add', [expression.left, expression.right], scope);
    case '-':
      return numeric(graph, 'Sub', [expression.left, expression.right], scope);
    case '*':
      return numeric(graph, 'Mul', [expression.left, expression.right], scope);
    case '/':
      return numeric(graph, 'Div', [expression.left, expression.right], scope);
    case '<':
      return { ...numeric(graph, 'Less', [expression.left, expression.right], scope), type: 'boolean' };
    case '<=':
      return { ...numeric(graph, 'LessOrEqual', [expression.left, expression.right], scope), type: 'boolean' };
    case '>':
      return { ...numeric(graph, 'Greater', [expression.left, expression.right], scope), type: 'boolean' };
    case '>=':
      return { ...numeric(graph, 'GreaterOrEqual', [expression.left, expression.right], scope), type: 'boolean' };
    case '==':
      return { ...numeric(graph, 'Equal', [expression.left, expression.right], scope), type: 'boolean' };
    case 'call':
      return expression.fn === 'where'
        ? choice(graph, expression.args, scope)
        : numeric(graph, operators[expression.fn], expression.args, scope);
  }
}

const operators = { min: 'Min', max: 'Max', ln: 'Log', exp: 'Exp', pow: 'Pow', floor: 'Floor' } as const;

function numeric(graph: Graph, op: string, args: readonly Expression[], scope: Scope): Value {
  const inputs = args.map((arg) => number(graph, write(graph, arg, scope)));
  return { name: graph.add(op, inputs), type: 'number' };
}

/** `where(condition, a, b)`: `a` where the condition is not 0. */
function choice(graph: Graph, args: readonly Expression[], scope: Scope): Value {
  const [condition, yes, no] = args.map((arg) => write(graph, arg, scope));
  if (!condition || !yes || !no) throw new RangeError('where takes a condition and two values');
  const branches = [number(graph, yes), number(graph, no)];
  if (condition.type === 'boolean') return { name: graph.add('Where', [condition.name, ...branches]), type: 'number' };
  const isZero = graph.add('Equal', [condition.name, graph.constant([0])]);
  return { name: graph.add('Where', [isZero, ...branches.toReversed()]), type: 'number' };
}

function number(graph: Graph, value: Value): string {
  if (value.type === 'number') return value.name;
  return graph.add('Cast', [value.name], [{ name: 'to', value: elementType.float64 }]);
}

function lookUp(scope: Scope, name: string): Value {
  const value = scope.get(name);
  if (!value) throw new RangeError(`the formula needs ${name}`);
  return value;
}

/** A constant [1] stretched to one value a row, so that it can stand beside columns. */
function column(graph: Graph, value: string): string {
  const rows = graph.add('Shape', ['x'], [{ name: 'end', value: 1 }]);
  const shape = graph.add('Concat', [rows, graph.constant([1], [1], 'int64')], [{ name: 'axis', value: 0 }]);
  return graph.add('Expand', [value, shape]);
}

function sideBySide(graph: Graph, columns: readonly string[]): string {
  return graph.add('Concat', columns, [{ name: 'axis', value: 1 }]);
}
