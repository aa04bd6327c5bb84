/** One file of `dosing/`: a population's pharmacokinetics, its formulas parsed. */
import { namesIn } from '../../models/engine/expression.ts';
import type { Expression, PharmacokineticModel } from '../../models/engine/library.ts';
import { FormulaError, parseFormula } from './formula.ts';
import { problemAt, type Report, readKnowledge } from './read.ts';
import { pharmacokineticModel } from './schema.ts';

/** What conformance files call this model: `where` picks its cases. */
export interface PharmacokineticVectors {
  readonly file: string;
  readonly model: string;
}

/** The model of one file, or `undefined` when something is wrong with it. */
export async function readPharmacokinetics(
  { absolute, file }: { readonly absolute: string; readonly file: string },
  report: Report,
): Promise<{ readonly model: PharmacokineticModel; readonly vectors?: PharmacokineticVectors } | undefined> {
  const read = await readKnowledge({ absolute, file, schema: pharmacokineticModel }, report);
  if (!read) return undefined;
  const { vectors, ...manifest } = read.value;
  const known = manifest.inputs.flatMap(({ name, missing }) => (missing ? [name, missing.indicator] : [name]));
  const parse = (text: string, path: readonly (string | number)[]): Expression => {
    try {
      const expression = parseFormula(text);
      const unknown = namesIn(expression).filter((name) => !known.includes(name));
      if (unknown.length > 0) throw new FormulaError(`unknown name ${unknown.join(', ')}`);
      return expression;
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      report(
        problemAt(read.source, path, {
          expected: `a formula over ${known.join(', ')}`,
          found: `“${text}”: ${error.message}`,
          advice: 'correct the formula, or declare the name before it',
        }),
      );
      return { op: 'number', value: Number.NaN };
    }
  };
  const terms = (manifest.terms ?? []).map(({ name, formula }, index) => {
    const term = { name, formula: parse(formula, ['terms', index, 'formula']) };
    known.push(name);
    return term;
  });
  const { cl, v1, q, v2 } = manifest.parameters;
  const optional =
    q !== undefined && v2 !== undefined
      ? { q: parse(q, ['parameters', 'q']), v2: parse(v2, ['parameters', 'v2']) }
      : {};
  const parameters = { cl: parse(cl, ['parameters', 'cl']), v1: parse(v1, ['parameters', 'v1']), ...optional };
  if (manifest.varies.some((name) => !(name in parameters)) || manifest.omega.length !== manifest.varies.length)
    report(
      problemAt(read.source, ['varies'], {
        expected: 'names of parameters, and a square omega of that size',
        found: manifest.varies.join(', '),
        advice: 'name each parameter that varies once, in the order of omega',
      }),
    );
  return { model: { ...manifest, terms, parameters }, ...(vectors ? { vectors } : {}) };
}
