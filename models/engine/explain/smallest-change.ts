/** The way back: the smallest change of one input, or of two together, for which the equation gives the next lower tier. */
import type { DecisionTiers, InputBinding, RegressionModel } from '../library.ts';
import { equationOf, isChangeable, type Values } from './equation.ts';
import { tierOf } from './tiers.ts';

/** One input as it is and as it would be, in the unit of its binding. */
export interface Change {
  readonly name: string;
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** What the equation says; nothing here is the effect of a treatment. */
export type SmallestChange =
  | { readonly found: 'lowest-tier' }
  | { readonly found: 'none' }
  | {
      readonly found: 'one' | 'two';
      readonly changes: readonly Change[];
      readonly value: number;
      readonly tier: string;
      /** Euclidean length of the change, each input as a share of its attainable range. */
      readonly size: number;
    };

/** Steps searched for each of two inputs together; one input alone is searched on every step of its manifest. */
export const PAIR_STEPS = 20;

interface Asked {
  readonly model: RegressionModel;
  readonly values: Values;
  readonly reference: Values;
  readonly outcome: string;
  readonly decision: DecisionTiers;
  /** Only these inputs, e.g. those that were measured; absent: every changeable one. */
  readonly among?: readonly string[];
}

/**
 * The smallest change that leads into the tier below. Inputs move between the patient's value and the reference
 * person's, within the limits of the manifest's what-if: a lower risk by raising cholesterol is no way back, even where
 * an interaction with age makes the equation say so. Treatments never move.
 */
export function smallestChange(asked: Asked): SmallestChange {
  const number = equationOf(asked.model, asked.outcome);
  const now = tierOf(asked.decision, number(asked.values));
  if (now <= 0) return { found: 'lowest-tier' };
  const moves = movesOf(asked, Number.POSITIVE_INFINITY);
  const one = smallest(
    moves.map((move) => [move]),
    asked,
    { number, now },
  );
  if (one) return { found: 'one', ...one };
  const coarse = movesOf(asked, PAIR_STEPS);
  const pairs = coarse.flatMap((first, index) => coarse.slice(index + 1).map((second) => [first, second]));
  const two = smallest(pairs, asked, { number, now });
  return two ? { found: 'two', ...two } : { found: 'none' };
}

/** An input and the values it may be moved to, nearest first. */
export interface Move {
  readonly binding: InputBinding;
  readonly targets: readonly { readonly to: number; readonly share: number }[];
}

/** Every changeable input with its attainable values, at most `most` of them, evenly spread. */
export function movesOf({ model, values, reference, among }: Asked, most: number): readonly Move[] {
  return model.inputs.flatMap((binding): Move[] => {
    const from = values[binding.name];
    const towards = reference[binding.name];
    if (!isChangeable(binding) || from === undefined || towards === undefined) return [];
    if (among && !among.includes(binding.name)) return [];
    const { min, max, step } = binding.whatIf;
    const targets = Array.from({ length: Math.round((max - min) / step) + 1 }, (_, index) =>
      Number((min + index * step).toFixed(6)),
    )
      .filter((to) => (to - from) * (towards - to) >= 0 && to !== from)
      .map((to) => ({ to, share: Math.abs(to - from) / (max - min) }))
      .sort((a, b) => a.share - b.share);
    const stride = Math.max(1, Math.ceil(targets.length / most));
    const thinned = targets.filter((_, index) => (targets.length - 1 - index) % stride === 0);
    return thinned.length > 0 ? [{ binding, targets: thinned }] : [];
  });
}

type Found = Omit<Extract<SmallestChange, { size: number }>, 'found'>;

function smallest(
  combinations: readonly (readonly Move[])[],
  { values, decision }: Asked,
  { number, now }: { readonly number: (values: Values) => number; readonly now: number },
): Found | undefined {
  let best: Found | undefined;
  const search = (moves: readonly Move[], changed: Values, changes: readonly Change[], squared: number): void => {
    const [move, ...rest] = moves;
    if (!move) {
      const value = number(changed);
      const tier = decision.tiers[tierOf(decision, value)];
      if (tierOf(decision, value) < now && tier) best = { changes, value, tier: tier.word, size: Math.sqrt(squared) };
      return;
    }
    const { name, label } = move.binding;
    for (const { to, share } of move.targets) {
      const size = squared + share * share;
      // Nearest first: what follows is farther still.
      if (best && Math.sqrt(size) >= best.size) return;
      const change = { name, label, from: values[name] ?? Number.NaN, to };
      search(rest, { ...changed, [name]: to }, [...changes, change], size);
    }
  };
  for (const moves of combinations) search(moves, values, [], 0);
  return best;
}
