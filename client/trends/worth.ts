/** Whether an organ has anything to draw; apart, since the page needs it before the section's own code. */
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { Facts } from '../../models/engine/facts/facts.ts';
import type { Injury } from '../../models/engine/injury/injury.ts';

/** Two values make a course. */
const ENOUGH = 2;

/** Injuries with a finding, or with a marker that has two values and more. */
export function worthDrawing(
  injuries: readonly Injury[],
  { facts, evaluations }: { readonly facts: Facts; readonly evaluations: readonly Evaluation[] },
): readonly Injury[] {
  return injuries.filter(
    ({ id, markers }) =>
      evaluations.some((one) => one.id === id && one.status === 'finding') ||
      markers.some(({ fact }) => (facts.observation[fact.slice('observation.'.length)]?.length ?? 0) >= ENOUGH),
  );
}

/** The organs by name, each once. */
export function organsOf(injuries: readonly Injury[]): readonly string[] {
  return [...new Set(injuries.map(({ organ }) => organ))];
}
