/** `verify models DIR [--values]`: the shipped equations and scores against published conformance cases. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { PointsModel, RegressionModel } from '../../models/engine/library.ts';
import { refusalOf } from '../../models/engine/risk/assess.ts';
import { scorePoints } from '../../models/engine/risk/points.ts';
import { scopeOf, scoreRegression } from '../../models/engine/risk/regression.ts';
import type { VectorMapping } from '../library/schema.ts';
import type { LoadedLibrary } from '../library.ts';
import { type Command, UsageError } from './command.ts';
import { type Nested, pharmacokineticAnswer } from './pharmacokinetic-answer.ts';

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

/** What our models gave for one output: `null` where they refused. `tolerance` names the one of the file that holds for it. */
interface Given {
  readonly value: Nested;
  readonly tolerance?: string;
}

/** What our models gave in one case: only the outputs that are shipped. */
export type Got = Readonly<Record<string, Given>>;

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
  const inForce = await library();
  const results = [];
  for (const file of (await readdir(dir)).filter((name) => name.endsWith('.json')).sort()) {
    const vectors = vectorFile.parse(JSON.parse(await readFile(join(dir, file), 'utf8')));
    const answers = vectors.cases.map((one) => answer({ file, one, inForce }));
    if (values.values)
      for (const [index, got] of answers.entries())
        terminal.out(JSON.stringify({ file, case: index, got: valuesOnly(got) }));
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
  inForce,
}: {
  readonly file: string;
  readonly one: Case;
  readonly inForce: Pick<LoadedLibrary, 'library' | 'vectors' | 'pharmacokineticVectors'>;
}): Got {
  const got: Record<string, Given> = {};
  for (const model of inForce.library.risk) {
    if (model.kind === 'onnx') continue;
    for (const mapping of inForce.vectors.get(model.id) ?? []) {
      if (mapping.file !== file) continue;
      if (Object.entries(mapping.where ?? {}).some(([key, value]) => one[key] !== value)) continue;
      Object.assign(got, answerOf({ model, mapping, one }));
    }
  }
  for (const [key, value] of Object.entries(pharmacokineticAnswer({ file, one, inForce }))) got[key] = { value };
  return got;
}

function valuesOnly(got: Got): Readonly<Record<string, Nested>> {
  return Object.fromEntries(Object.entries(got).map(([key, { value }]) => [key, value]));
}

interface Mapped {
  readonly model: Scorable;
  readonly mapping: VectorMapping;
  readonly one: Case;
}

function answerOf(mapped: Mapped): Got {
  const { mapping, one } = mapped;
  const results = scored(mapped);
  const outputs = Object.entries(mapping.outputs).flatMap(([name, spec]) =>
    (typeof spec === 'string' ? [{ key: spec }] : spec).map((output) => ({ name, times: 1, word: false, ...output })),
  );
  return Object.fromEntries(
    outputs.flatMap(({ name, key, times, word, ...rest }) => {
      if (!Object.hasOwn(one.expected, key)) return [];
      const result = results?.[name];
      const value = word ? result?.word : result && result.value * times;
      return [[key, { ...rest, value: value ?? null }]];
    }),
  );
}

function inputsOf({ model, mapping, one }: Mapped): Readonly<Record<string, number>> | undefined {
  const values: Record<string, number> = {};
  for (const { name, codes, missing } of model.inputs) {
    const source = mapping.inputs[name] ?? name;
    const given = typeof source === 'string' ? one.input[source] : 'value' in source ? source.value : undefined;
    const number =
      typeof source === 'object' && 'key' in source
        ? source.values[String(one.input[source.key])]
        : asNumber(given, codes);
    if (number !== undefined) values[name] = number;
    else if (!missing) return undefined;
  }
  return values;
}

function asNumber(given: unknown, codes: Readonly<Record<string, number>> | undefined): number | undefined {
  if (typeof given === 'number') return given;
  if (typeof given === 'boolean') return Number(given);
  return typeof given === 'string' ? codes?.[given] : undefined;
}

/** Outcomes and terms by name; `undefined` where the model does not answer. */
function scored(mapped: Mapped): Readonly<Record<string, { value: number; word?: string }>> | undefined {
  const { model } = mapped;
  const values = inputsOf(mapped);
  if (!values || refusalOf(model, values) !== undefined) return undefined;
  const outcomes = model.kind === 'points' ? scorePoints(model, values) : scoreRegression(model, values);
  const scope = model.kind === 'points' ? {} : scopeOf(model, values);
  return {
    ...Object.fromEntries(Object.entries(scope).map(([name, value]) => [name, { value }])),
    ...Object.fromEntries(outcomes.map((outcome) => [outcome.id, outcome])),
  };
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
    Object.entries(answers[index] ?? {}).map(([output, { value, tolerance = 'abs' }]) =>
      compare({
        index,
        output,
        got: value,
        expected: expected[output],
        tolerance: vectors.tolerance,
        absolute: vectors.tolerance[tolerance],
      }),
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
  readonly got: Nested;
  readonly expected: unknown;
  readonly tolerance: Readonly<Record<string, number>>;
  readonly absolute: number | undefined;
}) {
  const { got, expected, tolerance, absolute } = one;
  if (typeof got === 'object' && got !== null) return { ...one, ...compareEach(one) };
  // Both refuse, or the same word: an agreement.
  if (typeof got !== 'number' && got === expected) return { ...one, error: 0, within: true };
  if (typeof got !== 'number' || typeof expected !== 'number') return { ...one, error: undefined, within: false };
  const error = Math.abs(got - expected);
  const allowed = absolute ?? (tolerance.rel ?? 0) * Math.abs(expected);
  return { ...one, error, within: error <= allowed };
}

/** Nested outputs agree when each number does; their error is the worst of them. */
function compareEach(one: Parameters<typeof compare>[0]): {
  readonly error: number | undefined;
  readonly within: boolean;
} {
  const { got, expected } = one;
  if (typeof expected !== 'object' || expected === null) return { error: undefined, within: false };
  const keys = [...new Set([...Object.keys(got as object), ...Object.keys(expected)])];
  const each = keys.map((key): { readonly error: number | undefined; readonly within: boolean } =>
    compare({
      ...one,
      got: (got as Readonly<Record<string, Nested>>)[key] ?? null,
      expected: (expected as Readonly<Record<string, unknown>>)[key],
    }),
  );
  const errors = each.map(({ error }) => error ?? Number.POSITIVE_INFINITY);
  return { error: Math.max(0, ...errors), within: each.every(({ within }) => within) };
}
