/** The twin's verdict: a published equation's number stays on the screen only while ONNX Runtime gives the same. */
import type { Outcome } from '../evaluation.ts';
import type { RegressionModel } from '../library.ts';
import { RuntimeError } from '../onnx-runtime.ts';
import type { Runtime } from '../runtime.ts';

/** Largest absolute difference, in the outcome's own unit, that counts as the same number. */
export const twinTolerance = 1e-9;

/** Anything but `agrees: true` withdraws the number: the screen says "model unavailable" and the message. */
export type TwinVerdict =
  | { readonly agrees: true; readonly maxDifference: number }
  | {
      readonly agrees: false;
      readonly code: 'twin-differs' | 'twin-absent' | 'twin-input-missing' | RuntimeError['code'];
      readonly message: string;
      readonly maxDifference?: number;
    };

/**
 * Runs the twin on the very numbers that the equation was given.
 * @param check.values every input of the model by name, in its manifest unit, coded inputs as numbers
 * @param check.outcomes the equation's results, unrounded
 */
export async function checkTwin(check: {
  model: RegressionModel;
  values: Readonly<Record<string, number>>;
  outcomes: readonly Pick<Outcome, 'id' | 'value'>[];
  runtime: Runtime;
}): Promise<TwinVerdict> {
  const { model, runtime } = check;
  if (!model.twin) return { agrees: false, code: 'twin-absent', message: `${model.title} has no ONNX twin` };
  const row = model.twin.features.map((name) => check.values[name] ?? Number.NaN);
  const mayLack = (index: number) =>
    model.inputs.some(({ name, missing }) => missing && name === model.twin?.features[index]);
  if (row.some((value, index) => Number.isNaN(value) && !mayLack(index))) {
    return { agrees: false, code: 'twin-input-missing', message: `${model.title}: the ONNX twin lacks an input` };
  }
  try {
    const graph = { id: model.id, url: model.twin.url, sha256: model.twin.sha256 };
    const x = { dtype: 'float64', dims: [1, row.length], data: Float64Array.from(row) } as const;
    const { y } = await runtime.predict(graph, { x });
    return compare(model, check.outcomes, y?.data ?? []);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return { agrees: false, code: error.code, message: error.message };
  }
}

function compare(
  model: RegressionModel,
  outcomes: readonly Pick<Outcome, 'id' | 'value'>[],
  twin: ArrayLike<number>,
): TwinVerdict {
  const differences = outcomes.map(({ id, value }) => {
    const index = model.outcomes.findIndex((outcome) => outcome.id === id);
    return Math.abs(value - (twin[index] ?? Number.NaN));
  });
  const maxDifference = Math.max(0, ...differences);
  // Written so that a NaN, which no comparison holds for, does not pass.
  if (maxDifference <= twinTolerance) return { agrees: true, maxDifference };
  const message = `${model.title}: its ONNX twin does not give the same number`;
  return { agrees: false, code: 'twin-differs', message, maxDifference };
}
