/** ONNX Runtime's word on every exposure said of this patient: one that it does not confirm is withdrawn. */
import type { Facts } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import { RuntimeError } from '../onnx-runtime.ts';
import { twinTolerance } from '../risk/twin-check.ts';
import type { Graph, Runtime } from '../runtime.ts';
import { exposureSums } from './evaluate.ts';
import { graphRow, PATHWAYS } from './graph.ts';
import type { Factor } from './model.ts';

/** A prediction that the graph did not confirm. `differs`: another number came out; else the graph could not be run. */
export interface Unconfirmed {
  /** Id of the evaluation. */
  readonly id: string;
  readonly message: string;
  readonly differs: boolean;
}

/** Runs all of this patient's sums in one go. */
export async function checkExposures(check: {
  facts: Facts;
  library: Library;
  runtime: Runtime;
}): Promise<readonly Unconfirmed[]> {
  const sums = exposureSums(check);
  const graph = check.library.apart?.exposureGraph;
  if (sums.length === 0 || !graph) return [];
  const all = (message: string, differs: boolean) => sums.map(({ id }) => ({ id, message, differs }));
  try {
    const ratios = await runGraph(
      sums.map(({ factors }) => factors),
      { id: 'exposure', ...graph },
      check.runtime,
    );
    return sums.flatMap(({ id, ratio }, index) => {
      const difference = Math.abs(ratio - (ratios[index] ?? Number.NaN));
      // Written so that a NaN, which no comparison holds for, does not pass.
      if (difference <= twinTolerance * Math.max(1, ratio)) return [];
      return [{ id, message: 'its ONNX graph does not give the same number', differs: true }];
    });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return all(error.message, false);
  }
}

/** The graph's ratio for each row of factors. */
export async function runGraph(
  rows: readonly (readonly Factor[])[],
  graph: Graph,
  runtime: Runtime,
): Promise<ArrayLike<number>> {
  const width = 4 * PATHWAYS.length;
  const data = new Float64Array(rows.length * width);
  for (const [index, factors] of rows.entries()) data.set(graphRow(factors), index * width);
  const { y } = await runtime.predict(graph, { x: { dtype: 'float64', dims: [rows.length, width], data } });
  return y?.data ?? [];
}
