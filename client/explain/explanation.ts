/** Everything that explains one number, computed on tap from the values it was made of. */
import type { Finding, Outcome } from '../../models/engine/evaluation.ts';
import { type Contributions, contributions } from '../../models/engine/explain/contributions.ts';
import { type NextTest, nextBestTest } from '../../models/engine/explain/next-test.ts';
import { type Remeasured, remeasured } from '../../models/engine/explain/remeasured.ts';
import { type SmallestChange, smallestChange } from '../../models/engine/explain/smallest-change.ts';
import { tiersFor } from '../../models/engine/explain/tiers.ts';
import type { DecisionTiers, ReferencePerson, RegressionModel, RiskModel } from '../../models/engine/library.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { trials } from '../risk/simulate.ts';

/** Draws of "if measured again", and their seed: the same chart gives the same band. */
const DRAWS = 500;
const SEED = 20261122;

/** One number with its reasons; every part that has no published ground is absent. */
export interface Explanation {
  readonly outcome: Outcome;
  readonly values: Readonly<Record<string, number>>;
  readonly reference: ReferencePerson;
  readonly contributions: Contributions;
  readonly band?: Remeasured;
  readonly decision?: DecisionTiers;
  readonly smallest?: SmallestChange;
  readonly next?: NextTest;
}

/** Whether the model names the person its numbers are compared with. */
export function isExplained(model: RiskModel): model is RegressionModel & { readonly reference: ReferencePerson } {
  return model.kind === 'regression' && model.reference !== undefined;
}

/** Explains the first outcome; undefined where the model names no reference person or gave no number. */
export function explain(asked: {
  readonly model: RiskModel;
  readonly finding: Pick<Finding, 'basis' | 'outcomes'>;
  /** The library's models: those that take one more measurement can be the next test. */
  readonly models: readonly RiskModel[];
}): Explanation | undefined {
  const { model, finding, models } = asked;
  const [outcome] = finding.outcomes ?? [];
  if (!isExplained(model) || !outcome || outcome.unit !== '1') return undefined;
  const values = valuesOf(model.inputs, finding.basis);
  const { values: reference, together } = model.reference;
  const question = { model, values, reference, outcome: outcome.id, ...(together ? { together } : {}) };
  const decision = tiersFor(model, outcome.id, values);
  const repeats = { model, values, outcome: outcome.id, draws: DRAWS, seed: SEED };
  const band = remeasured(repeats);
  const among = trials(model, finding).map(({ binding }) => binding.name);
  const smallest = decision && smallestChange({ ...question, decision, among });
  const next =
    decision && band && nextBestTest({ ...repeats, decision, band, extensions: extensionsOf(model, models) });
  return {
    outcome,
    values,
    reference: model.reference,
    contributions: contributions(question),
    ...(band ? { band } : {}),
    ...(decision ? { decision } : {}),
    ...(smallest ? { smallest } : {}),
    ...(next ? { next } : {}),
  };
}

/** Equations of the same family and horizon that take all of these inputs and more. */
function extensionsOf(model: RegressionModel, models: readonly RiskModel[]): readonly RegressionModel[] {
  return models.filter(
    (other): other is RegressionModel =>
      other.kind === 'regression' &&
      other.preference?.family === model.preference?.family &&
      other.inputs.length > model.inputs.length &&
      model.inputs.every(({ name, fact }) =>
        other.inputs.some((input) => input.name === name && input.fact === fact),
      ) &&
      model.outcomes.every(({ id }) => other.outcomes.some((outcome) => outcome.id === id)),
  );
}
