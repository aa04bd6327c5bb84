/** The facts of this patient that add to a burden: each is met, not met, or unknown. */
import type { Library } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import { type Truth, truthOf } from '../rules/fhirpath.ts';
import { ageInDays, bindingOf, look, type Seen } from '../rules/view.ts';
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

/** Burdens ask the same of one patient (age, eGFR): each question is answered once. */
const answered = new WeakMap<Resolver, Map<string, Omit<JudgedFact, 'fact'>>>();

/** Asks every fact of a burden. */
export function judgeFacts(
  { facts, maxAge = {} }: Burden,
  contributions: readonly Contribution[],
  scene: FactScene,
): readonly JudgedFact[] {
  const since = sinceNewest(contributions, scene.now);
  const answers = answered.get(scene.resolver) ?? new Map<string, Omit<JudgedFact, 'fact'>>();
  answered.set(scene.resolver, answers);
  return facts.map((fact) => {
    const ages = fact.needs.map((path) => maxAge[path]);
    const key = [fact.when, ...ages, fact.when.includes('%sinceDays') ? since : ''].join('|');
    const answer = answers.get(key) ?? ask(fact, ages, since, scene);
    answers.set(key, answer);
    return { fact, ...answer };
  });
}

function ask(
  { when, needs }: BurdenFact,
  ages: readonly (string | undefined)[],
  since: number | undefined,
  { library, resolver, now }: FactScene,
): Omit<JudgedFact, 'fact'> {
  const bindings = needs.map((path, index) => {
    const age = ages[index];
    return { ...bindingOf(path, library), ...(age ? { maxAge: age } : {}) };
  });
  const seen = look(bindings, resolver, now);
  // Where nothing that it needs is there, it is unknown: that spares the expression, which is the dear part.
  const nothing = needs.length > 0 && seen.resolved.every(({ state }) => state === 'absent');
  const truth = nothing ? 'unknown' : truthOf(when, seen.view, { sinceDays: since === undefined ? [] : since });
  return { seen, truth };
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
