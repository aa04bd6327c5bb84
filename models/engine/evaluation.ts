/** What the engine says of one patient: evaluations, the findings in them, and the recommendations made from them. */
import type { FactPath } from './facts/facts.ts';
import type { Citation, Reference, UcumUnit, When } from './measured.ts';

/** CDS Hooks indicator. *Seriousness*, *severity* and *indicator* are three fields, never one. */
export type Indicator = 'info' | 'warning' | 'critical';

/** A coded error: `code` is stable and safe to log, `message` is for the screen and carries no patient data. */
export interface CodedError {
  readonly code: string;
  readonly message: string;
}

/** Why a model, interaction or rule does not apply to this patient. */
export interface Reason {
  readonly code:
    | 'age-outside-population'
    | 'sex-outside-population'
    | 'child'
    | 'deceased'
    | 'pregnant'
    | 'comfort-care'
    | 'excluded-condition'
    | 'required-condition-absent'
    | 'input-outside-range'
    | 'value-already-on-file'
    | 'value-not-on-file'
    | 'on-request'
    | 'medicine-not-taken'
    | 'medicine-not-starting'
    | 'threshold-not-met'
    | 'record-replaced'
    | 'other';
  readonly text: string;
  readonly path?: FactPath;
}

/** One value that went into a result, as shown in the evidence drawer. */
export interface Input {
  readonly path: FactPath;
  readonly label: string;
  /** Number, or a word such as `yes`, `female`, `never smoked`. */
  readonly value: number | string;
  readonly unit?: UcumUnit;
  readonly comparator?: '<' | '<=' | '>' | '>=';
  readonly effective?: When;
  readonly sources: readonly Reference[];
  /** Said when something was done to the value: converted, moved to the closest in-range value, assumed absent. */
  readonly note?: string;
  /** What a calculated value was made of. */
  readonly from?: readonly Input[];
}

/** An input that is wanted and is not there, and which face of absence that is. */
export interface Missing {
  readonly path: FactPath;
  readonly label: string;
  readonly absence: 'empty' | 'refused' | 'not-asked' | 'incomplete' | 'stale' | 'unread' | 'extreme' | 'failed';
  readonly text: string;
  readonly required: boolean;
  /** The value that was too old or excluded, for the screen. */
  readonly last?: Input;
}

/** One line of "why it fired": a condition and whether it held. */
export interface LogicLine {
  readonly text: string;
  readonly held: 'met' | 'not-met' | 'unknown';
  readonly value?: string;
}

/** The inputs of a result in four groups. */
export interface EvaluationBasis {
  readonly used: readonly Input[];
  readonly stale: readonly Input[];
  readonly missing: readonly Missing[];
  readonly excluded: readonly (Input & { readonly reason: string })[];
}

/** One number a risk model gives. */
export interface Outcome {
  readonly id: string;
  readonly title: string;
  readonly value: number;
  /** UCUM: `1` for a probability (shown as %), `{score}` for points, else the unit of the quantity. */
  readonly unit: UcumUnit;
  /** ISO 8601 duration of a predicted risk, e.g. `P10Y`. */
  readonly horizon?: string;
  /** A word for the number from the model's published bands, if it has any. */
  readonly word?: string;
}

/** One action a clinician may accept. It never places an order. */
export interface Action {
  readonly kind: 'note';
  /** What to do, in the imperative. */
  readonly text: string;
}

/** What a finding says. */
export interface Finding {
  readonly indicator: Indicator;
  /** Verb first, corrective action first, shorter than 140 characters; also the CDS Hooks `summary`. */
  readonly summary: string;
  /** Why, in one or two sentences. */
  readonly detail: string;
  /** At most two, shown on the card: value and unit at the left, date at the right. */
  readonly because: readonly Input[];
  readonly action?: Action;
  readonly outcomes?: readonly Outcome[];
  readonly logic: readonly LogicLine[];
  readonly basis: EvaluationBasis;
  /** One line: what this does not know or cannot tell. */
  readonly limitation: string;
  readonly citations: readonly Citation[];
  /** Findings of one family answer one question; the lowest order is shown, the others beside it. */
  readonly preference?: { readonly family: string; readonly order: number };
  /** Two findings with the same key are about the same thing; prioritise merges them. E.g. `potassium-raised`. */
  readonly mergeKey?: string;
  /** An extreme value to verify comes before everything else. */
  readonly verifyFirst?: boolean;
}

/** What kind of knowledge spoke. */
export type EvaluationKind =
  | 'risk'
  | 'interaction'
  | 'rule'
  | 'extreme-value'
  | 'caution'
  | 'allergy'
  | 'burden'
  | 'duplicate'
  | 'companion'
  | 'dosing'
  | 'monitoring'
  | 'injury'
  | 'dose'
  | 'gene'
  | 'exposure';

/** The result of one piece of knowledge on one patient. A missing input is a result, not a crash. */
export type Evaluation = {
  /** Id of the model, interaction or rule in the library (`extreme-value/<path>` for extreme values). */
  readonly id: string;
  readonly kind: EvaluationKind;
  readonly title: string;
  /** Version of the piece of knowledge. */
  readonly version: string;
} & (
  | { readonly status: 'finding'; readonly finding: Finding }
  | { readonly status: 'not-applicable'; readonly because: Reason; readonly basis: EvaluationBasis }
  | { readonly status: 'data-required'; readonly missing: readonly Missing[]; readonly basis: EvaluationBasis }
  | { readonly status: 'failure'; readonly error: CodedError }
);

/** A finding that made it to the physician: merged and ranked. */
export interface Recommendation {
  /** Stable for the same finding on the same facts. */
  readonly id: string;
  readonly indicator: Indicator;
  readonly summary: string;
  readonly finding: Finding;
  /** Ids of every evaluation merged into it. */
  readonly from: readonly string[];
}

/** Something a "nothing found" must not be read to cover. */
export interface NotChecked {
  readonly text: string;
  readonly reason: string;
}

/** What the physician is shown, in order, and why the rest is quiet. */
export interface Prioritised {
  /** Every `critical` first, then up to three others. */
  readonly today: readonly Recommendation[];
  /** The rest, in order. */
  readonly others: readonly Recommendation[];
  readonly suppressed: readonly { readonly id: string; readonly because: string }[];
  readonly notChecked: readonly NotChecked[];
}

/** An evaluation without its head: what one piece of knowledge says, before it is told who spoke. */
export type Judgement = Evaluation extends infer E
  ? E extends Evaluation
    ? Omit<E, 'id' | 'kind' | 'title' | 'version'>
    : never
  : never;
