/** The facts of this patient that change the tier of a pair: asked in order, the first that holds decides. */
import type { Indicator } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { Interaction, Library, Modifier } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import type { Truth } from '../rules/fhirpath.ts';
import { ask, type Beside } from '../rules/question.ts';
import { ageInDays, type Seen } from '../rules/view.ts';
import type { Pair } from './match.ts';

/** What the evaluation of interactions works on. */
export interface InteractionScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/** A modifier, what it saw, and whether it holds. */
export interface Judged {
  readonly modifier: Modifier;
  readonly seen: Seen;
  readonly truth: Truth;
  /** What else is not known of the two medicines, in words: a dose, a start. */
  readonly open: readonly string[];
}

interface Question {
  readonly interaction: Interaction;
  readonly modifier: Modifier;
  readonly pair: Pair;
}

/** Asks every modifier of an interaction. */
export function judgeModifiers(interaction: Interaction, pair: Pair, scene: InteractionScene): readonly Judged[] {
  return interaction.modifiers.map((modifier) => judgeModifier({ interaction, modifier, pair }, scene));
}

function judgeModifier({ interaction, modifier, pair }: Question, scene: InteractionScene): Judged {
  const { when, needs } = modifier;
  const question = { when, needs, maxAge: interaction.maxAge };
  const { seen, truth } = ask(modifier, question, scene, isAboutPair(modifier) ? besideOf(pair, scene) : undefined);
  return { modifier, seen, truth, open: truth === 'unknown' ? unknownOf(modifier, pair) : [] };
}

/** Does the expression look at the two medicines, and not at the patient alone? */
function isAboutPair({ when }: Modifier): boolean {
  return when.includes('%') || when.includes('pair.');
}

function besideOf(pair: Pair, { now }: InteractionScene): Beside {
  return {
    view: { pair: together(pair, now) },
    environment: { object: pair.object.map(medicineView), precipitant: pair.precipitant.map(medicineView) },
  };
}

/** The doses and starts that the expression asks for and the list does not tell. */
function unknownOf({ when }: Modifier, { object, precipitant, names }: Pair): readonly string[] {
  const sides = [
    ['%object', object, names.object],
    ['%precipitant', precipitant, names.precipitant],
  ] as const;
  const doses = sides.flatMap(([name, medicines, label]) =>
    when.includes(`${name}.dailyDose`) && medicines.some(({ dailyDose }) => !dailyDose)
      ? [`daily dose of ${label}`]
      : [],
  );
  const starts = sides.flatMap(([, medicines, label]) =>
    when.includes('togetherDays') && medicines.some(({ start }) => !start) ? [`start of ${label}`] : [],
  );
  return [...doses, ...starts];
}

/** What `%object` and `%precipitant` show of a medicine. */
function medicineView({ ingredients, route, dailyDose, asNeeded }: MedicationFact): Record<string, unknown> {
  return {
    ingredients: ingredients.map(({ rxcui }) => rxcui),
    route,
    asNeeded,
    ...(dailyDose ? { dailyDose: { value: dailyDose.value, unit: dailyDose.unit } } : {}),
  };
}

/** `pair.togetherDays`: days since the later of the two was started; absent when a start date is. */
function together({ object, precipitant }: Pair, now: number): { readonly togetherDays?: number } {
  const sides = [object, precipitant].map((side) =>
    side.map(({ start }) => (start ? ageInDays(start, now) : undefined)),
  );
  const longest = sides.map((days) =>
    days.some((day) => day === undefined) ? undefined : Math.max(...(days as number[])),
  );
  const [a, b] = longest;
  return a === undefined || b === undefined ? {} : { togetherDays: Math.min(a, b) };
}

const RANK: Readonly<Record<Indicator, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * The modifier that decides: the first that holds. One that lowers the bare pair's tier is not trusted while
 * an earlier one, which would say more, is unknown.
 */
export function decisive(bare: Indicator, judged: readonly Judged[]): Judged | undefined {
  const index = judged.findIndex(({ truth }) => truth === 'met');
  const held = judged[index];
  if (!held) return undefined;
  const tier = RANK[held.modifier.indicator];
  const open = judged
    .slice(0, index)
    .some(({ truth, modifier }) => truth === 'unknown' && RANK[modifier.indicator] > tier);
  return open && tier < RANK[bare] ? undefined : held;
}
