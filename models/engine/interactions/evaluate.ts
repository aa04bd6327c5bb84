/** Drug–drug interactions in the light of this patient: the bare pair's tier, changed by what is known. */
import type { Evaluation, EvaluationBasis, Finding, Indicator, Input, LogicLine, Missing } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { Interaction, Library, Modifier } from '../library.ts';
import type { Citation } from '../measured.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import type { Resolver } from '../resolve.ts';
import { basisOf, medicineInput } from '../rules/basis.ts';
import { type Truth, truthOf } from '../rules/fhirpath.ts';
import { ageInDays, bindingOf, look, type Seen } from '../rules/view.ts';
import { counts, matchInteractions, type Pair } from './match.ts';

/** What the evaluation of interactions works on. */
export interface InteractionScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/** One evaluation per interaction of the library. FHIRPath runs only for pairs that the patient has. */
export function evaluateInteractions(scene: InteractionScene): Evaluation[] {
  return matchInteractions(scene.facts, scene.library).map(({ interaction, pair }) => {
    const head = {
      id: interaction.id,
      kind: 'interaction',
      title: interaction.title,
      version: interaction.version,
    } as const;
    try {
      return { ...head, ...judge(interaction, pair, scene) };
    } catch {
      // The cause may quote the chart; the code alone is safe to show and to log.
      return {
        ...head,
        status: 'failure',
        error: { code: 'interaction-failed', message: 'This interaction could not be checked.' },
      };
    }
  });
}

type Judgement = Evaluation extends infer E
  ? E extends Evaluation
    ? Omit<E, 'id' | 'kind' | 'title' | 'version'>
    : never
  : never;

function judge(interaction: Interaction, pair: Pair | undefined, scene: InteractionScene): Judgement {
  const { patient } = scene.facts;
  if (patient.deceased) return silent('deceased', 'The patient has died.');
  if (patient.replaced) return silent('record-replaced', 'This record was replaced by another.');
  if (!pair) return withoutPair(interaction, scene);
  return { status: 'finding', finding: findingOf(interaction, pair, scene) };
}

const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };

function silent(code: 'deceased' | 'record-replaced' | 'medicine-not-taken', text: string, basis = NOTHING): Judgement {
  return { status: 'not-applicable', because: { code, text }, basis };
}

/** No pair on the list: said only of a list that was read in full; else the list itself is what is missing. */
function withoutPair({ object, precipitant }: Interaction, { facts }: InteractionScene): Judgement {
  const state = worstState(facts.sources, ['medications']);
  if (!readInFull(state)) {
    const list = absentBySource({ fact: 'medication', label: 'Medication list', required: true }, state);
    return { status: 'data-required', missing: [list], basis: { ...NOTHING, missing: [list] } };
  }
  const unresolved = facts.medication.filter((medicine) => counts(medicine) && medicine.resolution === 'unresolved');
  const missing = unresolved.map(
    ({ text }): Missing => ({
      path: 'medication',
      label: text,
      absence: 'unread',
      text: `${text}: not recognised`,
      required: false,
    }),
  );
  return silent('medicine-not-taken', `Not taken together: ${object.label} and ${precipitant.label}.`, {
    ...NOTHING,
    missing,
  });
}

interface Judged {
  readonly modifier: Modifier;
  readonly seen: Seen;
  readonly truth: Truth;
}

function findingOf(interaction: Interaction, pair: Pair, scene: InteractionScene): Finding {
  const judged = interaction.modifiers.map((modifier) => judgeModifier({ interaction, modifier, pair }, scene));
  const held = decisive(interaction.indicator, judged);
  const medicines = [...pair.precipitant, ...pair.object].map((medicine) =>
    medicineInput(`medication[${scene.facts.medication.indexOf(medicine)}]`, medicine),
  );
  const unknown = judged.filter(({ truth }) => truth === 'unknown');
  // What is missing matters only where a modifier stayed open for want of it.
  const resolved = judged.flatMap(({ seen, truth }) =>
    seen.resolved.filter(({ state }) => truth === 'unknown' || state === 'known'),
  );
  const basis = withoutRepeats(basisOf(resolved), medicines);
  const action = held?.modifier.action ?? interaction.action;
  const citations: readonly Citation[] = [...(held?.modifier.citations ?? []), ...interaction.citations];
  return {
    indicator: held?.modifier.indicator ?? interaction.indicator,
    summary: named(held?.modifier.summary ?? interaction.summary, pair),
    detail: [interaction.consequence, held?.modifier.because ?? interaction.mechanism].join(' '),
    because: twoFacts(held, judged, medicines),
    action: { kind: 'note', text: named(action, pair) },
    logic: logicOf(interaction, pair, judged),
    basis,
    limitation: [interaction.limitation, ...wouldChange(unknown, held), ...partialList(scene.facts)].join(' '),
    citations,
    ...(interaction.mergeKey ? { mergeKey: interaction.mergeKey } : {}),
  };
}

