/** Two equations in the shapes of the published ones, for tests of the twin: formulas as trees, as the server hands them out. */
import type { Expression, InputBinding, RegressionModel } from '../../models/engine/library.ts';

const n = (value: number): Expression => ({ op: 'number', value });
const v = (name: string): Expression => ({ op: 'name', name });
const op = (left: Expression, operator: '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '==', right: Expression) =>
  ({ op: operator, left, right }) satisfies Expression;
const call = (fn: 'min' | 'max' | 'ln' | 'exp' | 'pow' | 'floor' | 'where', ...args: Expression[]) =>
  ({ op: 'call', fn, args }) satisfies Expression;

const input = (name: string, unit: string): InputBinding => ({
  name,
  fact: `observation.${name}`,
  label: name,
  unit,
  required: true,
});
const sex: InputBinding = {
  name: 'sex',
  fact: 'patient.sex',
  label: 'Sex',
  required: true,
  codes: { female: 1, male: 0 },
};
const common = {
  version: '1.0.0',
  kind: 'regression',
  population: { text: 'adults' },
  limitation: 'a sample',
  citations: [],
  card: { kind: 'evidence-based', name: 'sample', version: '1.0.0' },
} as const;

/** CKD-EPI-like: constants by sex, minimum, maximum and powers. */
export const creatinineEquation: RegressionModel = {
  ...common,
  id: 'sample-egfr',
  title: 'Sample eGFR',
  inputs: [input('age', 'a'), sex, input('creatinine', 'mg/dL')],
  outcomes: [{ id: 'egfr', title: 'eGFR', unit: 'mL/min/{1.73_m2}' }],
  stratum: 'sex',
  constants: {
    female: { kappa: 0.7, alpha: -0.241, factor: 1.012 },
    male: { kappa: 0.9, alpha: -0.302, factor: 1 },
  },
  terms: [{ name: 'ratio', formula: op(v('creatinine'), '/', v('kappa')) }],
  equation: {
    egfr: op(
      op(
        op(n(142), '*', call('pow', call('min', v('ratio'), n(1)), v('alpha'))),
        '*',
        call('pow', call('max', v('ratio'), n(1)), n(-1.2)),
      ),
      '*',
      op(call('pow', n(0.9938), v('age')), '*', v('factor')),
    ),
  },
};

/** PREVENT-like: spline terms, two outcomes, coefficients by sex, logistic link. */
export const splineEquation: RegressionModel = {
  ...common,
  id: 'sample-risk',
  title: 'Sample risk',
  inputs: [input('age', 'a'), sex, input('systolic', 'mm[Hg]'), input('egfr', 'mL/min/{1.73_m2}')],
  outcomes: [
    { id: 'first', title: 'First', unit: '1', horizon: 'P10Y' },
    { id: 'second', title: 'Second', unit: '1', horizon: 'P10Y' },
  ],
  stratum: 'sex',
  terms: [
    { name: 'age10', formula: op(op(v('age'), '-', n(55)), '/', n(10)) },
    { name: 'sbpLow', formula: op(op(call('min', v('systolic'), n(110)), '-', n(110)), '/', n(20)) },
    { name: 'sbpHigh', formula: op(op(call('max', v('systolic'), n(110)), '-', n(130)), '/', n(20)) },
    { name: 'kidney', formula: op(op(call('min', v('egfr'), n(60)), '-', n(60)), '/', { op: 'negate', of: n(15) }) },
    { name: 'old', formula: op(v('age'), '>=', n(75)) },
    { name: 'ageBySbp', formula: op(v('age10'), '*', v('sbpHigh')) },
  ],
  link: 'logistic',
  coefficients: {
    female: {
      first: { constant: -3.31, age10: 0.79, sbpLow: -0.26, sbpHigh: 0.36, kidney: 0.6, old: 0.11, ageBySbp: -0.09 },
      second: { constant: -4.2, age10: 0.9, sbpHigh: 0.4 },
    },
    male: {
      first: { constant: -3.03, age10: 0.74, sbpLow: -0.43, sbpHigh: 0.33, kidney: 0.53, old: -0.2, ageBySbp: -0.1 },
      second: { constant: -3.9, age10: 0.86, sbpLow: -0.5, sbpHigh: 0.3, kidney: 0.4 },
    },
  },
};

/** Every operation a formula may use, once. */
export const everyOperation: RegressionModel = {
  ...common,
  id: 'sample-operations',
  title: 'Sample operations',
  inputs: [input('a', '1'), input('b', '1')],
  outcomes: Array.from({ length: 15 }, (_, index) => ({ id: `o${index}`, title: `o${index}`, unit: '1' })),
  equation: Object.fromEntries(
    [
      op(v('a'), '+', v('b')),
      op(v('a'), '-', { op: 'negate', of: v('b') }),
      op(v('a'), '*', v('b')),
      op(v('a'), '/', v('b')),
      op(v('a'), '<', v('b')),
      op(v('a'), '<=', v('b')),
      op(v('a'), '>', v('b')),
      op(v('a'), '>=', v('b')),
      op(op(v('a'), '==', v('b')), '+', op(v('a'), '==', v('a'))),
      call('min', v('a'), v('b'), n(2)),
      call('max', v('a'), v('b'), n(2)),
      op(call('ln', v('b')), '+', call('exp', v('a'))),
      call('pow', v('b'), v('a')),
      op(call('floor', v('a')), '+', call('floor', op(n(0), '-', v('b')))),
      op(call('where', v('a'), v('b'), n(7)), '+', call('where', op(v('a'), '<', n(1)), n(-0.5), v('a'))),
    ].map((formula, index) => [`o${index}`, formula]),
  ),
};
