/** Predicted exposure of one drug in one patient: the ratio, its band, and what makes it. */
import type { ExposureKnowledge, ExposureObject, ExposurePrecipitant, Grade, Parameter, Pathway } from './knowledge.ts';
import { type Activity, exposureOf, type Factor, factorsOf } from './model.ts';

/** The ratio to what the drug would do alone in a person with two normal alleles, with an 80 % band. */
export interface Predicted {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly factors: readonly Factor[];
  /** The weakest grade among the parameters that change the ratio. */
  readonly grade: Grade;
}

/** Spread of a parameter by its grade: SD on the logit scale, of induction on the log scale. */
const SPREAD: Readonly<Record<Grade, number>> = { A: 0.3, B: 0.5, C: 0.9, R: 0.8 };
/** Normal quantile of an 80 % band. */
const Z80 = 1.2816;
const ORDER: readonly Grade[] = ['A', 'B', 'R', 'C'];

/** All precipitants and the genotype in one sum. */
export function predictExposure(
  object: ExposureObject,
  precipitants: readonly ExposurePrecipitant[],
  activity: Activity,
  knowledge: ExposureKnowledge,
): Predicted {
  const scene = { activity, constants: knowledge.constants };
  const ratio = (of: ExposureObject, by: readonly ExposurePrecipitant[]) =>
    exposureOf(
      factorsOf(
        of,
        by.map((precipitant) => ({ precipitant, regimen: 'steady' as const })),
        scene,
      ),
    );
  const middle = ratio(object, precipitants);
  let variance = knowledge.constants.residual ** 2;
  const grades: Grade[] = [];
  for (const shifted of shifts(object, precipitants)) {
    const change = Math.log(ratio(shifted.object, shifted.precipitants) / middle);
    variance += change ** 2;
    if (Math.abs(change) > 0.02) grades.push(shifted.grade);
  }
  const band = Math.exp(Z80 * Math.sqrt(variance));
  return {
    ratio: middle,
    low: middle / band,
    high: middle * band,
    factors: factorsOf(
      object,
      precipitants.map((precipitant) => ({ precipitant, regimen: 'steady' })),
      scene,
    ),
    grade: grades.sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0] ?? 'A',
  };
}

interface Shifted {
  readonly object: ExposureObject;
  readonly precipitants: readonly ExposurePrecipitant[];
  readonly grade: Grade;
}

/** Every parameter in turn, moved by one SD of its grade. */
function* shifts(object: ExposureObject, precipitants: readonly ExposurePrecipitant[]): Generator<Shifted> {
  for (const [pathway, parameter] of Object.entries(object.cr))
    yield {
      object: { ...object, cr: { ...object.cr, [pathway]: moved(parameter) } },
      precipitants,
      grade: parameter[1],
    };
  for (const [index, precipitant] of precipitants.entries()) {
    for (const kind of ['ir', 'ic'] as const)
      for (const [pathway, parameter] of Object.entries(precipitant[kind] ?? {})) {
        if (!object.cr[pathway]) continue;
        const next = { ...precipitant, [kind]: { ...precipitant[kind], [pathway]: moved(parameter, kind) } };
        yield { object, precipitants: precipitants.with(index, next), grade: parameter[1] };
      }
  }
}

function moved([value, grade]: Parameter, kind: 'ir' | 'ic' = 'ir'): Parameter {
  if (value <= 0) return [value, grade];
  if (kind === 'ic') return [value * Math.exp(SPREAD[grade]), grade];
  return [1 / (1 + ((1 - value) / value) * Math.exp(-SPREAD[grade])), grade];
}

/** How much of a pathway's activity is left, genotype and precipitants together. */
export function leftOf(factor: Factor): number {
  return factor.fa * (1 - factor.ir) * (1 + factor.ic);
}

/** Precipitants that act on a pathway of the object. */
export function actingOn(
  object: ExposureObject,
  precipitants: readonly ExposurePrecipitant[],
): readonly ExposurePrecipitant[] {
  return precipitants.filter((precipitant) => Object.keys(object.cr).some((pathway) => acts(precipitant, pathway)));
}

/** Does it change this pathway by more than a twentieth? */
export function acts({ ir, ic }: ExposurePrecipitant, pathway: Pathway): boolean {
  return (ir?.[pathway]?.[0] ?? 0) >= 0.05 || (ic?.[pathway]?.[0] ?? 0) >= 0.05;
}
