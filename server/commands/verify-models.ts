/** `verify models DIR [--values]`: the shipped equations and scores against published conformance cases. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { PointsModel, RegressionModel, RiskModel } from '../../models/engine/library.ts';
import { scorePoints } from '../../models/engine/risk/points.ts';
import { scoreRegression } from '../../models/engine/risk/regression.ts';
import { type Command, UsageError } from './command.ts';

const vectorFile = z.looseObject({
  model: z.string(),
  tolerance: z.record(z.string(), z.number()),
  cases: z.array(
    z.looseObject({ input: z.record(z.string(), z.unknown()), expected: z.record(z.string(), z.unknown()) }),
  ),
});
type VectorFile = z.infer<typeof vectorFile>;
type Case = VectorFile['cases'][number];
type Scorable = PointsModel | RegressionModel;

/** What our models gave in one case: only the outputs that are shipped; `null` where they refused. */
export type Got = Readonly<Record<string, number | null>>;

/** A file is `passed` when every shipped output of every case is within its tolerance; exit 1 when one is not. */
export const verifyModelsCommand: Command = async ({ args, terminal, library }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { values: { type: 'boolean' } },
    allowPositionals: true,
    strict: true,
  });
  const [dir, ...rest] = positionals;
  if (!dir || rest.length > 0) throw new UsageError('verify models takes one folder of vector files');
  const { library: inForce } = await library();
  const results = [];
  for (const file of (await readdir(dir)).filter((name) => name.endsWith('.json')).sort()) {
    const vectors = vectorFile.parse(JSON.parse(await readFile(join(dir, file), 'utf8')));
    const answers = vectors.cases.map((one) => answer({ file, one, models: inForce.risk }));
    if (values.values)
      for (const [index, got] of answers.entries()) terminal.out(JSON.stringify({ file, case: index, got }));
    results.push(summary({ file, vectors, answers }));
  }
  if (!values.values) terminal.out(JSON.stringify({ results }));
  const worst = Math.max(0, ...results.map(({ maxAbsError }) => maxAbsError ?? 0));
  terminal.err(
    `${results.filter(({ status }) => status === 'passed').length} files passed; largest absolute error ${worst}`,
  );
  return results.some(({ status }) => status === 'failed') ? 1 : 0;
};

/** The outputs of every shipped model that this case is for. Ages outside the published range test the equation itself. */
export function answer({
  file,
  one,
  models,
}: {
  readonly file: string;
  readonly one: Case;
  readonly models: readonly RiskModel[];
}): Got {
  const got: Record<string, number | null> = {};
  for (const model of models) {
    const { vectors } = model;
    if (model.kind === 'onnx' || vectors?.file !== file) continue;
    if (Object.entries(vectors.where ?? {}).some(([key, value]) => one[key] !== value)) continue;
    const outcomes = scored(model, inputsOf(model, one));
    for (const [outcome, key] of Object.entries(vectors.outputs)) {
      if (Object.hasOwn(one.expected, key)) got[key] = outcomes?.find(({ id }) => id === outcome)?.value ?? null;
    }
  }
  return got;
}

function inputsOf(model: Scorable, one: Case): Readonly<Record<string, number>> | undefined {
  const entries = model.inputs.map(({ name, codes }): [string, number | undefined] => {
    const given = one.input[model.vectors?.inputs[name] ?? name];
    if (typeof given === 'number') return [name, given];
    if (typeof given === 'boolean') return [name, Number(given)];
    return [name, typeof given === 'string' ? codes?.[given] : undefined];
  });
  const complete = entries.every((entry): entry is [string, number] => entry[1] !== undefined);
  return complete ? Object.fromEntries(entries) : undefined;
}

function scored(model: Scorable, values: Readonly<Record<string, number>> | undefined) {
  if (!values) return undefined;
  return model.kind === 'points' ? scorePoints(model, values) : scoreRegression(model, values);
}

/** Counts of one file, computed from the very answers that `--values` prints. */
export function summary({
  file,
  vectors,
  answers,
}: {
  readonly file: string;
  readonly vectors: VectorFile;
  readonly answers: readonly Got[];
}) {
  const outputs = vectors.cases.reduce((sum, { expected }) => sum + Object.keys(expected).length, 0);
  const compared = vectors.cases.flatMap(({ expected }, index) =>
    Object.entries(answers[index] ?? {}).map(([output, got]) =>
      compare({ index, output, got, expected: expected[output], tolerance: vectors.tolerance }),
    ),
  );
  const failures = compared.filter(({ within }) => !within);
  const status = compared.length === 0 ? 'not-shipped' : failures.length === 0 ? 'passed' : 'failed';
  return {
    file,
    model: vectors.model,
    status,
    cases: vectors.cases.length,
    outputs,
    passed: compared.length - failures.length,
    notShipped: outputs - compared.length,
    maxAbsError:
      compared.length === 0 ? null : Math.max(...compared.map(({ error }) => error ?? Number.POSITIVE_INFINITY)),
    failures: failures.slice(0, 5).map(({ index, output, got, expected }) => ({ case: index, output, got, expected })),
  } as const;
}

function compare(one: {
  readonly index: number;
  readonly output: string;
  readonly got: number | null;
  readonly expected: unknown;
  readonly tolerance: Readonly<Record<string, number>>;
}) {
  const { got, expected, tolerance } = one;
  // Both refuse: an agreement.
  if (got === null && expected === null) return { ...one, error: 0, within: true };
  if (got === null || typeof expected !== 'number') return { ...one, error: undefined, within: false };
  const error = Math.abs(got - expected);
  const allowed = tolerance.abs ?? (tolerance.rel ?? 0) * Math.abs(expected);
  return { ...one, error, within: error <= allowed };
}
