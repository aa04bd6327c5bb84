/** Trained models, run by ONNX Runtime. There is no fallback: a graph that cannot run is a failure that is shown. */
import type { Evaluation, Outcome } from '../evaluation.ts';
import { requireExample } from '../explain/self-test.ts';
import { evaluateExpression, namesIn } from '../expression.ts';
import type { Facts } from '../facts/facts.ts';
import type { OnnxModel } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import type { Runtime, Tensor } from '../runtime.ts';
import { prepare } from './assess.ts';
import { failureOf, headOf } from './evaluate.ts';
import { findingOf } from './finding.ts';
import { outcomeOf } from './outcome.ts';

/** A graph that answered in a shape its manifest does not describe. */
export class OnnxModelError extends Error {
  readonly code: 'feature-outside-range' | 'feature-missing' | 'unexpected-output';
  constructor(code: OnnxModelError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** One trained model on one patient. */
export async function evaluateOnnx(
  model: OnnxModel,
  { facts, resolver, runtime }: { readonly facts: Facts; readonly resolver: Resolver; readonly runtime: Runtime },
): Promise<Evaluation> {
  const head = headOf(model);
  try {
    const prepared = prepare(model, facts, resolver);
    if (prepared.status !== 'ready') return { ...head, ...prepared };
    const vector = featureVector(model, prepared.values);
    if (vector.outside) {
      const { name } = vector.outside;
      const because = {
        code: 'input-outside-range' as const,
        text: `${name} is outside the range the model was trained on`,
      };
      return { ...head, status: 'not-applicable', because, basis: prepared.basis };
    }
    await requireSelfTest(model, runtime);
    const outcomes = await predictOnnx(model, vector.features, runtime);
    return { ...head, status: 'finding', finding: findingOf(model, { ...prepared, outcomes }) };
  } catch (error) {
    return failureOf(head, error);
  }
}

const passed = new WeakSet<OnnxModel>();

/** The graph gives its example's answer in this very runtime, once, before it may speak; else `SelfTestError`. */
async function requireSelfTest(model: OnnxModel, runtime: Runtime): Promise<void> {
  if (passed.has(model) || !model.example) return;
  requireExample(model, await predictOnnx(model, featureVector(model, model.example.inputs).features, runtime));
  passed.add(model);
}

/** The features in the graph's order; a missing one takes the manifest's fill, or the model abstains. */
export function featureVector(
  model: OnnxModel,
  values: Readonly<Record<string, number>>,
): { readonly features: readonly number[]; readonly outside?: OnnxModel['features'][number] } {
  const features: number[] = [];
  for (const feature of model.features) {
    const known = namesIn(feature.formula).every((name) => Object.hasOwn(values, name));
    if (!known && feature.missing === 'abstain')
      throw new OnnxModelError('feature-missing', `${model.id} needs ${feature.name}`);
    const value = known ? evaluateExpression(feature.formula, values) : Number(feature.missing);
    if (known && (value < feature.range[0] || value > feature.range[1])) return { features, outside: feature };
    features.push(value);
  }
  return { features };
}

/** Runs the graph on one row of features and reads the outcomes from `tensor.outputIndex` on. */
export async function predictOnnx(
  model: OnnxModel,
  features: readonly number[],
  runtime: Runtime,
): Promise<readonly Outcome[]> {
  const { tensor, id, url, sha256 } = model;
  const data = tensor.dtype === 'float32' ? Float32Array.from(features) : Float64Array.from(features);
  const row: Tensor = { dtype: tensor.dtype, dims: [1, features.length], data };
  const answer = (await runtime.predict({ id, url, sha256 }, { [tensor.input]: row }))[tensor.output];
  return model.outcomes.map((outcome, index) => {
    const value = answer?.data[tensor.outputIndex + index];
    if (value === undefined || !Number.isFinite(value))
      throw new OnnxModelError('unexpected-output', `${id} gave no ${outcome.id}`);
    return outcomeOf(outcome, value);
  });
}
