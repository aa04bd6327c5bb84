/** What a burden says: the medicines with their weights, the facts that add, the count, and what is not known. */
import type { EvaluationBasis, Finding, Input, LogicLine } from '../evaluation.ts';
import type { Facts } from '../facts/facts.ts';
import { SUMMARY } from '../headline.ts';
import type { Citation } from '../measured.ts';
import { readInFull, worstState } from '../resolve/absence.ts';
import { basisOf, basisOfAnswers, listedInput, onceByPath } from '../rules/basis.ts';
import { missingIn, valuesIn } from '../rules/told.ts';
import type { Burden, BurdenTier } from './burden.ts';
import type { Contribution, Load } from './contributions.ts';
import { holding, type JudgedFact } from './patient-facts.ts';
import { restsOnSources, undecided } from './tier.ts';

/** All that a finding is made of. */
export interface Reached {
  readonly burden: Burden;
  readonly tier: BurdenTier;
  readonly load: Load;
  readonly judged: readonly JudgedFact[];
  readonly facts: Facts;
}

/** The finding of the tier that was reached. A `critical` that only recalled pharmacology reaches is a `warning`. */
export function findingOf(reached: Reached): Finding {
  const { burden, tier, load, judged, facts } = reached;
  const held = holding(judged, ({ truth }) => truth === 'met');
  const recalled = tier.indicator === 'critical' && !restsOnSources(tier, load);
  return {
    indicator: recalled ? 'warning' : tier.indicator,
    summary: headline(tier.summary, load),
    detail: `${burden.consequence} Attune’s additive count, not a validated score: ${countInWords(reached)}.`,
    because: twoFacts(reached),
    action: { kind: 'note', text: fill(tier.action, namesOf(load)) },
    logic: logicOf(load, judged),
    basis: basisWith(reached),
    limitation: [
      burden.limitation,
      ...(recalled ? ['The part of these medicines is recalled, not verified against a source.'] : []),
      ...openFacts(burden, load, judged),
      ...(readInFull(worstState(facts.sources, ['medications']))
        ? []
        : ['The medication list did not arrive in full.']),
    ].join(' '),
    citations: citationsOf(burden, [
      ...(tier.cites ?? []),
      ...load.contributions.flatMap(({ of, rxcui }) => of.named?.[rxcui] ?? []),
      ...held.flatMap(({ cites }) => cites ?? []),
      ...burden.cites,
    ]),
    mergeKey: burden.mergeKey,
  };
}

function countInWords({ load, judged }: Reached): string {
  const held = holding(judged, ({ truth, fact }) => truth === 'met' && fact.weight > 0);
  const parts = [
    ...load.contributions.map((one) =>
      load.counted.includes(one) ? `${one.name} ${one.of.weight}` : `${one.name} (counted with another)`,
    ),
    ...held.map(({ because, weight }) => `${because} ${weight}`),
  ];
  return `${parts.join(', ')}; together ${load.weight + held.reduce((sum, { weight }) => sum + weight, 0)}`;
}

function namesOf({ contributions }: Load): string {
  const names = contributions.map(({ name }) => name);
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function headline(text: string, load: Load): string {
  const named = fill(text, namesOf(load));
  return named.length <= SUMMARY ? named : fill(text, `${load.contributions.length} medicines`);
}

function fill(text: string, medicines: string): string {
  return text.replaceAll('{medicines}', medicines);
}

/** The measurements on which the tier turns come first, then the weightiest medicines. */
function twoFacts({ tier, load, judged, facts }: Reached): readonly Input[] {
  const turning = new Set([...(tier.all ?? []), ...(tier.any ?? [])]);
  const met = judged.filter(({ truth }) => truth === 'met');
  const measured = [...met.filter(({ fact }) => turning.has(fact.id)), ...met].flatMap(({ seen }) =>
    seen.resolved.flatMap((result) =>
      result.state === 'known' && typeof result.value === 'number' && result.input.path !== 'patient.age'
        ? [result.input]
        : [],
    ),
  );
  const all = [...measured, ...load.contributions.flatMap((each) => inputsOf(each, facts))];
  return onceByPath(all).slice(0, 2);
}

function inputsOf({ medicines }: Contribution, facts: Facts): readonly Input[] {
  return medicines.map((medicine) => {
    const input = listedInput(medicine, facts);
    return medicine.asNeeded ? { ...input, note: [input.note, 'as needed'].filter(Boolean).join('; ') } : input;
  });
}

function logicOf({ contributions }: Load, judged: readonly JudgedFact[]): readonly LogicLine[] {
  return [
    ...contributions.map(
      ({ of, medicines, name, sourced }): LogicLine => ({
        text: `${name}: ${of.label}, weight ${of.weight}${sourced ? '' : ' (recalled)'}`,
        held: 'met',
        value: medicines.map(({ text, asNeeded }) => (asNeeded ? `${text} (as needed)` : text)).join('; '),
      }),
    ),
    ...judged.map(({ fact, truth, seen }): LogicLine => {
      const value = truth === 'unknown' ? missingIn(seen).join('; ') : valuesIn(seen);
      return { text: fact.because, held: truth, ...(value ? { value } : {}) };
    }),
  ];
}

/** Names the unknown facts that could give another tier. */
function openFacts(burden: Burden, load: Load, judged: readonly JudgedFact[]): readonly string[] {
  const labels = undecided(burden, load, judged).flatMap(({ seen }) =>
    basisOf(seen.resolved).missing.map(({ label }) => label),
  );
  return labels.length > 0 ? [`Not known, and could change this: ${[...new Set(labels)].join(', ')}.`] : [];
}

/** The medicines and what the facts saw, each once; what is missing counts only where a fact stayed open for it. */
export function basisWith({ load, judged, facts }: Pick<Reached, 'load' | 'judged' | 'facts'>): EvaluationBasis {
  return basisOfAnswers(
    load.contributions.flatMap((each) => inputsOf(each, facts)),
    judged,
  );
}

function citationsOf({ citations }: Burden, keys: readonly string[]): readonly Citation[] {
  return [...new Set(keys)].flatMap((key) => citations[key] ?? []);
}
