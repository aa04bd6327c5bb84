/** Duplicate therapy: two of a kind where one is meant, one ingredient in two products, too much of it in a day. */
import { medicationListMissing } from '../burdens/evaluate.ts';
import { membersOf, partOf } from '../drugs/participant.ts';
import type { Evaluation, EvaluationBasis, Finding, Reason } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import { SUMMARY } from '../headline.ts';
import { counts } from '../interactions/match.ts';
import type { Library, Participant } from '../library.ts';
import { listedInput } from '../rules/basis.ts';
import { overDaily } from './daily-most.ts';
import type { Duplicate, DuplicateGroup, Repeat } from './duplicate.ts';
import { namesOf } from './names.ts';

/** What the evaluation of duplicates works on. */
export interface DuplicateScene {
  readonly facts: Facts;
  readonly library: Library;
}

type Words = Pick<DuplicateGroup, 'indicator' | 'summary' | 'because' | 'action' | 'cite' | 'mergeKey'>;

/** A duplicate that the patient has. */
export interface Found {
  readonly id: string;
  readonly title: string;
  readonly words: Words;
  readonly medicines: readonly MedicationFact[];
  /** Filled in for `{medicines}`. */
  readonly names: string;
  /** More to say in the limitation. */
  readonly besides?: string;
}

/** One evaluation per duplicate that the patient has; where there is none, one that says so. */
export function evaluateDuplicates(scene: DuplicateScene): Evaluation[] {
  return (scene.library.duplicates ?? []).flatMap((duplicate): Evaluation[] => {
    const { id, version, title } = duplicate;
    const head = { kind: 'duplicate', version } as const;
    const found = quiet(scene.facts) ? [] : findAll(duplicate, scene);
    if (found.length === 0) return [{ ...head, id, title, ...nothing(scene.facts) }];
    return found.map(
      (one): Evaluation => ({
        ...head,
        id: `${id}/${one.id}`,
        title: one.title,
        status: 'finding',
        finding: findingOf(duplicate, one, scene.facts),
      }),
    );
  });
}

function quiet({ patient }: Facts): Reason | undefined {
  if (patient.deceased) return { code: 'deceased', text: 'The patient has died.' };
  if (patient.replaced) return { code: 'record-replaced', text: 'This record was replaced by another.' };
  return undefined;
}

const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };

function nothing(facts: Facts) {
  const because = quiet(facts);
  if (because) return { status: 'not-applicable', because, basis: NOTHING } as const;
  const list = medicationListMissing(facts);
  if (list) return { status: 'data-required', missing: [list], basis: { ...NOTHING, missing: [list] } } as const;
  return {
    status: 'not-applicable',
    because: { code: 'medicine-not-taken', text: 'No two of a kind among the medicines.' },
    basis: NOTHING,
  } as const;
}

function findAll(duplicate: Duplicate, { facts, library }: DuplicateScene): readonly Found[] {
  const taken = facts.medication.filter(counts);
  return [
    ...duplicate.groups.flatMap((group) => twoOf(group, taken, library)),
    ...(duplicate.repeats ?? []).flatMap((repeat) => inTwoProducts(repeat, taken, library)),
    ...(duplicate.daily ?? []).flatMap((most) => overDaily(most, taken)),
  ];
}

/** Two different drugs of the group in two different products; or one of the group and one of the other. */
function twoOf(group: DuplicateGroup, taken: readonly MedicationFact[], library: Library): readonly Found[] {
  const first = partsOf(group.group, taken, library);
  const second = group.with ? partsOf(group.with, taken, library) : first;
  const pairs = first.flatMap((a) =>
    second.filter((b) => a.medicine !== b.medicine && a.rxcui !== b.rxcui).map((b) => [a, b] as const),
  );
  if (pairs.length === 0) return [];
  const parts = [...first, ...second].filter((part) => pairs.some((pair) => pair.includes(part)));
  const title = `Duplicate therapy: ${group.with ? `${group.group.label} and ${group.with.label}` : group.group.label}`;
  return [
    {
      id: group.id,
      title,
      words: group,
      medicines: distinct(parts.map(({ medicine }) => medicine)),
      names: namesOf(parts),
    },
  ];
}

interface Part {
  readonly rxcui: string;
  readonly name: string;
  readonly medicine: MedicationFact;
}

function partsOf(participant: Participant, taken: readonly MedicationFact[], library: Library): readonly Part[] {
  const members = membersOf(participant, library);
  return taken.flatMap((medicine) => partOf(medicine, members).map(({ rxcui, name }) => ({ rxcui, name, medicine })));
}

/** Routes by which a product reaches the whole body; an unknown route is taken as one. */
const SYSTEMIC: readonly string[] = ['systemic', 'unknown'];

/** One ingredient in two products that both reach the whole body. Orders of one product are one medicine already. */
function inTwoProducts(repeat: Repeat, taken: readonly MedicationFact[], library: Library): readonly Found[] {
  const only = repeat.only && membersOf(repeat.only, library).rxcuis;
  const except = repeat.except && membersOf(repeat.except, library).rxcuis;
  const products = new Map<string, Part[]>();
  for (const medicine of taken.filter(({ route }) => SYSTEMIC.includes(route)))
    for (const { rxcui, name } of medicine.ingredients)
      if (only?.has(rxcui) !== false && !except?.has(rxcui))
        products.set(rxcui, [...(products.get(rxcui) ?? []), { rxcui, name, medicine }]);
  return [...products].flatMap(([rxcui, parts]) => {
    const [part, ...others] = parts;
    if (!part || others.length === 0) return [];
    const title = `Duplicate therapy: ${part.name} in two products`;
    const medicines = parts.map(({ medicine }) => medicine);
    return [{ id: `ingredient-${rxcui}`, title, words: repeat, medicines, names: part.name }];
  });
}

function findingOf({ citations, limitation }: Duplicate, found: Found, facts: Facts): Finding {
  const { words, medicines, names, besides } = found;
  const fill = (text: string) => text.replaceAll('{medicines}', names);
  const inputs = medicines.map((medicine) => listedInput(medicine, facts));
  return {
    indicator: words.indicator,
    summary: headline(words.summary, names, medicines.length),
    detail: fill(words.because),
    because: inputs.slice(0, 2),
    action: { kind: 'note', text: fill(words.action) },
    logic: medicines.map(({ text, asNeeded }) => ({
      text: 'Takes',
      held: 'met',
      value: asNeeded ? `${text} (as needed)` : text,
    })),
    basis: { ...NOTHING, used: inputs },
    limitation: besides ? `${limitation} ${besides}` : limitation,
    citations: words.cite.flatMap((key) => citations[key] ?? []),
    mergeKey: words.mergeKey ?? `duplicate/${found.id}`,
  };
}

/** The headline with the names, or with their number where they do not fit. */
export function headline(text: string, names: string, count: number): string {
  const named = text.replaceAll('{medicines}', names);
  return named.length <= SUMMARY ? named : text.replaceAll('{medicines}', `${count} medicines`);
}

function distinct<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list)];
}
