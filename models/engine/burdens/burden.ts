/**
 * A burden as knowledge: medicines of one effect add up, and facts of the patient add to them. The count is Attune's own
 * and additive, never a validated score; it says which medicines to look at together, not how likely harm is.
 */
import type { Indicator } from '../evaluation.ts';
import type { FactPath } from '../facts/facts.ts';
import type { Participant } from '../library.ts';
import type { Citation } from '../measured.ts';

/** Medicines that add the same weight. An ingredient counts in the first group that means it. */
export interface Contributor extends Participant {
  readonly id: string;
  readonly weight: number;
  /** RxCUI → key of the citation that names this very ingredient. */
  readonly named?: Readonly<Record<string, string>>;
  /** Several of the group count as one (basal and mealtime insulin). */
  readonly once?: true;
}

/** A fact of the patient that adds to the count, or on which a tier depends. */
export interface BurdenFact {
  readonly id: string;
  /** FHIRPath over the facts view, with `%sinceDays`: days since the newest contributor was started, where all starts are known. */
  readonly when: string;
  readonly needs: readonly FactPath[];
  readonly weight: number;
  /** In words, as a line of "why it fired": `potassium is below 3.5 mmol/L`. */
  readonly because: string;
  /** Of the facts of one group only the first that holds counts. */
  readonly group?: string;
  /** Keys of the file's citations. */
  readonly cites?: readonly string[];
}

/** What is said from which count on. Every condition that is given must hold. */
export interface BurdenTier {
  readonly id: string;
  /** At least so many medicines. */
  readonly medicines?: number;
  /** At least so much weight from medicines. */
  readonly weight?: number;
  /** At least so much from medicines and facts together. */
  readonly total?: number;
  /** Contributor id → at least so many ingredients. */
  readonly of?: Readonly<Record<string, number>>;
  /** Facts that must all hold; an unknown one does not. */
  readonly all?: readonly string[];
  /** Facts of which one must hold. */
  readonly any?: readonly string[];
  /** Facts of which none may hold; an unknown one does not hold. */
  readonly unless?: readonly string[];
  readonly indicator: Indicator;
  /** `{medicines}` becomes the names, or their number where they do not fit. */
  readonly summary: string;
  readonly action: string;
  readonly cites?: readonly string[];
}

export interface Burden {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** What the medicines do together, in a sentence. */
  readonly consequence: string;
  readonly contributors: readonly Contributor[];
  /** ISO 8601 durations: an older value of the fact is stale. */
  readonly maxAge?: Readonly<Record<FactPath, string>>;
  readonly facts: readonly BurdenFact[];
  /** First that holds wins: gravest first. */
  readonly tiers: readonly BurdenTier[];
  /** Quiet where comfort is the aim: there the effect is often wanted. */
  readonly silentInComfortCare?: true;
  readonly limitation: string;
  readonly citations: Readonly<Record<string, Citation>>;
  readonly cites: readonly string[];
  readonly mergeKey: string;
}
