/** Before a model may speak, it gives the answer of its own example, in the very engine that will speak. */
import type { Outcome } from '../evaluation.ts';
import type { PointsModel, RegressionModel, RiskModel } from '../library.ts';
import { scorePoints } from '../risk/points.ts';
import { scoreRegression } from '../risk/regression.ts';

/** The model does not give its example's answer here: it is unavailable, and no other number takes its place. */
export class SelfTestError extends Error {
  readonly code = 'model-unavailable';
}

const passed = new WeakSet<PointsModel | RegressionModel>();

/**
 * Runs the example once for each model in memory; a model without one is not held up.
 * @throws SelfTestError when a number differs by more than the example's tolerance, or none comes out
 */
export function requireSelfTest(model: PointsModel | RegressionModel): void {
  if (passed.has(model) || !model.example) return;
  const { inputs } = model.example;
  requireExample(model, model.kind === 'points' ? scorePoints(model, inputs) : scoreRegression(model, inputs));
  passed.add(model);
}

/**
 * Compares what a model gave for its example with the known answer.
 * @throws SelfTestError when a number differs by more than the example's tolerance, or none came out
 */
export function requireExample(model: RiskModel, given: readonly Pick<Outcome, 'id' | 'value'>[]): void {
  const { outputs, tolerance } = model.example ?? { outputs: {}, tolerance: 0 };
  for (const [id, expected] of Object.entries(outputs)) {
    const value = given.find((outcome) => outcome.id === id)?.value ?? Number.NaN;
    // Written so that a NaN, which no comparison holds for, does not pass.
    if (!(Math.abs(value - expected) <= tolerance))
      throw new SelfTestError(`${model.title} does not give its example's answer here`);
  }
}
