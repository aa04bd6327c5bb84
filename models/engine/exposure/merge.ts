/** With which interaction a predicted exposure is one matter. */
import type { Evaluation } from '../evaluation.ts';
import type { FactPath, Ingredient } from '../facts/facts.ts';
import type { Predicted } from './predict.ts';

/** What interactions call the consequences of a level that is too high, or too low. */
const RAISED = ['exposure', 'muscle', 'toxicity', 'marrow', 'hypotension', 'vasospasm', 'neurotoxic'];
const LOWERED = ['loss', 'exposure'];

/** A medicine of the list. */
interface Listed {
  readonly drug: Ingredient;
  readonly path: FactPath;
}

/** Joins the interaction that says the same of these very medicines; else stands by itself. */
export function mergeKeyOf(
  { ratio }: Predicted,
  { of, by, others }: { readonly of: Listed; readonly by: readonly Listed[]; readonly others: readonly Evaluation[] },
): string {
  const { rxcui, name } = of.drug;
  const keys = [
    ...(ratio >= 1 ? RAISED : LOWERED).map((topic) => `${rxcui}/${topic}`),
    ratio >= 1 ? `${name}-inr` : `${name}-inr-low`,
  ];
  const pair = [[of.path], by.map(({ path }) => path)];
  const same = others.flatMap((other) => {
    if (other.kind !== 'interaction' || other.status !== 'finding') return [];
    const { mergeKey, basis } = other.finding;
    const both = pair.every((wanted) => basis.used.some(({ path }) => wanted.includes(path)));
    return mergeKey !== undefined && keys.includes(mergeKey) && both ? [mergeKey] : [];
  });
  return same[0] ?? `${rxcui}/exposure`;
}
