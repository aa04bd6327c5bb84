/** Looks up what CPIC's tables say of a drug and gene results. */
import type { Category, GeneAdvice, Guidance, GuidanceTable } from './knowledge.ts';

/** A recommendation found: its row, in our words. */
export interface Advised extends GeneAdvice {
  /** Id of the words. */
  readonly advice: string;
  readonly strength: string;
  readonly population: string;
  readonly url: string;
  readonly genes: readonly string[];
  /** Set when the results left several rows open and the most cautious was taken. */
  readonly open?: true;
}

/** A gene's result as far as a lookup needs it. */
export interface LookupResult {
  readonly phenotype?: string;
  readonly score?: string;
  readonly statuses: readonly string[];
}

const NO_RESULT = 'No Result';

/** Most cautious first. */
const CAUTION: readonly Category[] = [
  'avoid_or_alternative',
  'dose_reduce',
  'caution_monitor',
  'dose_increase',
  'standard',
  'none',
];

const tables = new WeakMap<Guidance, ReadonlyMap<string, readonly GuidanceTable[]>>();

/** The tables of a drug, one a population; empty: CPIC says nothing of it. */
export function tablesOf(rxcui: string, guidance: Guidance): readonly GuidanceTable[] {
  let index = tables.get(guidance);
  if (!index) {
    const made = new Map<string, GuidanceTable[]>();
    for (const table of guidance.tables)
      for (const drug of table.drugs) made.set(drug.rxcui, [...(made.get(drug.rxcui) ?? []), table]);
    index = made;
    tables.set(guidance, index);
  }
  return index.get(rxcui) ?? [];
}

/** `undefined`: no gene of the table has a result, or it has no row for these results. */
export function adviceIn(
  table: GuidanceTable,
  results: ReadonlyMap<string, LookupResult>,
  {
    guidance,
    phenotypeOf,
  }: { readonly guidance: Guidance; readonly phenotypeOf: (gene: string, score: number) => string | undefined },
): Advised | undefined {
  if (!table.genes.some((gene) => results.has(gene))) return undefined;
  const wanted = table.genes.map((gene, column) => {
    const offered = new Set(table.rows.flatMap((row) => (row[column] ?? '').split('|')));
    const result = results.get(gene);
    const keys = result ? keysOf(result, offered, (score) => phenotypeOf(gene, score)) : [];
    return keys.length > 0 ? keys : [NO_RESULT];
  });
  // Of rows that a phenotype leaves open, the one of the lowest score comes first among equals.
  const rows = table.rows
    .filter((row) => wanted.every((keys, column) => (row[column] ?? '').split('|').some((key) => keys.includes(key))))
    .toSorted((a, b) => lowest(a, wanted) - lowest(b, wanted));
  const found = rows.flatMap((row) => {
    const [strength = '', advice = ''] = row.slice(table.genes.length);
    const words = guidance.advice[advice];
    return words
      ? [{ ...words, advice, strength, population: table.population, url: table.url, genes: table.genes }]
      : [];
  });
  const [first, ...others] = found.sort(byCaution);
  if (!first) return undefined;
  return others.some(({ advice }) => advice !== first.advice) ? { ...first, open: true } : first;
}

/** The lowest activity score among a row's keys that are wanted; 0 where its keys are no scores. */
function lowest(row: readonly string[], wanted: readonly (readonly string[])[]): number {
  const scores = wanted.flatMap((keys, column) =>
    (row[column] ?? '')
      .split('|')
      .filter((key) => keys.includes(key))
      .map((key) => Number(key.replace('≥', '')))
      .filter((score) => !Number.isNaN(score)),
  );
  return Math.min(...(scores.length > 0 ? scores : [0]));
}

/** Compares by how much caution is advised. */
export function byCaution(a: { readonly category: Category }, b: { readonly category: Category }): number {
  return CAUTION.indexOf(a.category) - CAUTION.indexOf(b.category);
}

/** The keys of a table that a result answers to; several when the table wants a score and only a phenotype is known. */
function keysOf(
  { phenotype, score, statuses }: LookupResult,
  offered: ReadonlySet<string>,
  phenotypeOf: (score: number) => string | undefined,
): readonly string[] {
  if (score !== undefined) {
    const key = scoreKey(score, offered);
    if (key !== undefined) return [key];
  }
  if (phenotype !== undefined && offered.has(phenotype)) return [phenotype];
  const known = statuses.filter((status) => offered.has(status));
  if (known.length > 0 || phenotype === undefined) return known;
  if (phenotype === 'Indeterminate') return offered.has('n/a') ? ['n/a'] : [];
  return [...offered].filter((key) => {
    const value = Number(key.replace('≥', ''));
    return !Number.isNaN(value) && phenotypeOf(value) === phenotype;
  });
}

/** A score that the table does not list falls under its highest `≥` below it. */
function scoreKey(score: string, offered: ReadonlySet<string>): string | undefined {
  if (offered.has(score)) return score;
  const value = Number(score.replace('≥', ''));
  if (Number.isNaN(value)) return undefined;
  if (offered.has(`≥${score}`)) return `≥${score}`;
  const open = [...offered]
    .filter((key) => key.startsWith('≥'))
    .map((key) => Number(key.slice(1)))
    .filter((from) => from <= value)
    .sort((a, b) => b - a);
  const [highest] = open;
  return [...offered].find((key) => key.startsWith('≥') && Number(key.slice(1)) === highest);
}
