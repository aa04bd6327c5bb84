/**
 * The measurements this app reads: which codes mean exactly which measurement, in which unit, within which limits.
 * To add one: add a row to `laboratory.ts` or `vital-signs.ts`; the queries and the scopes follow from it.
 */
import type { UcumUnit } from '../measured.ts';
import type { FactPath } from './facts.ts';
import { LABORATORY } from './laboratory.ts';
import { VITAL_SIGNS } from './vital-signs.ts';

/** US Core observation category, which is also the category searched. */
export type AnalyteCategory = 'laboratory' | 'vital-signs';

/** A LOINC code that means the analyte. */
export interface AnalyteCode {
  readonly loinc: string;
  /** Said with the value when the code names another specimen or method than the usual: never merged silently. */
  readonly variant?: string;
  /** Codes that some systems use for something wider: the name must contain this (lower case) as well. */
  readonly mustSay?: string;
  /** Units this code can come in, when they are fewer than the analyte's. */
  readonly only?: readonly UcumUnit[];
}

/** `canonical = value × factor + offset`. */
export interface Conversion {
  readonly factor: number;
  readonly offset?: number;
}

/** One measurement and everything needed to refuse a wrong one. */
export interface Analyte {
  /** Last segment of the path `observation.<key>`. */
  readonly key: string;
  readonly label: string;
  readonly category: AnalyteCategory;
  readonly codes: readonly AnalyteCode[];
  /** The one unit in which the fact is given. */
  readonly unit: UcumUnit;
  /** g/mol, for amount ↔ mass. */
  readonly molarMass?: number;
  /** Charges per particle, for mEq/L ↔ mmol/L. */
  readonly valence?: number;
  /** Units of another kind that fit this analyte alone. */
  readonly also?: Readonly<Record<UcumUnit, Conversion>>;
  /** Physically possible in a living patient, in `unit`, inclusive; beyond is `implausible`. */
  readonly plausible: readonly [number, number];
  /** In `unit`, inclusive: beyond is possible but must be verified first, and is fed to no model. */
  readonly extreme?: readonly [number, number];
  /** Words (lower case) that show the coding to be wrong, e.g. a mass concentration under a percentage's code. */
  readonly mustNotSay?: readonly string[];
  /** Read as a multiple of the laboratory's own upper limit, which is kept with the value. */
  readonly ranged?: true;
  /** A ratio, pH or score: a value without a unit is complete. */
  readonly dimensionless?: true;
  /**
   * Where codes and limits come from. `bindings`: project bindings table (knowledge: "Shared bindings");
   * `widened`: that table's range widened so that a true but terrible value is shown to be verified, not dropped;
   * `recalled`: general laboratory knowledge, not looked up.
   */
  readonly basis: 'bindings' | 'widened' | 'recalled';
}

/** Every analyte, laboratory first. */
export const ANALYTES: readonly Analyte[] = [...LABORATORY, ...VITAL_SIGNS];

/** An analyte together with the code that led to it. */
export interface AnalyteMatch {
  readonly analyte: Analyte;
  readonly code: AnalyteCode;
  /** `observation.<key>` */
  readonly path: FactPath;
}

/** LOINC code → analyte. One code means one analyte (held by a test). */
export const ANALYTE_BY_LOINC: ReadonlyMap<string, AnalyteMatch> = new Map(
  ANALYTES.flatMap((analyte) =>
    analyte.codes.map((code) => [code.loinc, { analyte, code, path: `observation.${analyte.key}` }] as const),
  ),
);

/** Key → analyte. */
export const ANALYTE_BY_KEY: ReadonlyMap<string, Analyte> = new Map(ANALYTES.map((analyte) => [analyte.key, analyte]));
