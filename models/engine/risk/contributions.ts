/** What each feature of a trained model adds to its number, where its graph says so in a second output. */
import { namesIn } from '../expression.ts';
import type { OnnxModel } from '../library.ts';
import type { Runtime } from '../runtime.ts';
import { featureVector, OnnxModelError } from './onnx.ts';

/** A feature's part of the log odds, against the average of training; the parts and the intercept add up to the log odds. */
export interface Contribution {
  readonly name: string;
  readonly logOdds: number;
}

/** The parts of all features that are made of one input (or of age and sex), under its label. */
export interface InputContribution {
  /** Names of the inputs. */
  readonly names: readonly string[];
  readonly label: string;
  readonly logOdds: number;
}

/**
 * One part a feature, in the graph's order; nothing when the model has no such output.
 * @throws OnnxModelError `unexpected-output` when the graph gives another shape; RuntimeError when it does not run
 */
export async function contributionsOf(
  { id, url, sha256, tensor, features }: OnnxModel,
  row: readonly number[],
  runtime: Runtime,
): Promise<readonly Contribution[] | undefined> {
  if (tensor.contributions === undefined) return undefined;
  const data = tensor.dtype === 'float32' ? Float32Array.from(row) : Float64Array.from(row);
  const input = { [tensor.input]: { dtype: tensor.dtype, dims: [1, row.length], data } };
  const answer = (await runtime.predict({ id, url, sha256 }, input))[tensor.contributions];
  return features.map(({ name }, index) => {
    const logOdds = answer?.data[index];
    if (logOdds === undefined || !Number.isFinite(logOdds))
      throw new OnnxModelError('unexpected-output', `${id} gave no part for ${name}`);
    return { name, logOdds };
  });
}

/**
 * The parts by input, for a patient's input numbers, largest first: hinges and products of one measurement are one line
 * for a reader. The sum is that of the parts. Errors as `featureVector` and `contributionsOf`.
 */
export async function contributionsByInput(
  model: OnnxModel,
  values: Readonly<Record<string, number>>,
  runtime: Runtime,
): Promise<readonly InputContribution[] | undefined> {
  const { features, outside } = featureVector(model, values);
  if (outside) throw new OnnxModelError('feature-outside-range', `${outside.name} is outside the range of training`);
  const parts = await contributionsOf(model, features, runtime);
  return parts && byInput(model, parts);
}

/** Features joined under the inputs they are about: a feature made of two measurements makes one line of both. */
export function byInput(model: OnnxModel, parts: readonly Contribution[]): readonly InputContribution[] {
  const groups = groupsOf(model);
  const sums = new Map<readonly string[], number>();
  for (const { name, logOdds } of parts) {
    const [first] = subjectOf(model, name);
    const names = groups.find((group) => first !== undefined && group.includes(first)) ?? [name];
    sums.set(names, (sums.get(names) ?? 0) + logOdds);
  }
  const labelOf = (name: string) => model.inputs.find((input) => input.name === name)?.label ?? name;
  return [...sums]
    .map(([names, logOdds]) => ({ names, label: names.map(labelOf).join(' and '), logOdds }))
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
}

/** Inputs that share a feature, each group once, in the order of the manifest. */
function groupsOf(model: OnnxModel): readonly (readonly string[])[] {
  const groups = model.features.reduce<readonly (readonly string[])[]>((before, { name }) => {
    const names = subjectOf(model, name);
    const touched = before.filter((group) => group.some((one) => names.includes(one)));
    return [...before.filter((group) => !touched.includes(group)), [...new Set([...touched.flat(), ...names])]];
  }, []);
  const place = (name: string) => model.inputs.findIndex((input) => input.name === name);
  return groups.map((group) => [...group].sort((a, b) => place(a) - place(b)));
}

/** The inputs of a feature's formula that are not who the patient is; of age and sex alone, both together. */
function subjectOf({ inputs, features }: OnnxModel, name: string): readonly string[] {
  const feature = features.find((candidate) => candidate.name === name);
  const used = feature ? namesIn(feature.formula) : [];
  const measured = inputs.filter((input) => used.includes(input.name) && !input.fact.startsWith('patient.'));
  const about = measured.length > 0 ? measured : inputs.filter(({ fact }) => fact.startsWith('patient.'));
  return about.map((input) => input.name);
}
