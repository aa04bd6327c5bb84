/**
 * CYP2D6 under inhibitors: a strong one takes all activity, a moderate one half of it (the convention of CPIC's
 * guidelines, recalled). Guidance is then looked up by the activity that is left; labels go by the gene alone.
 */
import type { ExposureKnowledge } from '../exposure/knowledge.ts';
import { precipitantOf } from '../exposure/lookup.ts';
import type { Ingredient } from '../facts/facts.ts';
import type { GeneAlleles } from './knowledge.ts';
import { phenotypeOfScore, spelledScore } from './phenotype.ts';
import type { GeneResult } from './results.ts';

const GENE = 'CYP2D6';
/** FDA's bounds: an AUC of a sensitive object raised fivefold, and twofold. */
const STRONG = 0.8;
const MODERATE = 0.5;

/** A result as it works under other medicines. */
export interface Converted extends GeneResult {
  readonly because: readonly Ingredient[];
}

/** The results that guidance for `drug` is looked up by; the drug does not count as its own inhibitor. */
export function underInhibitors(
  results: ReadonlyMap<string, GeneResult>,
  {
    drug,
    beside,
    exposure,
    alleles,
  }: {
    readonly drug: Ingredient;
    readonly beside: readonly Ingredient[];
    readonly exposure: ExposureKnowledge | undefined;
    readonly alleles: GeneAlleles | undefined;
  },
): ReadonlyMap<string, GeneResult | Converted> {
  const own = results.get(GENE);
  const score = own && scoreOf(own);
  if (!own || score === undefined || !exposure || !alleles) return results;
  const inhibitors = beside
    .filter(({ rxcui }) => rxcui !== drug.rxcui)
    .map((other) => ({ other, ir: precipitantOf(other, exposure)?.ir?.[GENE]?.[0] ?? 0 }))
    .filter(({ ir }) => ir >= MODERATE);
  if (inhibitors.length === 0 || score === 0) return results;
  const left = inhibitors.some(({ ir }) => ir >= STRONG) ? 0 : score / 2;
  // Scores are told apart by quarters.
  const converted = Math.floor(left * 4) / 4;
  const phenotype = phenotypeOfScore(converted, alleles);
  const changed: Converted = {
    ...own,
    score: spelledScore(converted),
    ...(phenotype === undefined ? {} : { phenotype }),
    because: inhibitors.map(({ other }) => other),
  };
  return new Map([...results, [GENE, changed]]);
}

/** A typical score stands for a phenotype that came without one. */
const TYPICAL: Readonly<Record<string, number>> = {
  'Poor Metabolizer': 0,
  'Intermediate Metabolizer': 1,
  'Normal Metabolizer': 2,
  'Ultrarapid Metabolizer': 3,
};

function scoreOf({ score, phenotype }: GeneResult): number | undefined {
  const value = score === undefined ? Number.NaN : Number(score.replace('≥', ''));
  if (!Number.isNaN(value)) return value;
  return phenotype === undefined ? undefined : TYPICAL[phenotype];
}