interface Question {
  readonly interaction: Interaction;
  readonly modifier: Modifier;
  readonly pair: Pair;
}

function judgeModifier(
  { interaction: { maxAge = {} }, modifier, pair }: Question,
  { library, resolver, now }: InteractionScene,
): Judged {
  const needs = modifier.needs.map((fact) => {
    const age = maxAge[fact];
    return { ...bindingOf(fact, library), ...(age ? { maxAge: age } : {}) };
  });
  const seen = look(needs, resolver, now);
  const view = { ...seen.view, pair: together(pair, now) };
  const truth = truthOf(modifier.when, view, {
    object: pair.object.map(medicineView),
    precipitant: pair.precipitant.map(medicineView),
  });
  return { modifier, seen, truth };
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
function decisive(bare: Indicator, judged: readonly Judged[]): Judged | undefined {
  const index = judged.findIndex(({ truth }) => truth === 'met');
  const held = judged[index];
  if (!held) return undefined;
  const tier = RANK[held.modifier.indicator];
  const open = judged
    .slice(0, index)
    .some(({ truth, modifier }) => truth === 'unknown' && RANK[modifier.indicator] > tier);
  return open && tier < RANK[bare] ? undefined : held;
}

/** What the tier rests on comes first: measurements, those of the deciding modifier before others, then the medicines. */
function twoFacts(
  deciding: Judged | undefined,
  judged: readonly Judged[],
  medicines: readonly Input[],
): readonly Input[] {
  const measured = [...(deciding ? [deciding] : []), ...judged].flatMap(({ seen }) =>
    seen.resolved.flatMap((result) =>
      result.state === 'known' && typeof result.value === 'number' && result.input.path !== 'patient.age'
        ? [result.input]
        : [],
    ),
  );
  const all = [...measured, ...medicines];
  return all.filter(({ path }, index) => all.findIndex((other) => other.path === path) === index).slice(0, 2);
}

function logicOf(interaction: Interaction, pair: Pair, judged: readonly Judged[]): readonly LogicLine[] {
  return [
    { text: `Takes ${interaction.object.label}`, held: 'met', value: textOf(pair.object) },
    { text: `Takes ${interaction.precipitant.label}`, held: 'met', value: textOf(pair.precipitant) },
    ...judged.map(({ modifier, truth, seen }): LogicLine => {
      const value = (truth === 'unknown' && missingIn(seen)) || valuesIn(seen);
      return { text: modifier.because, held: truth, ...(value ? { value } : {}) };
    }),
  ];
}

function textOf(medicines: readonly MedicationFact[]): string {
  return medicines.map(({ text }) => text).join('; ');
}

function valuesIn({ resolved }: Seen): string {
  return resolved
    .flatMap((result) =>
      result.state === 'known' ? [`${result.input.label} ${rounded(result.value)}${unitText(result.input)}`] : [],
    )
    .join('; ');
}

/** Four figures: enough to see on which side of a limit a value lies. */
function rounded(value: number | string): number | string {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

function unitText({ unit }: Input): string {
  return unit && unit !== '1' && unit !== 'a' ? ` ${unit}` : '';
}

function missingIn({ resolved }: Seen): string {
  return basisOf(resolved)
    .missing.map(({ text }) => text)
    .join('; ');
}

/** Names the unknown facts that could still change the tier. */
function wouldChange(unknown: readonly Judged[], held: Judged | undefined): readonly string[] {
  const labels = unknown
    .filter(({ modifier }) => modifier !== held?.modifier)
    .flatMap(({ seen }) => basisOf(seen.resolved).missing.map(({ label }) => label));
  return labels.length > 0 ? [`Not known, and could change this: ${[...new Set(labels)].join(', ')}.`] : [];
}

function partialList({ sources }: Facts): readonly string[] {
  return readInFull(worstState(sources, ['medications'])) ? [] : ['The medication list did not arrive in full.'];
}

/** Fills `{object}` and `{precipitant}` with the names of the ingredients that take part. */
function named(text: string, { names }: Pair): string {
  return text.replaceAll('{object}', names.object).replaceAll('{precipitant}', names.precipitant);
}

/** Several modifiers ask for the same fact; it is told once. */
function withoutRepeats(basis: EvaluationBasis, medicines: readonly Input[]): EvaluationBasis {
  const once = <T extends { readonly path: string }>(list: readonly T[]): readonly T[] =>
    list.filter(({ path }, index) => list.findIndex((other) => other.path === path) === index);
  return {
    used: [...medicines, ...once(basis.used)],
    stale: once(basis.stale),
    missing: once(basis.missing),
    excluded: once(basis.excluded),
  };
}
