/** What a plan changes: findings that go, that come, and that change their tier. */
import type { Evaluation, Finding, Indicator, Prioritised, Recommendation } from '../evaluation.ts';

/** One finding before and after. */
export type Change =
  | { readonly is: 'gone' | 'new'; readonly finding: Finding }
  | { readonly is: 'changed'; readonly finding: Finding; readonly before: Finding };

const TIER: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };
/** Kinds of knowledge that read the medication list. */
const MEDICINES: ReadonlySet<Evaluation['kind']> = new Set([
  'interaction',
  'burden',
  'duplicate',
  'companion',
  'allergy',
  'caution',
  'gene',
  'exposure',
  'dose',
  'monitoring',
]);

/** Gravest first; what comes before what goes. Only findings that rest on medicines are compared. */
export function difference(before: readonly Evaluation[], after: readonly Evaluation[]): readonly Change[] {
  const [old, fresh] = [findingsIn(before), findingsIn(after)];
  const changes: Change[] = [];
  for (const [key, finding] of fresh) {
    const was = old.get(key);
    if (!was) changes.push({ is: 'new', finding });
    else if (was.indicator !== finding.indicator || was.summary !== finding.summary)
      changes.push({ is: 'changed', finding, before: was });
  }
  for (const [key, finding] of old) if (!fresh.has(key)) changes.push({ is: 'gone', finding });
  const order = { new: 0, changed: 1, gone: 2 } as const;
  return changes.sort(
    (a, b) =>
      order[a.is] - order[b.is] ||
      TIER[a.finding.indicator] - TIER[b.finding.indicator] ||
      (a.finding.summary < b.finding.summary ? -1 : 1),
  );
}

function findingsIn(evaluations: readonly Evaluation[]): ReadonlyMap<string, Finding> {
  return new Map(
    evaluations.flatMap((evaluation) =>
      evaluation.status === 'finding' && MEDICINES.has(evaluation.kind)
        ? [[evaluation.id, evaluation.finding] as const]
        : [],
    ),
  );
}

/** How many of each tier a list holds. */
export function tally({ today, others }: Prioritised): Readonly<Record<Indicator, number>> {
  const counts: Record<Indicator, number> = { critical: 0, warning: 0, info: 0 };
  for (const { indicator } of [...today, ...others] satisfies readonly Recommendation[]) counts[indicator] += 1;
  return counts;
}
