/**
 * Whether a predicted exposure may be turned into "the same exposure from so much of the dose", and why mostly not.
 * Never an order: a share of the usual dose in words, for drugs whose parameters are all measured.
 */
import type { Evaluation } from '../evaluation.ts';
import type { IngredientProfile } from '../library.ts';
import type { GeneOf } from './activity.ts';
import type { ExposureObject } from './knowledge.ts';
import type { Predicted } from './predict.ts';

/** What is looked at before any dose is named. */
export interface DoseQuestion {
  readonly object: ExposureObject;
  readonly predicted: Predicted;
  /** Genes that matter for the object. */
  readonly genes: readonly GeneOf[];
  /** The object's profile in the drug library, where it has one. */
  readonly profile?: IngredientProfile;
  /** What the rest of the engine says of this patient: a critical finding about the object closes the question. */
  readonly others: readonly Evaluation[];
  /** How the object is named on the medication list. */
  readonly name: string;
}

/** Reasons against; empty: a share of the dose may be named. */
export function doseBarriers({ object, predicted, genes, profile, others, name }: DoseQuestion): readonly string[] {
  const { flags = [] } = object;
  const traits = profile?.traits ?? {};
  return [
    ...(flags.includes('prodrug') || traits.prodrug ? ['it is a prodrug'] : []),
    ...(flags.includes('active-metabolite') || traits['active-metabolite'] ? ['it has an active metabolite'] : []),
    ...(flags.includes('narrow-index') || traits['narrow-index'] ? ['its range is narrow: only a level can tell'] : []),
    ...(contraindicated(others, name) ? ['the combination is contraindicated'] : []),
    ...(predicted.grade === 'A' ? [] : ['not all parameters are measured']),
    ...(genes.every(({ fa }) => fa === 1) ? [] : ['what the genotype does is not measured in this patient']),
    ...(profile ? [] : ['the drug library has no profile of it']),
  ];
}

/** `20–40 %`, from the band. `undefined` while anything stands against it. */
export function doseShare(question: DoseQuestion): string | undefined {
  if (doseBarriers(question).length > 0) return undefined;
  const { low, high } = question.predicted;
  const percent = (ratio: number) => Math.round(100 / ratio / 5) * 5;
  return `${percent(high)}–${percent(low)} %`;
}

function contraindicated(others: readonly Evaluation[], name: string): boolean {
  return others.some(
    (other) =>
      other.status === 'finding' &&
      other.finding.indicator === 'critical' &&
      other.finding.basis.used.some(({ label }) => label.toLowerCase().split(' / ').includes(name.toLowerCase())),
  );
}
