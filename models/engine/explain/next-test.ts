/** Which measurement would settle it: asked only where a repeat could lie on the other side of a published threshold. */
import type { DecisionTiers, RegressionModel } from '../library.ts';
import type { Values } from './equation.ts';
import { type Remeasured, remeasured, type Varied } from './remeasured.ts';
import { tierOf } from './tiers.ts';

/** The measurement that would settle it, and the range it could move the number to. */
export interface NextTest {
  readonly input: Varied;
  readonly low: number;
  readonly high: number;
  /** The thresholds that lie inside the band of everything measured again. */
  readonly crosses: readonly number[];
  /** The model that the number would then come from, where it is another one of the family. */
  readonly by: RegressionModel;
}

interface Asked {
  readonly model: RegressionModel;
  readonly values: Values;
  readonly outcome: string;
  readonly decision: DecisionTiers;
  readonly band: Pick<Remeasured, 'low' | 'high'>;
  readonly draws: number;
  readonly seed: number;
  /** Models of the same family that take one more measurement, or several of which all but one may be lacking. */
  readonly extensions?: readonly RegressionModel[];
}

/**
 * A measurement that nobody has made and that could by itself cross a threshold comes first; else the one that moves the
 * number most. Undefined where the band stays within one tier: then no further test changes what is decided.
 */
export function nextBestTest(asked: Asked): NextTest | undefined {
  const { decision, band } = asked;
  const crosses = decision.tiers.map(({ from }) => from).filter((from) => from > band.low && from <= band.high);
  if (crosses.length === 0 || tierOf(decision, band.low) === tierOf(decision, band.high)) return undefined;
  const candidates = [asked.model, ...(asked.extensions ?? [])].flatMap((by) => alone(asked, by));
  const settles = ({ input, low, high }: (typeof candidates)[number]) =>
    input.how === 'lacking' && tierOf(decision, low) !== tierOf(decision, high);
  const [best] = candidates.sort(
    (a, b) => Number(settles(b)) - Number(settles(a)) || b.high - b.low - (a.high - a.low),
  );
  return best && { ...best, crosses };
}

/** The range of the number when one input alone is measured; of an extension only what it adds. */
function alone(
  { model, values, outcome, draws, seed }: Asked,
  by: RegressionModel,
): readonly Omit<NextTest, 'crosses'>[] {
  const names = by.inputs.map(({ name }) => name);
  return names.flatMap((name) => {
    if (by !== model && (values[name] !== undefined || model.inputs.some((input) => input.name === name))) return [];
    const others = by.inputs.filter((input) => input.name !== name && values[input.name] === undefined);
    if (!others.every(({ missing }) => missing)) return [];
    const range = remeasured({ model: by, values, outcome, draws, seed, among: [name] });
    const [input] = range?.varied ?? [];
    return range && input ? [{ input, low: range.low, high: range.high, by }] : [];
  });
}
