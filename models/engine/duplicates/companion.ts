/** Missing companion therapy as knowledge: a medicine that is usually given with another, and is not on the list. */
import type { Indicator } from '../evaluation.ts';
import type { FactPath } from '../facts/facts.ts';
import type { Participant } from '../library.ts';
import type { Citation } from '../measured.ts';

/** What has to be taken for a companion to be asked after. */
export interface CompanionFor {
  readonly medicine: Participant;
  /** Taken at least so many days; an unknown start is no such course. */
  readonly days?: number;
  /** As-needed use counts. Default: it does not. */
  readonly asNeeded?: true;
  /** RxCUI → factor: the daily doses (mg) times these, added up, must reach `least`; an unreadable dose adds nothing. */
  readonly dose?: { readonly factors: Readonly<Record<string, number>>; readonly least: number; readonly unit: string };
  /** At least so many ingredients of it. Default 1. */
  readonly count?: number;
}

/** A companion that is missing. */
export interface Companion {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** All of them must be taken. */
  readonly for: readonly CompanionFor[];
  /** The companion, by any of its routes; it may also be planned or on hold. */
  readonly without: Participant;
  /** FHIRPath over the facts view; unknown or not met: silent. */
  readonly when?: string;
  readonly needs?: readonly FactPath[];
  readonly maxAge?: Readonly<Record<FactPath, string>>;
  readonly indicator: Indicator;
  /** `{medicines}` becomes the names of what is taken. */
  readonly summary: string;
  readonly because: string;
  readonly action: string;
  readonly limitation: string;
  readonly citations: readonly Citation[];
  readonly mergeKey?: string;
}
