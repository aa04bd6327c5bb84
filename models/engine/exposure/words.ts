/** Phenoconversion and exposure in words. */
import type { Ingredient } from '../facts/facts.ts';
import { said } from '../genes/results.ts';
import type { GeneOf } from './activity.ts';
import type { ExposurePrecipitant } from './knowledge.ts';
import type { Factor } from './model.ts';
import { acts, leftOf, type Predicted } from './predict.ts';

/** A precipitant under the name that the chart gives it. */
interface Named {
  readonly drug: Ingredient;
  readonly precipitant: ExposurePrecipitant;
}

/** `CYP2D6 normal metaboliser (*1/*1), working as poor because of paroxetine`; of an unknown genotype no word of normal. */
export function pathwayWords(factor: Factor, genes: readonly GeneOf[], acting: readonly Named[]): string {
  const by = acting.filter(({ precipitant }) => acts(precipitant, factor.pathway)).map(({ drug }) => drug.name);
  const because = by.length > 0 ? ` because of ${by.join(' and ')}` : '';
  const gene = genes.find(({ pathway }) => pathway === factor.pathway);
  const part = `${Math.round(factor.cr * 100)} % of the clearance`;
  if (gene?.result && gene.fa !== undefined) {
    const working = speed(leftOf(factor));
    const own = speed(gene.fa);
    return working === own || by.length === 0
      ? `${said(gene.result)}${because && ` (${by.join(', ')} changes little)`}`
      : `${said(gene.result)}, working as ${working}${because}`;
  }
  const unknown = gene ? ` (genotype not known)` : '';
  if (by.length === 0) return `${factor.pathway}${unknown}: ${part}`;
  const word =
    factor.ic > 0 && factor.ir === 0
      ? `at ${round(1 + factor.ic)} times its activity`
      : `at about ${percent(1 - factor.ir)} of its activity`;
  return `${factor.pathway}${unknown}, ${part}, ${word}${because}`;
}

function speed(activity: number): string {
  if (activity <= 0.1) return 'poor';
  if (activity <= 0.6) return 'intermediate';
  if (activity <= 1.15) return 'normal';
  return activity <= 1.45 ? 'rapid' : 'ultrarapid';
}

/** `about 4 times the usual exposure (80 % band 2.5–6.4)`. */
export function ratioWords({ ratio, low, high }: Pick<Predicted, 'ratio' | 'low' | 'high'>): string {
  const band = `80 % band ${round(low)}–${round(high)} times`;
  return ratio >= 1
    ? `about ${round(ratio)} times the usual exposure (${band})`
    : `about ${percent(ratio)} of the usual exposure (${band})`;
}

function round(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

function percent(value: number): string {
  return `${Math.max(1, Math.round(value * 20) * 5)} %`;
}
