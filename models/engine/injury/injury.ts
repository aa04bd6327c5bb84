/** What the library knows of one kind of organ injury: its markers, when it is called one, and which medicines can do it. */
import type { FactPath } from '../facts/facts.ts';
import type { Participant } from '../library.ts';
import type { Citation, UcumUnit } from '../measured.ts';

/** A measurement of the organ, with the usual adult limits, in `unit`, for results that come without the laboratory's own. */
export interface InjuryMarker {
  readonly fact: FactPath;
  readonly label: string;
  readonly unit: UcumUnit;
  readonly upper?: number;
  readonly lower?: number;
}

/**
 * One condition on a value and those before it. `value`: itself; `upper`: as a multiple of its upper limit; `baseline`:
 * as a multiple of the patient's own (the lowest of 7 days or the median of 8 to 365 days before, whichever is lower);
 * `highest-30d`: as a share of the highest of 30 days; `rise-48h`, `rise-year`: above the lowest of that time, in `unit`.
 */
export interface InjurySign {
  /** Any of them. */
  readonly facts: readonly FactPath[];
  readonly of: 'value' | 'upper' | 'baseline' | 'highest-30d' | 'rise-48h' | 'rise-year';
  readonly least?: number;
  readonly most?: number;
  readonly below?: number;
  /** Asked only of a value that is on file. */
  readonly ifKnown?: true;
}

/** A degree of injury: it holds where all its signs do; the first sign's measurement leads. */
export interface InjuryLevel {
  readonly word: string;
  /** With a medicine that fits; without one it is for information. */
  readonly indicator: 'warning' | 'info';
  readonly all: readonly InjurySign[];
  readonly cite: string;
}

/** Medicines that can do it. */
export interface InjurySuspect {
  readonly medicine: Participant;
  /** `can injure the kidney`, after the medicine's name. */
  readonly says: string;
  /** Years of taking it well do not clear it: it harms on the day that something else is added. */
  readonly anytime?: true;
  readonly cite: string;
}

/** One kind of injury. Days throughout. */
export interface Injury {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly organ: string;
  readonly markers: readonly InjuryMarker[];
  /** Key of the citation of the markers' limits. */
  readonly limitsCite?: string;
  readonly baselineCite?: string;
  /** Gravest first. */
  readonly levels: readonly InjuryLevel[];
  /** Ratio of two multiples of the upper limit, in words, highest first. */
  readonly pattern?: {
    readonly of: FactPath;
    readonly to: FactPath;
    readonly words: readonly { readonly from: number; readonly word: string }[];
    readonly cite: string;
  };
  /** An older value says nothing about now. */
  readonly current: number;
  /** From the start of a medicine to the first abnormal value. */
  readonly typical: readonly [number, number];
  readonly typicalCite?: string;
  readonly unless?: { readonly condition: string; readonly because: string };
  /** Strongest known effect first. */
  readonly suspects: readonly InjurySuspect[];
  /** What to look for besides, in the imperative. */
  readonly check: string;
  /** What stopping would show; `{medicine}` stands for the name. */
  readonly settle: string;
  readonly settleCite: string;
  readonly limitation: string;
  readonly mergeKey: string;
  readonly citations: Readonly<Record<string, Citation>>;
}
