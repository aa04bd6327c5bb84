/** Parameters of predicted exposure as they travel. */
import type { Citation } from '../measured.ts';

/** An enzyme or transporter: `CYP3A4`, `UGT1A1`, `OAT` (1 and 3), `OCT2` (and the MATEs), `OATP1B1`, `P-gp`. */
export type Pathway = string;

/** A: from measured data; B: published, recalled from the cited article; C: estimate of its class; R: general knowledge. */
export type Grade = 'A' | 'B' | 'C' | 'R';

/** Value in force, grade of its source, and the source's own value where the fit moved it. */
export type Parameter = readonly [value: number, grade: Grade, prior?: number];

/** What stands against turning a predicted exposure into a dose. */
export type ObjectFlag = 'prodrug' | 'active-metabolite' | 'narrow-index' | 'gut';

/** A drug whose exposure is predicted. No pathway: none of those modelled carries a part of it that counts. */
export interface ExposureObject {
  /** Absent: not in the drug table; found by its name alone. */
  readonly rxcui?: string;
  /** Stays with the server: the browser finds a drug by its RxCUI and names it as the chart does. */
  readonly name?: string;
  /** Part of the oral clearance (elimination), of the uptake into the liver or of the efflux that each pathway carries, 0 to 1. */
  readonly cr: Readonly<Record<Pathway, Parameter>>;
  readonly flags?: readonly ObjectFlag[];
  /** Pathways on which a prediction is declined, and why: `CYP3A4:ic`. */
  readonly decline?: Readonly<Record<string, string>>;
}

/** A drug that changes the exposure of others. Neither `ir` nor `ic`: it leaves the modelled pathways alone. */
export interface ExposurePrecipitant {
  /** Absent: not in the drug table; found by its name alone. */
  readonly rxcui?: string;
  /** Stays with the server: the browser finds a drug by its RxCUI and names it as the chart does. */
  readonly name?: string;
  /** Part of the pathway's activity that is lost at usual doses, 0 to 1. */
  readonly ir?: Readonly<Record<Pathway, Parameter>>;
  /** Increase of the pathway's activity at usual doses: 1 doubles it. */
  readonly ic?: Readonly<Record<Pathway, Parameter>>;
}

/** Everything exposure is predicted from. */
export interface ExposureKnowledge {
  readonly version: string;
  readonly citations: readonly Citation[];
  readonly constants: {
    /** Induction counts so many times for objects that the gut wall extracts. */
    readonly gutInduction: number;
    /** Part of the inhibition (as odds) that a single dose of a CYP inhibitor reaches. */
    readonly singleDose: number;
    /** Spread (SD of the log ratio) that is left when all parameters are right. */
    readonly residual: number;
  };
  /** Activity relative to two normal alleles, by gene and CPIC phenotype; CYP2D6 and CYP2C9 by activity score. */
  readonly activity: Readonly<
    Record<string, { readonly pathway: Pathway; readonly of: Readonly<Record<string, number>> }>
  >;
  readonly objects: readonly ExposureObject[];
  readonly precipitants: readonly ExposurePrecipitant[];
}
