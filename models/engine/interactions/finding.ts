/** What an interaction says of this patient's pair: the deciding modifier's words, else those of the bare pair. */
import type { Finding, Indicator, Input, LogicLine } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import { SUMMARY } from '../headline.ts';
import type { Interaction } from '../library.ts';
import type { Citation } from '../measured.ts';
import { readInFull, worstState } from '../resolve/absence.ts';
import { basisOf, basisOfAnswers, listedInput, onceByPath } from '../rules/basis.ts';
import { missingIn, valuesIn } from '../rules/told.ts';
import type { Held } from './lead.ts';
import type { Pair } from './match.ts';
import { decisive, type InteractionScene, type Judged, judgeModifiers } from './modifiers.ts';

/** The finding about medicines that the patient takes together. */
export function findingOf(held: Held, scene: InteractionScene): Finding {
  const { interaction, mergeKey, pair, recalled } = held;
  const judged = judgeModifiers(interaction, pair, scene);
  const deciding = decisive(interaction.indicator, judged);
  const words = wordsOf(interaction, deciding);
  // That a medicine belongs here was not looked up: such a pair warns, and never interrupts.
  const indicator = recalled.length > 0 && words.indicator === 'critical' ? 'warning' : words.indicator;
  const medicines = [...pair.precipitant, ...pair.object].map((medicine) => listedInput(medicine, scene.facts));
  return {
    indicator,
    summary: headline(words.summary, pair, interaction),
    detail: [fill(`${interaction.consequence} ${words.because}`, pair.names), ...lingering(pair)].join(' '),
    because: twoFacts(deciding, judged, medicines),
    action: { kind: 'note', text: fill(words.action, pair.names) },
    logic: logicOf(interaction, pair, judged),
    basis: basisOfAnswers(medicines, judged),
    limitation: [
      interaction.limitation,
      ...wouldChange(words.indicator, deciding, judged),
      ...recalledMembers(recalled),
      ...partialList(scene.facts),
    ].join(' '),
    citations: distinct([...(deciding?.modifier.citations ?? []), ...interaction.citations, ...held.citations]),
    mergeKey,
  };
}

/** The deciding modifier's own words, and the bare pair's where it has none. */
function wordsOf(interaction: Interaction, deciding: Judged | undefined) {
  const { indicator, summary, action, mechanism } = interaction;
  const { modifier } = deciding ?? {};
  return {
    indicator: modifier?.indicator ?? indicator,
    summary: modifier?.summary ?? summary,
    action: modifier?.action ?? action,
    because: modifier?.because ?? mechanism,
  };
}

/** What was stopped and still acts is said to be so. */
function lingering({ object, precipitant }: Pair): readonly string[] {
  return [...object, ...precipitant].flatMap(({ text, state, end }) =>
    state === 'recently-stopped' ? [`${text} was stopped${end ? ` on ${end.text}` : ''} and still acts.`] : [],
  );
}

/** Each source once, by its address, or by its words where it has none. */
function distinct(citations: readonly Citation[]): readonly Citation[] {
  const keys = new Set<string>();
  return [...new Set(citations)].filter((citation) => {
    const key = keyOf(citation);
    return !keys.has(key) && keys.add(key);
  });
}

// A citation of the library stands under many findings.
const citationKeys = new WeakMap<Citation, string>();

function keyOf(citation: Citation): string {
  const known = citationKeys.get(citation);
  if (known !== undefined) return known;
  const { url, place = '', text } = citation;
  const key = `${url ?? text} ${place}`;
  citationKeys.set(citation, key);
  return key;
}

function recalledMembers(names: readonly string[]): readonly string[] {
  return names.length > 0 ? [`Recalled, not verified against a source: that this holds for ${names.join(', ')}.`] : [];
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
  return onceByPath([...measured, ...medicines]).slice(0, 2);
}

function logicOf(interaction: Interaction, pair: Pair, judged: readonly Judged[]): readonly LogicLine[] {
  return [
    { text: `Takes ${interaction.object.label}`, held: 'met', value: textOf(pair.object) },
    { text: `Takes ${interaction.precipitant.label}`, held: 'met', value: textOf(pair.precipitant) },
    ...judged.map((each): LogicLine => {
      const { modifier, truth, seen } = each;
      const value = (truth === 'unknown' && wanting(each)) || valuesIn(seen);
      return { text: modifier.because, held: truth, ...(value ? { value } : {}) };
    }),
  ];
}

function textOf(medicines: readonly MedicationFact[]): string {
  return medicines.map(({ text }) => text).join('; ');
}

function wanting({ seen, open }: Judged): string {
  return [...missingIn(seen), ...open.map((what) => `${what}: not known`)].join('; ');
}

/** Names the unknown facts that were asked before one held, and would have given another tier. */
function wouldChange(tier: Indicator, held: Judged | undefined, judged: readonly Judged[]): readonly string[] {
  const asked = held ? judged.slice(0, judged.indexOf(held)) : judged;
  const labels = asked
    .filter(({ truth, modifier }) => truth === 'unknown' && modifier.indicator !== tier)
    .flatMap(({ seen, open }) => [...basisOf(seen.resolved).missing.map(({ label }) => label), ...open]);
  return labels.length > 0 ? [`Not known, and could change this: ${[...new Set(labels)].join(', ')}.`] : [];
}

function partialList({ sources }: Facts): readonly string[] {
  return readInFull(worstState(sources, ['medications'])) ? [] : ['The medication list did not arrive in full.'];
}

/** The headline with the ingredients' names, or with the sides' labels where the names are too many to fit. */
function headline(text: string, { names }: Pair, { object, precipitant }: Interaction): string {
  const filled = fill(text, names);
  return filled.length <= SUMMARY ? filled : fill(text, { object: object.label, precipitant: precipitant.label });
}

/** Fills `{object}` and `{precipitant}`. */
function fill(text: string, names: Pair['names']): string {
  if (!text.includes('{')) return text;
  return text.replaceAll('{object}', names.object).replaceAll('{precipitant}', names.precipitant);
}
