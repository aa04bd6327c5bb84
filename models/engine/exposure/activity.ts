/** What this patient's genotypes do to the pathways of exposure. */
import type { GeneResult } from '../genes/results.ts';
import type { ExposureKnowledge, ExposureObject, Pathway } from './knowledge.ts';

/** A gene that matters for an object: its activity, or that nobody knows it. */
export interface GeneOf {
  readonly gene: string;
  readonly pathway: Pathway;
  /** Relative to two normal alleles; absent: no result, or one without an activity. */
  readonly fa?: number;
  readonly result?: GeneResult;
}

/** Genes whose pathway carries a part of the object's clearance that counts. */
export function genesOf(
  object: ExposureObject,
  results: ReadonlyMap<string, GeneResult>,
  { activity }: ExposureKnowledge,
): readonly GeneOf[] {
  return Object.entries(activity).flatMap(([gene, { pathway, of }]) => {
    if ((object.cr[pathway]?.[0] ?? 0) < 0.2) return [];
    const result = results.get(gene);
    const fa = result && activityOf(result, of);
    return [{ gene, pathway, ...(result ? { result } : {}), ...(fa === undefined ? {} : { fa }) }];
  });
}

/** By activity score where the table has or implies it, else by phenotype. */
function activityOf({ score, phenotype }: GeneResult, of: Readonly<Record<string, number>>): number | undefined {
  const value = score === undefined || score === 'n/a' ? Number.NaN : Number(score.replace('≥', ''));
  const listed = of[String(value)];
  if (listed !== undefined) return listed;
  // CYP2D6: the score counts normal alleles, two of which are the reference; more copies add less and less.
  const scored = Object.keys(of).some((key) => /^\d/.test(key));
  if (!Number.isNaN(value) && !scored && phenotype !== undefined) return Math.min(value / 2, 1.8);
  return phenotype === undefined ? undefined : of[phenotype];
}
