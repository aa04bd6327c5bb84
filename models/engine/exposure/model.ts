/**
 * The mechanistic static model (Ohno; Tod and Hisaka): what is left of an oral drug's clearance when every precipitant
 * and the genotype act at once.
 *
 *   elimination = Σ CR·FA·(1−IR)·(1+IC) + 1 − ΣCR        AUC ratio = 1 / (elimination × uptake × efflux)
 *
 * Parallel pathways add up within a stage. Uptake into the liver (OATP1B1) and efflux (P-gp, BCRP) come before or after
 * elimination, not beside it: their stages multiply. Several inhibitors of one pathway add as concentrations over Ki.
 */
import type { ExposureKnowledge, ExposureObject, ExposurePrecipitant, Pathway } from './knowledge.ts';

/** One precipitant as taken: `steady` for days, or a single dose. */
export interface Acting {
  readonly precipitant: ExposurePrecipitant;
  readonly regimen: 'steady' | 'single';
}

/** Activity of a pathway by genotype, 1 = two normal alleles; absent: taken as 1, which has to be said. */
export type Activity = Readonly<Record<Pathway, number>>;

/** What acts on one pathway. */
export interface Factor {
  readonly pathway: Pathway;
  readonly cr: number;
  readonly fa: number;
  /** Part of the activity lost to all inhibitors. */
  readonly ir: number;
  /** Added activity from all inducers. */
  readonly ic: number;
}

/** Inhibition beyond this is not told apart from all. */
const HIGHEST = 0.99;

const STAGE: Readonly<Record<Pathway, 'uptake' | 'efflux'>> = { OATP1B1: 'uptake', 'P-gp': 'efflux', BCRP: 'efflux' };

/** Every pathway of the object with all that acts on it. */
export function factorsOf(
  object: ExposureObject,
  acting: readonly Acting[],
  { activity, constants }: { readonly activity: Activity; readonly constants: ExposureKnowledge['constants'] },
): readonly Factor[] {
  const gut = object.flags?.includes('gut') ? constants.gutInduction : 1;
  return Object.entries(object.cr).map(([pathway, [cr]]) => {
    let odds = 0;
    let ic = 0;
    for (const { precipitant, regimen } of acting) {
      const inhibits = precipitant.ir?.[pathway]?.[0];
      const induces = precipitant.ic?.[pathway]?.[0];
      // Who both inhibits and induces a transporter (rifampicin) inhibits with the dose and induces over days.
      if (inhibits !== undefined && (induces === undefined || regimen === 'single')) {
        const ir = Math.min(inhibits, HIGHEST);
        odds +=
          (ir / (1 - ir)) * (regimen === 'single' && stageOf(pathway) === 'elimination' ? constants.singleDose : 1);
      }
      if (induces !== undefined && regimen === 'steady') ic += induces * (pathway === 'CYP3A4' ? gut : 1);
    }
    return {
      pathway,
      cr: Math.min(cr, HIGHEST),
      fa: activity[pathway] ?? 1,
      ir: Math.min(odds / (1 + odds), HIGHEST),
      ic,
    };
  });
}

/** AUC as a multiple of what two normal alleles of every gene and no precipitant give. */
export function exposureOf(factors: readonly Factor[]): number {
  const stages = { elimination: 1, uptake: 1, efflux: 1 };
  for (const { pathway, cr, fa, ir, ic } of factors) stages[stageOf(pathway)] += cr * (fa * (1 - ir) * (1 + ic) - 1);
  return 1 / (stages.elimination * stages.uptake * stages.efflux);
}

/** Where in the way through the body a pathway acts. */
export function stageOf(pathway: Pathway): 'elimination' | 'uptake' | 'efflux' {
  return STAGE[pathway] ?? 'elimination';
}
