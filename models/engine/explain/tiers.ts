/** Where a published guideline decides by a number, and on which side of it a number lies. */
import type { DecisionTiers, RiskModel } from '../library.ts';
import type { Values } from './equation.ts';

/** The published tiers of an outcome for this person: of this age, and one about whom the guideline decides by it. */
export function tiersFor(model: RiskModel, outcome: string, values: Values): DecisionTiers | undefined {
  const age = model.inputs.find(({ fact }) => fact === 'patient.age');
  const years = age && values[age.name];
  return model.decisions?.find(
    (decision) =>
      decision.outcome === outcome &&
      (!decision.age || isWithin(years, decision.age)) &&
      Object.entries(decision.where ?? {}).every(([name, limits]) => isWithin(values[name], limits)),
  );
}

function isWithin(value: number | undefined, [low, high]: readonly [number, number]): boolean {
  return value !== undefined && value >= low && value <= high;
}

/** Index of the tier a number lies in: a threshold belongs to the tier above it. */
export function tierOf({ tiers }: Pick<DecisionTiers, 'tiers'>, value: number): number {
  return tiers.findLastIndex(({ from }) => value >= from);
}
