/** Duplicate therapy as knowledge: medicines of which two at once are not meant. */
import type { Indicator } from '../evaluation.ts';
import type { Participant } from '../library.ts';
import type { Citation } from '../measured.ts';

/** One kind of duplicate. */
export interface DuplicateGroup {
  readonly id: string;
  /** Who is meant; its `label` names the group in the singular: `a statin`. */
  readonly group: Participant;
  /** A second group: one of each is the duplicate (DPP-4 inhibitor and GLP-1 agonist). Absent: two of `group`. */
  readonly with?: Participant;
  readonly indicator: Indicator;
  /** `{medicines}` becomes their names. */
  readonly summary: string;
  readonly because: string;
  readonly action: string;
  readonly cite: readonly string[];
  readonly mergeKey?: string;
}

/** A file of them. */
export interface Duplicate {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly groups: readonly DuplicateGroup[];
  /** The same ingredient in two products. */
  readonly repeats?: readonly Repeat[];
  /** Most of one ingredient in a day, from all products whose daily dose is known. */
  readonly daily?: readonly DailyMost[];
  readonly limitation: string;
  readonly citations: Readonly<Record<string, Citation>>;
}

/** One ingredient in two products: of those meant by `only`, where that is given, and not where two are usual practice. */
export interface Repeat extends Omit<DuplicateGroup, 'id' | 'group' | 'with'> {
  readonly only?: Participant;
  readonly except?: Participant;
}

/** A limit to what all products of an ingredient may add up to in a day. */
export interface DailyMost {
  readonly id: string;
  readonly ingredient: { readonly rxcui: string; readonly name: string };
  /** Strictly more than this speaks. */
  readonly most: { readonly value: number; readonly unit: string };
  readonly indicator: Indicator;
  /** `{dose}` becomes the sum with its unit. */
  readonly summary: string;
  readonly because: string;
  readonly action: string;
  readonly cite: readonly string[];
  readonly mergeKey?: string;
}
