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

/** Features joined under the input they are about; the order of the manifest's inputs decides between several. */
export function byInput(model: OnnxModel, parts: readonly Contribution[]): readonly InputContribution[] {
  const sums = new Map<string, { names: readonly string[]; logOdds: number }>();
  for (const { name, logOdds } of parts) {
    const names = subjectOf(model, name);
    const key = names.join(' ');
    sums.set(key, { names, logOdds: (sums.get(key)?.logOdds ?? 0) + logOdds });
  }
  const labelOf = (name: string) => model.inputs.find((input) => input.name === name)?.label ?? name;
  return [...sums.values()]
    .map(({ names, logOdds }) => ({ names, label: names.map(labelOf).join(' and '), logOdds }))
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
}

/** The first input of a feature's formula that is not who the patient is; of age and sex alone, both together. */
function subjectOf({ inputs, features }: OnnxModel, name: string): readonly string[] {
  const feature = features.find((candidate) => candidate.name === name);
  const used = feature ? namesIn(feature.formula) : [];
  const about = inputs.filter((input) => used.includes(input.name));
  const measured = about.find(({ fact }) => !fact.startsWith('patient.'));
  if (measured) return [measured.name];
  return inputs.filter(({ fact }) => fact.startsWith('patient.')).map((input) => input.name);
}
