/** What is said of a medicine that an entry of the allergy list speaks against. */
import type { Evaluation, Finding, Indicator, Input } from '../evaluation.ts';
import type { AllergyFact } from '../facts/facts.ts';
import type { AllergyNature } from '../library.ts';
import type { Citation } from '../measured.ts';
import { medicineInput } from '../rules/basis.ts';
import type { Hit } from './match.ts';

/** One evaluation: the entry, the medicine, the tier that the nature of the entry gives. */
export function findingOf(hit: Hit): Evaluation {
  const { allergy, ingredient, by } = hit;
  const says = by ? related(hit, by) : itself(hit);
  const inputs = [allergyInput(allergy), medicineInput('medication', hit.medicine)];
  const finding: Finding = {
    ...says,
    because: inputs,
    logic: [
      { text: 'On the allergy list', held: 'met', value: saidOf(allergy) },
      { text: `Takes ${ingredient.name}`, held: 'met', value: hit.medicine.text },
    ],
    basis: { used: inputs, stale: [], missing: [], excluded: [] },
    mergeKey: `allergy/${ingredient.rxcui}`,
  };
  return {
    id: `allergy/${by?.cross.id ?? 'itself'}/${ingredient.rxcui}`,
    kind: 'allergy',
    title: `Allergy to ${allergy.text}: ${ingredient.name}`,
    version: by?.group.version ?? '1.0.0',
    status: 'finding',
    finding,
  };
}

type Says = Pick<Finding, 'indicator' | 'summary' | 'detail' | 'action' | 'limitation' | 'citations'>;

const ITSELF: Readonly<Record<AllergyNature, Indicator>> = {
  severe: 'critical',
  allergy: 'critical',
  unstated: 'warning',
  intolerance: 'warning',
};

/** US labels contraindicate a drug after serious hypersensitivity to it; one that was opened stands for all. */
const LABELS: readonly Citation[] = [
  {
    text: 'Lisinopril tablets, US prescribing information: contraindicated after angioedema or hypersensitivity to an ACE inhibitor',
    url: 'https://www.healthgrades.com/drugs/feed/lisinopril/use',
    place: 'Contraindications',
    basis: 'opened',
    opened: '2026-11-23',
  },
];

/** The drug itself. Of a combination that the entry names, the chart does not say which part was to blame. */
function itself({ allergy, nature, ingredient }: Hit): Says {
  const parts = allergy.ingredients ?? [];
  const doubtful = parts.length > 1 || allergy.resolution === 'by-name';
  const indicator = parts.length > 1 && ITSELF[nature] === 'critical' ? 'warning' : ITSELF[nature];
  const mild = nature === 'intolerance';
  return {
    indicator,
    summary: cut(
      indicator === 'critical'
        ? `Stop ${ingredient.name} and replace it: the allergy list names it (${saidOf(allergy)})`
        : `Ask what happened before ${ingredient.name} goes on: the allergy list names it (${saidOf(allergy)})`,
    ),
    detail: mild
      ? 'The entry reads as intolerance, not allergy; whether it still matters is for the patient and you to say.'
      : 'A drug that provoked hypersensitivity can do so again, and more gravely.',
    action: {
      kind: 'note',
      text: mild
        ? `Ask whether ${ingredient.name} is tolerated now; correct the entry or change the drug.`
        : `Confirm the reaction with the patient; replace ${ingredient.name}, or correct the allergy list if it is tolerated.`,
    },
    limitation: doubtful
      ? parts.length > 1
        ? 'The entry names a combination; which part was to blame is not stated.'
        : 'The drug was recognised from the words of the entry.'
      : 'Allergy lists hold many entries that were never allergies; the reaction decides.',
    citations: LABELS,
  };
}

function related({ allergy, nature, ingredient }: Hit, { group, cross }: NonNullable<Hit['by']>): Says {
  const fill = (text: string) => text.replaceAll('{medicine}', ingredient.name).replaceAll('{allergen}', allergy.text);
  return {
    indicator: cross.indicator[nature] ?? 'info',
    summary: cut(fill(cross.summary)),
    detail: fill(cross.because),
    action: { kind: 'note', text: fill(cross.action) },
    limitation: group.limitation,
    citations: cross.cite.flatMap((key) => group.citations[key] ?? []),
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

/** Longest summary that CDS Hooks allows. */
const SUMMARY = 139;

function cut(text: string): string {
  return text.length <= SUMMARY ? text : `${text.slice(0, SUMMARY - 1)}…`;
}
