/** Where a published guideline decides by a number, and on which side of it a number lies. */
import type { DecisionTiers, RiskModel } from '../library.ts';
import type { Values } from './equation.ts';

/** The published tiers of an outcome for a person of this age; a model without any has none here. */
export function tiersFor(model: RiskModel, outcome: string, values: Values): DecisionTiers | undefined {
  const age = model.inputs.find(({ fact }) => fact === 'patient.age');
  const years = age && values[age.name];
  return model.decisions?.find(
    (decision) =>
      decision.outcome === outcome &&
      (!decision.age || (years !== undefined && years >= decision.age[0] && years <= decision.age[1])),
  );
}

/** Index of the tier a number lies in: a threshold belongs to the tier above it. */
export function tierOf({ tiers }: Pick<DecisionTiers, 'tiers'>, value: number): number {
  return tiers.findLastIndex(({ from }) => value >= from);
}
