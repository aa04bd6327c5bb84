/** The facts of this patient that add to a burden: each is met, not met, or unknown. */
import type { Library } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import type { Truth } from '../rules/fhirpath.ts';
import { ask } from '../rules/question.ts';
import { ageInDays, type Seen } from '../rules/view.ts';
import type { Burden, BurdenFact } from './burden.ts';
import type { Contribution } from './contributions.ts';

/** A fact, what it saw, and whether it holds. */
export interface JudgedFact {
  readonly fact: BurdenFact;
  readonly seen: Seen;
  readonly truth: Truth;
}

/** What the facts are read from. */
export interface FactScene {
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/** Asks every fact of a burden. */
export function judgeFacts(
  { facts, maxAge }: Burden,
  contributions: readonly Contribution[],
  scene: FactScene,
): readonly JudgedFact[] {
  const since = sinceNewest(contributions, scene.now);
  const beside = { environment: { sinceDays: since ?? [] } };
  return facts.map((fact) => {
    const { when, needs } = fact;
    return { fact, ...ask(fact, { when, needs, maxAge }, scene, when.includes('%sinceDays') ? beside : undefined) };
  });
}

/** Days since the newest of them was started; `undefined` while one start is not written down. A planned one starts today. */
function sinceNewest(contributions: readonly Contribution[], now: number): number | undefined {
  const days = contributions.flatMap(({ medicines }) =>
    medicines.map(({ state, start }) => (state === 'planned' ? 0 : start && ageInDays(start, now))),
  );
  return days.some((day) => day === undefined) ? undefined : Math.min(...(days as readonly number[]));
}

/** Ids of the facts that hold, of each group only the first, with what they add. */
export function holding(judged: readonly JudgedFact[], met: (judged: JudgedFact) => boolean): readonly BurdenFact[] {
  const held = judged.filter(met).map(({ fact }) => fact);
  return held.filter(
    ({ group }, index) => group === undefined || held.findIndex((other) => other.group === group) === index,
  );
}
