/** What each feature of a trained model adds to its number, where its graph says so in a second output. */
import type { OnnxModel } from '../library.ts';
import type { Runtime } from '../runtime.ts';
import { OnnxModelError } from './onnx.ts';

/** A feature's part of the log odds, against the average of training; the parts and the intercept add up to the log odds. */
export interface Contribution {
  readonly name: string;
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
