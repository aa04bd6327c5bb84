/** What this patient's gene results mean: the newest of each gene, with the phenotype that today's rules give it. */
import type { Input } from '../evaluation.ts';
import type { Facts, GeneFact } from '../facts/facts.ts';
import type { GeneAlleles, GeneKnowledge } from './knowledge.ts';
import { phenotypeOfScore, readDiplotype, spelledScore } from './phenotype.ts';

/** One gene's result in the words that guidance is looked up by. */
export interface GeneResult {
  readonly gene: string;
  /** CPIC's word: `Poor Metabolizer`; absent when the result cannot be read. */
  readonly phenotype?: string;
  /** Activity score as CPIC writes it: `0.25`, `≥3.0`, `n/a`. */
  readonly score?: string;
  readonly diplotype?: string;
  /** Of an HLA gene: `*57:01 positive` for every allele that was looked for. */
  readonly statuses: readonly string[];
  readonly input: Input;
}

/** Alleles of the HLA genes that guidance asks about: full typing answers for each of them. */
const ASKED_ALLELES: Readonly<Record<string, readonly string[]>> = {
  'HLA-A': ['*31:01'],
  'HLA-B': ['*15:02', '*57:01', '*58:01'],
};

/** By gene. A gene without a result is not in it: no result is no result, never normal. */
export function geneResults(
  facts: Pick<Facts, 'gene'>,
  { alleles }: Pick<GeneKnowledge, 'alleles'>,
): ReadonlyMap<string, GeneResult> {
  const byGene = new Map<string, GeneFact[]>();
  for (const fact of facts.gene ?? []) byGene.set(fact.gene, [...(byGene.get(fact.gene) ?? []), fact]);
  return new Map(
    [...byGene].flatMap(([gene, found]) => {
      const [newest] = found;
      if (!newest) return [];
      const result = gene.startsWith('HLA-') ? hla(gene, found) : read(newest, alleles.genes[gene]);
      return [[gene, { gene, statuses: [], ...result, input: inputOf(newest, result, found.length) }]];
    }),
  );
}

type Read = Partial<Omit<GeneResult, 'gene' | 'input'>> & { readonly note?: string };

/** The diplotype by today's rules; without one that can be read, the laboratory's own score or word. */
function read({ diplotype, phenotype, activityScore }: GeneFact, table: GeneAlleles | undefined): Read {
  const given = diplotype === undefined ? {} : { diplotype };
  const derived = diplotype === undefined || !table ? undefined : readDiplotype(diplotype, table);
  if (derived) {
    const differs = phenotype !== undefined && phenotype !== derived.phenotype;
    return { ...given, ...derived, ...(differs ? { note: `the laboratory says ${phenotype}` } : {}) };
  }
  const unread = diplotype === undefined ? {} : { note: `${diplotype} is not in the allele tables` };
  if (activityScore !== undefined) {
    const word = phenotype ?? (table && phenotypeOfScore(activityScore, table));
    return { ...given, ...unread, score: spelledScore(activityScore), ...(word ? { phenotype: word } : {}) };
  }
  return { ...given, ...unread, ...(phenotype === undefined ? {} : { phenotype }) };
}

/** The newest answer for each allele; full typing (`*57:01/*44:03`) answers for all. */
function hla(gene: string, facts: readonly GeneFact[]): Read {
  const answers = new Map<string, string>();
  for (const { diplotype, allele, phenotype } of facts) {
    const typed = diplotype?.split(/[/|]/).map((each) => each.split(':').slice(0, 2).join(':'));
    const told: (readonly [string, boolean])[] = typed
      ? (ASKED_ALLELES[gene] ?? []).map((asked) => [asked, typed.includes(asked)])
      : allele !== undefined && phenotype !== undefined
        ? [[allele, phenotype === 'Positive']]
        : [];
    for (const [asked, present] of told) if (!answers.has(asked)) answers.set(asked, present ? 'positive' : 'negative');
  }
  return { statuses: [...answers].map(([allele, answer]) => `${allele} ${answer}`) };
}

function inputOf(fact: GeneFact, { phenotype, statuses = [], note }: Read, results: number): Input {
  const said = [fact.diplotype, phenotype, ...statuses].filter((each) => each !== undefined);
  const notes = [
    ...(note ? [note] : []),
    ...(results > 1 && statuses.length === 0 ? ['the newest of several results'] : []),
  ];
  return {
    path: `gene.${fact.gene}`,
    label: fact.gene,
    value: said.join(', ') || 'not readable',
    sources: [fact.source],
    ...(fact.effective ? { effective: fact.effective } : {}),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

const SPEED: Readonly<Record<string, string>> = {
  'Poor Metabolizer': 'poor metaboliser',
  'Likely Poor Metabolizer': 'likely poor metaboliser',
  'Intermediate Metabolizer': 'intermediate metaboliser',
  'Likely Intermediate Metabolizer': 'likely intermediate metaboliser',
  'Possible Intermediate Metabolizer': 'possibly intermediate metaboliser',
  'Normal Metabolizer': 'normal metaboliser',
  'Rapid Metabolizer': 'rapid metaboliser',
  'Ultrarapid Metabolizer': 'ultrarapid metaboliser',
};

/** `normal metaboliser`, `*57:01 positive`. */
export function word({ phenotype, statuses, score }: Pick<GeneResult, 'phenotype' | 'statuses' | 'score'>): string {
  if (statuses.length > 0) return statuses.join(', ');
  if (phenotype) return SPEED[phenotype] ?? phenotype.toLowerCase();
  return score ? `score ${score}` : 'not readable';
}

/** `CYP2D6 normal metaboliser (*1/*2)`. */
export function said(result: GeneResult): string {
  const { gene, diplotype, statuses } = result;
  return `${gene} ${word(result)}${diplotype && statuses.length === 0 ? ` (${diplotype})` : ''}`;
}
