/** Additive scores: each item that holds adds its points. */
import type { LogicLine, Outcome } from '../evaluation.ts';
import { evaluateExpression } from '../expression.ts';
import type { PointsModel } from '../library.ts';
import { outcomeOf } from './outcome.ts';

/**
 * The totals of a score for the given input numbers, one outcome per total.
 * @throws ExpressionError when an item needs an input that is not given
 */
export function scorePoints(model: PointsModel, values: Readonly<Record<string, number>>): readonly Outcome[] {
  const held = model.items.filter(({ when }) => evaluateExpression(when, values) !== 0);
  return model.outcomes.map((outcome) =>
    outcomeOf(
      outcome,
      held.reduce((sum, { points }) => sum + (points[outcome.id] ?? 0), 0),
    ),
  );
}

/** Each item in words: whether it held and what it added. */
export function explainPoints(model: PointsModel, values: Readonly<Record<string, number>>): readonly LogicLine[] {
  return model.items.map(({ label, when, points }) => {
    const held = evaluateExpression(when, values) !== 0;
    const added = Object.values(points);
    const same = added.every((value) => value === added[0]) && added.length === model.outcomes.length;
    const value = same
      ? `+${added[0]}`
      : Object.entries(points)
          .map(([id, value]) => `+${value} ${titleOf(model, id)}`)
          .join(', ');
    return { text: label, held: held ? 'met' : 'not-met', ...(held ? { value } : {}) };
  });
}

/** A score as the sum of the items that hold, against nobody's: none of them, no points. */
export interface PointContributions {
  /** Items that hold, with what they add to the first total, in the order of the score. */
  readonly held: readonly { readonly label: string; readonly points: number }[];
  /** How many items the score has. */
  readonly items: number;
  readonly total: number;
}

/**
 * What makes the first total of a score.
 * @throws ExpressionError when an item needs an input that is not given
 */
export function pointContributions(model: PointsModel, values: Readonly<Record<string, number>>): PointContributions {
  const id = model.outcomes[0]?.id ?? '';
  const held = model.items
    .filter(({ when, points }) => (points[id] ?? 0) !== 0 && evaluateExpression(when, values) !== 0)
    .map(({ label, points }) => ({ label, points: points[id] ?? 0 }));
  return { held, items: model.items.length, total: held.reduce((sum, { points }) => sum + points, 0) };
}

function titleOf(model: PointsModel, id: string): string {
  return model.outcomes.find((outcome) => outcome.id === id)?.title ?? id;
}
