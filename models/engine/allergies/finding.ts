/** What is said of a medicine that an entry of the allergy list speaks against. */
import type { Evaluation, Finding, Input } from '../evaluation.ts';
import type { AllergyFact } from '../facts/facts.ts';
import { SUMMARY } from '../headline.ts';
import { medicineInput } from '../rules/basis.ts';
import type { Hit } from './match.ts';

/** One evaluation: the entry, the medicine, the tier that the nature of the entry gives. */
export function findingOf({ allergy, nature, medicine, ingredient, group, cross }: Hit): Evaluation {
  const inputs = [allergyInput(allergy), medicineInput('medication', medicine)];
  const names = { medicine: ingredient.name, allergen: saidOf(allergy) };
  const finding: Finding = {
    indicator: cross.indicator[nature] ?? 'info',
    summary: headline(cross.summary, names, allergy),
    detail: fill(cross.because, names),
    because: inputs,
    action: { kind: 'note', text: fill(cross.action, names) },
    logic: [
      { text: 'On the allergy list', held: 'met', value: names.allergen },
      { text: `Takes ${ingredient.name}`, held: 'met', value: medicine.text },
    ],
    basis: { used: inputs, stale: [], missing: [], excluded: [] },
    limitation: [
      ...(allergy.resolution === 'by-name' ? ['The entry was recognised by its words.'] : []),
      group.limitation,
    ].join(' '),
    citations: cross.cite.flatMap((key) => group.citations[key] ?? []),
    mergeKey: `allergy/${ingredient.rxcui}`,
  };
  return {
    id: `allergy/${cross.id}/${ingredient.rxcui}`,
    kind: 'allergy',
    title: `Allergy to ${allergy.text}: ${ingredient.name}`,
    version: group.version,
    status: 'finding',
    finding,
  };
}

function allergyInput(allergy: AllergyFact): Input {
  return { path: 'allergy', label: 'Allergy list', value: saidOf(allergy), sources: [allergy.source] };
}

/** The entry in the chart's words with the reaction, if one is given. */
function saidOf({ text, reactions = [] }: AllergyFact): string {
  const [first] = reactions;
  return first ? `${text}: ${first.text}` : text;
}

interface Names {
  readonly medicine: string;
  readonly allergen: string;
}

/** The headline with the reaction, or without it where that does not fit. */
function headline(text: string, names: Names, allergy: AllergyFact): string {
  const whole = fill(text, names);
  if (whole.length <= SUMMARY) return whole;
  const short = fill(text, { ...names, allergen: allergy.text });
  return short.length <= SUMMARY ? short : `${short.slice(0, SUMMARY - 1)}…`;
}

function fill(text: string, { medicine, allergen }: Names): string {
  return text.replaceAll('{medicine}', medicine).replaceAll('{allergen}', allergen);
}
