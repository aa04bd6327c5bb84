/** What the number would be if its inputs were measured again: not a confidence interval, and not the model's error. */
import type { InputBinding, RegressionModel } from '../library.ts';
import { withinRange } from '../risk/inputs.ts';
import { normalFrom, quantile, uniformFrom } from './chance.ts';
import { equationOf, isTreatment, type Values } from './equation.ts';
import { type Plausible, plausible, type Variation, variations } from './variation.ts';

/** An input that was varied, and on what ground. */
export type Varied = { readonly name: string; readonly label: string } & (
  | { readonly how: 'measured-again'; readonly by: Variation }
  | { readonly how: 'lacking'; readonly by: Plausible }
);

/** The 5th and 95th percentile of the outcome over the draws, in its own unit. */
export interface Remeasured {
  readonly low: number;
  readonly high: number;
  readonly draws: number;
  readonly varied: readonly Varied[];
  /** Inputs taken as they are, for want of a published variation; who the patient is and what is taken are not named. */
  readonly taken: readonly string[];
}

interface Asked {
  readonly model: RegressionModel;
  readonly values: Values;
  readonly outcome: string;
  readonly draws: number;
  readonly seed: number;
  /** Only these inputs vary; absent: all that can. */
  readonly among?: readonly string[];
}

/**
 * The outcome over `draws` repeats. Both the charted value and the next one vary about the person's usual value, so a
 * repeat differs from the chart by √2 times the spread. Values are kept within the model's published range.
 * Undefined where nothing can be varied.
 */
export function remeasured(asked: Asked): Remeasured | undefined {
  const { model, values, among } = asked;
  const sources = model.inputs
    .flatMap((binding) => sourceOf(binding, asked))
    .filter(({ varied }) => !among || among.includes(varied.name));
  if (sources.length === 0) return undefined;
  const outcomes = drawn(asked, sources);
  return {
    low: quantile(outcomes, 0.05),
    high: quantile(outcomes, 0.95),
    draws: asked.draws,
    varied: sources.map(({ varied }) => varied),
    taken: model.inputs
      .filter(({ name, fact }) =>
        fact.startsWith('observation.') || fact.startsWith('derived.')
          ? values[name] !== undefined && !sources.some(({ varied }) => varied.name === name)
          : false,
      )
      .map(({ label }) => label),
  };
}

interface Source {
  readonly binding: InputBinding;
  readonly varied: Varied;
}

/**
 * How an input can be varied: by its own variation where it was measured, over its plausible range where it is lacking
 * and either optional or asked about by name.
 */
function sourceOf(binding: InputBinding, { values, among }: Asked): readonly Source[] {
  const { name, label, fact } = binding;
  if (isTreatment(binding)) return [];
  if (values[name] !== undefined) {
    const by = variations[fact];
    return by ? [{ binding, varied: { name, label, how: 'measured-again', by } }] : [];
  }
  const by = plausible[fact];
  const wanted = binding.missing !== undefined || among?.includes(name);
  return wanted && by && by.unit === binding.unit ? [{ binding, varied: { name, label, how: 'lacking', by } }] : [];
}

function drawn({ model, values, outcome, draws, seed }: Asked, sources: readonly Source[]): Float64Array {
  const number = equationOf(model, outcome);
  const uniform = uniformFrom(seed);
  const normal = normalFrom(uniform);
  const outcomes = new Float64Array(draws);
  for (let index = 0; index < draws; index += 1) {
    const again: Record<string, number> = { ...values };
    for (const { binding, varied } of sources) {
      const value =
        varied.how === 'measured-again'
          ? repeated(values[varied.name] ?? Number.NaN, varied.by, normal())
          : within(varied.by, uniform());
      again[varied.name] = withinRange(binding, value);
    }
    outcomes[index] = number(again);
  }
  return outcomes.sort();
}

/** A repeat of `value`: log-normal for a relative spread, normal for an absolute one. */
function repeated(value: number, { spread }: Variation, z: number): number {
  if ('absolute' in spread) return value + Math.SQRT2 * spread.absolute * z;
  return value * Math.exp(Math.SQRT2 * Math.sqrt(Math.log1p(spread.relative ** 2)) * z);
}

function within({ range: [low, high], logarithmic }: Plausible, share: number): number {
  return logarithmic ? low * (high / low) ** share : low + (high - low) * share;
}
