/** Where models that answer one question lie on two sides of a published threshold, and in what they differ. */
import type { Outcome } from '../evaluation.ts';
import type { DecisionTiers, RiskModel } from '../library.ts';
import type { Values } from './equation.ts';
import { tierOf, tiersFor } from './tiers.ts';

/** A model with what it said of this patient and the input numbers it said it on. */
export interface Voice {
  readonly model: RiskModel;
  readonly outcomes: readonly Outcome[];
  readonly values: Values;
}

/** Two numbers for one outcome and horizon with a threshold between them. */
export interface Disagreement {
  readonly first: { readonly model: RiskModel; readonly outcome: Outcome; readonly tier: string };
  readonly second: { readonly model: RiskModel; readonly outcome: Outcome; readonly tier: string };
  /** Thresholds between the two, ascending. */
  readonly between: readonly number[];
  readonly decision: DecisionTiers;
  /** The model for whose number the tiers were published; the other's is only held against them. */
  readonly tiersOf: RiskModel;
  /** Labels of inputs that only the first, or only the second, takes. */
  readonly onlyFirst: readonly string[];
  readonly onlySecond: readonly string[];
}

/** Every other voice that lies in another tier than the first one; nothing where all lie in the same. */
export function disagreements(first: Voice, others: readonly Voice[]): readonly Disagreement[] {
  return others.flatMap((second) => {
    for (const [owner, tiersOf] of [
      [first, first.model],
      [second, second.model],
    ] as const) {
      for (const outcome of first.outcomes) {
        const other = second.outcomes.find(({ id, horizon }) => id === outcome.id && horizon === outcome.horizon);
        const decision = tiersFor(tiersOf, outcome.id, owner.values);
        if (!other || !decision || tierOf(decision, outcome.value) === tierOf(decision, other.value)) continue;
        return [disagreement({ first, second, outcome, other, decision, tiersOf })];
      }
    }
    return [];
  });
}

function disagreement(found: {
  readonly first: Voice;
  readonly second: Voice;
  readonly outcome: Outcome;
  readonly other: Outcome;
  readonly decision: DecisionTiers;
  readonly tiersOf: RiskModel;
}): Disagreement {
  const { first, second, outcome, other, decision, tiersOf } = found;
  const [low, high] = [outcome.value, other.value].sort((a, b) => a - b);
  const tier = (value: number) => decision.tiers[tierOf(decision, value)]?.word ?? '';
  return {
    first: { model: first.model, outcome, tier: tier(outcome.value) },
    second: { model: second.model, outcome: other, tier: tier(other.value) },
    between: decision.tiers.map(({ from }) => from).filter((from) => from > (low ?? 0) && from <= (high ?? 0)),
    decision,
    tiersOf,
    onlyFirst: onlyIn(first.model, second.model),
    onlySecond: onlyIn(second.model, first.model),
  };
}

function onlyIn({ inputs }: RiskModel, other: RiskModel): readonly string[] {
  return inputs.filter(({ fact }) => !other.inputs.some((input) => input.fact === fact)).map(({ label }) => label);
}
