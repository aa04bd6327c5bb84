/** Gene–drug knowledge as it travels: CPIC's classifications, allele functions and what drug labels say, apart from each other. */
import type { Indicator } from '../evaluation.ts';
import type { Citation } from '../measured.ts';

/** What is advised, as a label: the words decide, this sorts. */
export type Category =
  | 'avoid_or_alternative'
  | 'dose_reduce'
  | 'dose_increase'
  | 'caution_monitor'
  | 'standard'
  | 'none';

/** Our own words for one kind of recommendation; `{drug}` is the ingredient's name. */
export interface GeneAdvice {
  readonly category: Category;
  /** In the imperative. */
  readonly do: string;
  readonly more?: string;
}

/**
 * Drugs with the same guidance. A row is one key per gene (results joined by `|`), CPIC's strength of recommendation and
 * the id of the advice.
 */
export interface GuidanceTable {
  readonly drugs: readonly { readonly rxcui: string; readonly name: string }[];
  readonly url: string;
  /** HGNC symbols, in the order of the rows' keys. */
  readonly genes: readonly string[];
  /** `general`, `adults`, `PHT naive` …: CPIC's own words. */
  readonly population: string;
  readonly rows: readonly (readonly string[])[];
}

/** CPIC's tables in our reading. */
export interface Guidance {
  readonly version: string;
  readonly asOf: string;
  readonly attribution: string;
  readonly citation: Citation;
  readonly advice: Readonly<Record<string, GeneAdvice>>;
  readonly tables: readonly GuidanceTable[];
}

/** How two alleles make a phenotype: by activity values that add up, or by the functions of both. */
export interface GeneAlleles {
  readonly version: string;
  readonly by: 'activity' | 'function';
  /** Activity value or function → alleles, separated by ` ; `. */
  readonly alleles: Readonly<Record<string, string>>;
  /** Highest activity score of each phenotype, ascending. */
  readonly phenotypes?: readonly (readonly [number, string])[];
  /** `No function + Normal function` → phenotype. */
  readonly rules?: Readonly<Record<string, string>>;
}

/** What a drug label says of a gene result: the only thing that makes a finding `critical`. */
export interface LabelEntry {
  readonly rxcui: string;
  readonly name: string;
  readonly gene: string;
  /** Phenotypes, allele statuses or diplotypes. */
  readonly results: readonly string[];
  readonly indicator: Indicator;
  readonly do: string;
  readonly more: string;
  /** Key of `citations`. */
  readonly cite: string;
  /** Only below this age in years. */
  readonly belowAge?: number;
  /** Whoever has taken the drug for longer than this many days without a reaction is at low risk. */
  readonly toleratedAfterDays?: number;
}

/** All of it. */
export interface GeneKnowledge {
  readonly guidance: Guidance;
  readonly alleles: {
    readonly version: string;
    readonly citation: Citation;
    readonly genes: Readonly<Record<string, GeneAlleles>>;
  };
  readonly labels: {
    readonly version: string;
    readonly citations: Readonly<Record<string, Citation>>;
    readonly entries: readonly LabelEntry[];
  };
}
