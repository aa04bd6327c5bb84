/** What gene results say of one drug for one patient: the label's word where it has one, else CPIC's. */
import type { Indicator } from '../evaluation.ts';
import type { ExposureKnowledge } from '../exposure/knowledge.ts';
import type { Facts, Ingredient } from '../facts/facts.ts';
import type { Citation } from '../measured.ts';
import { type Advised, adviceIn, byCaution, tablesOf } from './guidance.ts';
import type { GeneKnowledge, LabelEntry } from './knowledge.ts';
import { type Converted, underInhibitors } from './phenoconversion.ts';
import { phenotypeOfScore } from './phenotype.ts';
import { daysTaken, tablesForPatient } from './population.ts';
import type { GeneResult } from './results.ts';

/** What is advised for one drug, and on whose word. */
export interface GeneJudgement {
  readonly drug: Ingredient;
  readonly indicator: Indicator;
  /** `false`: the usual dose; nothing to say unless asked. */
  readonly speaks: boolean;
  readonly do: string;
  readonly more?: string;
  /** As the laboratory's results mean by the gene alone. */
  readonly results: readonly GeneResult[];
  /** Results that other medicines change, as they work now. */
  readonly converted: readonly Converted[];
  /** Genes of the guidance that nobody tested, or whose result cannot be read. */
  readonly untested: readonly string[];
  readonly cpic?: Advised;
  /** Other populations of CPIC's for whom the advice differs. */
  readonly differs: readonly string[];
  readonly citations: readonly Citation[];
}

interface Question {
  readonly drug: Ingredient;
  readonly results: ReadonlyMap<string, GeneResult>;
  readonly knowledge: GeneKnowledge;
  readonly facts: Facts;
  readonly now: number;
  /** What else the patient takes. */
  readonly beside: readonly Ingredient[];
  readonly exposure?: ExposureKnowledge;
}

/** `undefined`: the knowledge has no guidance for this drug with these results. */
export function judgeDrug(question: Question): GeneJudgement | undefined {
  const { drug, results, knowledge } = question;
  const working = underInhibitors(results, {
    drug,
    beside: question.beside,
    exposure: question.exposure,
    alleles: knowledge.alleles.genes.CYP2D6,
  });
  const tables = tablesForPatient(tablesOf(drug.rxcui, knowledge.guidance), { ...question, rxcui: drug.rxcui });
  const phenotypeOf = (gene: string, score: number) => {
    const table = knowledge.alleles.genes[gene];
    return table && phenotypeOfScore(score, table);
  };
  const advised = tables
    .flatMap((table) => adviceIn(table, working, { guidance: knowledge.guidance, phenotypeOf }) ?? [])
    .sort(byCaution);
  const [cpic] = advised;
  const label = labelFor(question);
  if (!cpic && !label) return undefined;
  const genes = [...new Set([...(label ? [label.gene] : []), ...(cpic?.genes ?? [])])];
  const converted = genes.flatMap((gene) => {
    const result = working.get(gene);
    return result && 'because' in result ? [result] : [];
  });
  const indicator = label?.indicator ?? (cpic ? tierOf(cpic) : 'info');
  return {
    drug,
    indicator,
    speaks: label !== undefined || (cpic !== undefined && !quiet(cpic)),
    ...(label || !cpic || converted.length === 0
      ? named(label ?? cpic, drug.name)
      : workingWords(cpic, converted, drug.name)),
    results: genes.flatMap((gene) => results.get(gene) ?? []),
    converted,
    untested: genes.filter((gene) => !results.has(gene)),
    ...(cpic ? { cpic } : {}),
    differs: advised.filter(({ advice }) => advice !== cpic?.advice).map(({ population }) => population),
    citations: [
      ...(label ? [citationOf(label, knowledge)] : []),
      ...(converted.length > 0 ? [CONVENTION] : []),
      ...(cpic
        ? [{ ...knowledge.guidance.citation, url: cpic.url, place: `${cpic.population}; ${cpic.strength}` }]
        : []),
    ],
  };
}

function named(words: { readonly do: string; readonly more?: string } | undefined, name: string) {
  const fill = (text: string) => text.replaceAll('{drug}', name);
  return { do: fill(words?.do ?? ''), ...(words?.more ? { more: fill(words.more) } : {}) };
}

const CONVENTION: Citation = {
  text: 'How inhibitors lower the CYP2D6 activity score: CPIC’s convention, not verified against a source',
  basis: 'recalled',
};

/** The convention is recalled: advice that it leads to may say what to avoid, never a dose. */
function workingWords(cpic: Advised, converted: readonly Converted[], name: string) {
  const words = named(cpic, name);
  const said = `${words.do} ${words.more ?? ''}`.replace(/CYP\w+/g, '');
  if (!/\d|dose|half|lower/.test(said)) return words;
  const [first] = converted;
  return {
    do: `Do not dose ${name} by the CYP2D6 gene result alone`,
    more: first ? `${first.because.map((each) => each.name).join(' and ')} changes what the result means.` : '',
  };
}

function quiet({ category }: Advised): boolean {
  return category === 'standard' || category === 'none';
}

/** Strong and moderate recommendations ask for something now; optional ones are for knowing. */
function tierOf({ category, strength }: Advised): Indicator {
  if (category === 'standard' || category === 'none') return 'info';
  return strength === 'Strong' || strength === 'Moderate' ? 'warning' : 'info';
}

function labelFor({ drug, results, knowledge, facts, now }: Question): LabelEntry | undefined {
  return knowledge.labels.entries.find((entry) => {
    const result = entry.rxcui === drug.rxcui ? results.get(entry.gene) : undefined;
    if (!result) return false;
    const { age } = facts.patient;
    if (entry.belowAge !== undefined && (age === undefined || age >= entry.belowAge)) return false;
    if (entry.toleratedAfterDays !== undefined && daysTaken(facts, drug.rxcui, now) > entry.toleratedAfterDays)
      return false;
    const words = [result.phenotype, ordered(result.diplotype), ...result.statuses];
    return entry.results.some((wanted) => words.includes(wanted));
  });
}

/** `*3/*1` and `*1/*3` are one genotype. */
function ordered(diplotype: string | undefined): string | undefined {
  return diplotype
    ?.split('/')
    .sort((a, b) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10))
    .join('/');
}

function citationOf(label: LabelEntry, { labels }: GeneKnowledge): Citation {
  const citation = labels.citations[label.cite];
  if (!citation) throw new RangeError(`gene labels: no citation ${label.cite}`);
  return citation;
}
