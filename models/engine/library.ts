/**
 * The shape of validated knowledge, as the server hands it out (`server/library.ts` is its only maker).
 * Everything here is data: JSON in, JSON out, identified by a digest.
 */

import type { ApartFile } from './apart.ts';
import type { Burden } from './burdens/burden.ts';
import type { Companion } from './duplicates/companion.ts';
import type { Duplicate } from './duplicates/duplicate.ts';
import type { Indicator } from './evaluation.ts';
import type { ExposureKnowledge } from './exposure/knowledge.ts';
import type { FactPath } from './facts/facts.ts';
import type { GeneKnowledge } from './genes/knowledge.ts';
import type { Injury } from './injury/injury.ts';
import type { Citation, UcumUnit } from './measured.ts';

/** A formula as an expression tree, parsed once on the server from its text in the manifest. */
export type Expression =
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'negate'; readonly of: Expression }
  | {
      readonly op: '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '==';
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly op: 'call';
      readonly fn: 'min' | 'max' | 'ln' | 'exp' | 'pow' | 'floor' | 'where';
      readonly args: readonly Expression[];
    };

/** A question to the clinician, for what no chart holds (`asked.<name>`). The answer lasts for this launch. */
export interface Ask {
  readonly question: string;
  /** Words to pick from; absent: a number in the unit of the binding. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

/** One input of a model: which fact, in which unit, within which limits. */
export interface InputBinding {
  /** Name used in the model's formulas. */
  readonly name: string;
  readonly fact: FactPath;
  readonly label: string;
  readonly unit?: UcumUnit;
  readonly required: boolean;
  /** Published limits in `unit`, inclusive. */
  readonly range?: readonly [number, number];
  /** What to do with a value outside `range`: abstain, or use the closest in-range value (only where the authors allow it) and say so. */
  readonly outside?: 'abstain' | 'closest';
  /** ISO 8601 duration; older values are stale. */
  readonly maxAge?: string;
  /** Words to numbers, for coded facts: `{ "female": 1, "male": 0 }`; `other` stands for every word not named. */
  readonly codes?: Readonly<Record<string, number>>;
  /** For a problem or medicine not on a list that was read in full: the number absence means, said in the basis. Never for a measurement. */
  readonly whenAbsent?: number;
  /**
   * Only where the authors published how: the number that stands in for an input that is not there, and the name that is
   * 1 in the formulas when it does (else 0). The ONNX twin takes NaN for "not there".
   */
  readonly missing?: { readonly value: number; readonly indicator: string };
  /** How to ask for it, where `fact` is `asked.<name>`. */
  readonly ask?: Ask;
  /** The clinician may try other values of it (measured and modifiable only; never a treatment). */
  readonly whatIf?: { readonly min: number; readonly max: number; readonly step: number };
}

/** To whom a model applies. */
export interface Population {
  readonly text: string;
  /** Completed years, inclusive. */
  readonly age?: readonly [number, number];
  readonly sex?: 'female' | 'male';
  /** Conditions (value-set ids) that rule it out, or without which it does not apply. */
  /** `ever`: also when resolved or in the past (a stroke stays a stroke). */
  readonly exclude?: readonly { readonly condition: string; readonly because: string; readonly ever?: boolean }[];
  readonly require?: readonly { readonly condition: string; readonly because: string; readonly ever?: boolean }[];
  /** Facts whose presence makes the model pointless (a measured value is better than a predicted one). */
  readonly unless?: readonly { readonly fact: FactPath; readonly because: string }[];
  /** Facts without which the model keeps quiet instead of asking for data: an add-on's measurement, or the question a bedside score is for. */
  readonly onlyWith?: readonly OnlyWith[];
  /** Only while a medicine (class id or RxCUI) is planned or was started no more than `days` ago. */
  readonly starting?: { readonly medicine: string; readonly days: number; readonly because: string };
  /** Quiet in comfort care (prevention). */
  readonly silentInComfortCare?: boolean;
  readonly pregnant?: 'excluded' | 'allowed';
}

/** At least `atLeast` (default: all) of `facts` must be there, as a number or a word other than `no`; a question unanswered is "on request". */
export interface OnlyWith {
  readonly facts: readonly FactPath[];
  readonly atLeast?: number;
  /** ISO 8601 duration; an older value does not count. */
  readonly maxAge?: string;
  readonly because: string;
  /** How to ask, where the one fact is `asked.<name>`. */
  readonly ask?: Ask;
}

/** One number a model gives. */
export interface OutcomeDefinition {
  readonly id: string;
  readonly title: string;
  readonly unit: UcumUnit;
  readonly horizon?: string;
  /** Ascending, published bands only. */
  readonly bands?: readonly { readonly below: number; readonly word: string }[];
}

/** The person a number is compared with: of the same age and sex, alike in all that is not named here. */
export interface ReferencePerson {
  /** Who that is, in words: `no smoking, systolic pressure 110 mmHg …`. */
  readonly text: string;
  /** By input name, in the unit of its binding. An input that the patient lacks is lacking in the reference too. */
  readonly values: Readonly<Record<string, number>>;
  /** Inputs that measure one thing and share one line of a comparison: `[["dm", "hba1c"]]`. */
  readonly together?: readonly (readonly string[])[];
  readonly citations: readonly Citation[];
}

/** Where a published guideline decides by this number. Ascending; the first tier begins at 0. */
export interface DecisionTiers {
  readonly outcome: string;
  /** Completed years, inclusive, for which these tiers were published. */
  readonly age?: readonly [number, number];
  /** Inputs that must lie within these limits (inclusive) for the guideline to decide by this number: `{ bp_tx: [0, 0] }`. */
  readonly where?: Readonly<Record<string, readonly [number, number]>>;
  /** What is decided, in words. */
  readonly decides: string;
  readonly tiers: readonly { readonly from: number; readonly word: string }[];
  readonly citations: readonly Citation[];
}

/** A case with a known answer that the model must give, wherever it runs, before it may speak. */
export interface SelfTestExample {
  /** By input name, in the unit of its binding, words by their codes. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
  /** Largest absolute difference, in the outcome's unit. */
  readonly tolerance: number;
  readonly source: string;
}

/** What every risk model's manifest has. */
interface RiskModelBase {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly population: Population;
  readonly inputs: readonly InputBinding[];
  readonly outcomes: readonly OutcomeDefinition[];
  readonly limitation: string;
  readonly citations: readonly Citation[];
  /** The derived fact this model supplies to others, `derived.egfr` = its first outcome. */
  readonly provides?: FactPath;
  /** How findings are made of its numbers; absent: an `info` finding that states the number. */
  readonly advice?: readonly {
    /** Over outcome ids and input names. First that holds wins. */
    readonly when: Expression;
    readonly indicator: Indicator;
    readonly summary: string;
    readonly detail: string;
    readonly action?: string;
  }[];
  /** Who the card is of; the card itself is fetched when it is opened. */
  readonly card: ModelCard;
  /** Where the browser gets the whole card, and the SHA-256 (hex) of its bytes. */
  readonly cardUrl?: string;
  readonly cardSha256?: string;
  /** Combinations of inputs that the equation is not for: the first that holds makes it not applicable. Over input names. */
  readonly refuse?: readonly { readonly when: Expression; readonly because: string }[];
  /** Models of one family answer one question; the applicable one of the lowest order is shown first. */
  readonly preference?: { readonly family: string; readonly order: number };
  readonly reference?: ReferencePerson;
  /** Absent: no published tiers here, and no change is said to move one. */
  readonly decisions?: readonly DecisionTiers[];
  readonly example?: SelfTestExample;
}

/** Additive score: each item that holds adds its points. */
export interface PointsModel extends RiskModelBase {
  readonly kind: 'points';
  readonly items: readonly {
    readonly label: string;
    readonly when: Expression;
    readonly points: Readonly<Record<string, number>>;
  }[];
}

/**
 * Published equation. Either `equation` (one formula per outcome), or `terms` × `coefficients` through `link`.
 * With `stratum`, constants and coefficients are taken from the row whose key is the stratum's word, of several strata
 * their words joined by `/`: `low/female`.
 */
export interface RegressionModel extends RiskModelBase {
  readonly kind: 'regression';
  /** Input names whose words pick the stratum, e.g. `sex`. */
  readonly stratum?: string | readonly string[];
  readonly constants?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** In order: a term may use the inputs, the constants and the terms before it. */
  readonly terms?: readonly { readonly name: string; readonly formula: Expression; readonly label?: string }[];
  readonly link?: 'identity' | 'logistic' | 'exp';
  /** stratum (or `all`) → outcome id → term → coefficient. */
  readonly coefficients?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  /** outcome id → formula over inputs, constants and terms. */
  readonly equation?: Readonly<Record<string, Expression>>;
  /** The float64 ONNX twin generated from this manifest, its SHA-256 (hex) and where the browser gets it. Twin inputs: one float64 tensor `x` [1, n] in the order of `features`; output `y` [1, m] float64 in the order of `outcomes`. */
  readonly twin?: { readonly sha256: string; readonly url: string; readonly features: readonly string[] };
}

/** Trained model, run by ONNX Runtime. */
export interface OnnxModel extends RiskModelBase {
  readonly kind: 'onnx';
  readonly file: string;
  readonly sha256: string;
  readonly url: string;
  readonly bytes: number;
  /** Name, shape and dtype of the one input tensor; feature order with formula over the inputs and what fills a missing one. */
  readonly tensor: {
    readonly input: string;
    readonly output: string;
    readonly dtype: 'float32' | 'float64';
    readonly outputIndex: number;
    /** A second output [1, features]: each feature's part of the log odds against the training average; with the intercept they add up to the log odds. */
    readonly contributions?: string;
  };
  readonly features: readonly {
    readonly name: string;
    readonly formula: Expression;
    readonly unit: UcumUnit;
    readonly range: readonly [number, number];
    readonly missing: number | 'abstain';
  }[];
}

export type RiskModel = PointsModel | RegressionModel | OnnxModel;

/** A model card: the HTI-1 source attributes, each present; absence is an explicit statement. */
export interface ModelCard {
  readonly kind: 'evidence-based' | 'predictive';
  readonly name: string;
  readonly version: string;
  readonly [attribute: string]: unknown;
}

/** Codes that mean one thing. `descendants` were listed when the value set was made: matching is by exact code, or by prefix where `prefix` is set (ICD). */
export interface ValueSet {
  readonly id: string;
  readonly title: string;
  readonly codes: readonly {
    readonly system: string;
    readonly code: string;
    readonly prefix?: boolean;
    readonly display?: string;
  }[];
  readonly citations: readonly Citation[];
}

/** Drugs that share what matters for a rule: `nsaid`, `ace-inhibitor`, `statin`. */
export interface DrugClass {
  readonly id: string;
  readonly title: string;
  readonly members: readonly { readonly rxcui: string; readonly name: string }[];
  readonly citations: readonly Citation[];
}

/** What an ingredient does in the body and the body with it; traits and grades as in `drugs/traits.ts`. */
export interface IngredientProfile {
  readonly rxcui: string;
  readonly name: string;
  /** Ids of drug classes; who names a class belongs to it, beside the members of the class's own file. */
  readonly classes: readonly string[];
  readonly traits: Readonly<Record<string, string>>;
  /** The traits (and `lingers`) that rest on a document opened or shared; the others are recalled and never make a `critical`. */
  readonly sourced?: readonly string[];
  /** Part of the dose that leaves unchanged with the urine, 0 to 1. */
  readonly fractionRenal?: number;
  /** Usual routes; absent: systemic. */
  readonly routes?: readonly string[];
  /** ISO 8601 duration for which it still acts on others after it was stopped; absent: not known to. */
  readonly lingers?: string;
}

/** One side of an interaction. */
export interface Participant {
  readonly label: string;
  /** These are named by the interaction's own citations: that they belong rests on no trait. */
  readonly ingredients?: readonly { readonly rxcui: string; readonly name: string }[];
  readonly classes?: readonly string[];
  /** Selectors `trait:grade|grade` over ingredient profiles. */
  readonly traits?: readonly string[];
  /** RxCUIs that a class or trait would include, and that do not take part. */
  readonly except?: readonly string[];
  /** Routes at which it takes part; default `systemic` and `unknown`. */
  readonly routes?: readonly string[];
}

/** A fact of this patient that changes the tier, up or down. First that holds wins; unknown keeps the unmodified tier and is named. */
export interface Modifier {
  readonly id: string;
  /** FHIRPath over the facts view (see `rules/view.ts`). */
  readonly when: string;
  /** The facts the expression needs; if any is absent the modifier is `unknown`. */
  readonly needs: readonly FactPath[];
  readonly indicator: Indicator;
  readonly summary: string;
  readonly because: string;
  readonly action?: string;
  readonly citations?: readonly Citation[];
}

/** A drug–drug interaction with the HL7 PDDI minimal information fields. */
export interface Interaction {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly object: Participant;
  readonly precipitant: Participant;
  readonly mechanism: string;
  readonly consequence: string;
  readonly seriousness: 'fatal' | 'serious' | 'moderate' | 'minor';
  readonly evidence: string;
  /** Tier of the bare pair, nothing else known. */
  readonly indicator: Indicator;
  readonly summary: string;
  readonly action: string;
  readonly alternatives?: readonly string[];
  /** ISO 8601 durations: an older value of the fact is stale for every modifier. */
  readonly maxAge?: Readonly<Record<FactPath, string>>;
  readonly modifiers: readonly Modifier[];
  readonly limitation: string;
  readonly citations: readonly Citation[];
  /** `<group>/<what happens>`: one card an object; without a slash one card for all objects, shared with others of that key. */
  readonly mergeKey?: string;
}

/** What a label says of taking two medicines together, in codes of `interactions/label-words.ts`. */
export interface LabelFact {
  /** RxCUI, drug class id or selector: the medicine the label is about, as a rule the one affected. */
  readonly object: string;
  /** RxCUIs, drug class ids or selectors. */
  readonly with: readonly string[];
  readonly relation:
    | 'contraindicated'
    | 'boxed'
    | 'avoid'
    | 'adjust-dose'
    | 'dose-cap'
    | 'monitor-closely'
    | 'monitor'
    | 'separate-administration';
  readonly effect: string;
  readonly mechanism: string;
  /** Largest dose a day that the label allows beside the other. */
  readonly cap?: { readonly value: number; readonly unit: 'mg/d'; readonly of: 'object' | 'precipitant' };
  /** To which patients or products the label limits it. */
  readonly only?: string;
  /** Place in `sources`. */
  readonly source: number;
}

/** Label facts, with each citation once. */
export interface LabelKnowledge {
  readonly facts: readonly LabelFact[];
  readonly sources: readonly Citation[];
}

/** A clinical rule in FHIRPath over the facts view. */
export interface Rule {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly population: Population;
  /** FHIRPath: does the rule concern this patient at all? False → not-applicable. */
  readonly concerns: { readonly expression: string; readonly because: string };
  /** Facts the tiers need; absent → data-required. */
  readonly needs: readonly {
    readonly fact: FactPath;
    readonly label: string;
    readonly unit?: UcumUnit;
    readonly maxAge?: string;
  }[];
  /** First whose expression is true wins; none → not-applicable (`threshold-not-met`); empty → data-required. */
  readonly tiers: readonly {
    readonly expression: string;
    readonly text: string;
    readonly indicator: Indicator;
    readonly summary: string;
    readonly detail: string;
    readonly action?: string;
    readonly citations: readonly Citation[];
  }[];
  /** Up to two fact paths shown on the card, `medication.<class or rxcui>` allowed. */
  readonly shown: readonly FactPath[];
  readonly limitation: string;
  readonly citations: readonly Citation[];
  readonly mergeKey?: string;
}

/** Something that must be on file and within what was tried, or a treatment's effect is not shown. */
export interface EffectLimit {
  readonly fact: FactPath;
  readonly label: string;
  readonly unit: UcumUnit;
  /** In `unit`, inclusive. */
  readonly range: readonly [number, number];
  /** ISO 8601 duration; an older value does not count. */
  readonly maxAge: string;
  /** Why there is nothing to say outside it. */
  readonly because: string;
}

/** A treatment's effect as randomised trials found it: a ratio applied to a baseline risk, never a coefficient of a model. */
export interface TreatmentEffect {
  readonly id: string;
  readonly version: string;
  /** What is done, and by how much: `A statin that lowers LDL cholesterol by 1.0 mmol/L (39 mg/dL)`. */
  readonly title: string;
  /** Whom the trials speak of; who takes the treatment already is ruled out by `unless`. */
  readonly population: Population;
  readonly limits: readonly EffectLimit[];
  /** Numbers of models whose outcome is the trials' outcome. */
  readonly fits: readonly { readonly models: readonly string[]; readonly outcome: string }[];
  /** `risk-ratio` multiplies the risk; the others multiply the rate of events behind it. */
  readonly measure: 'risk-ratio' | 'rate-ratio' | 'hazard-ratio';
  readonly ratio: number;
  /** 95 % confidence interval of the ratio. */
  readonly interval: readonly [number, number];
  /** What the trials counted, and where that differs from the model's outcome. */
  readonly counted: string;
  /** How long they ran: `median 4.8 years`. */
  readonly followUp: string;
  readonly limitation: string;
  readonly citations: readonly Citation[];
}

/** One statement that a medicine and a state of the patient do not go well together. */
export interface Caution {
  readonly id: string;
  readonly medicine: Participant;
  /** The state in a few words, for a headline that names several: `heart failure`. Absent: as the theme says. */
  readonly concern?: string;
  /** FHIRPath over the facts view (`rules/view.ts`); `%medicine` is the medicines that take part. Absent: as the theme says. */
  readonly when?: string;
  readonly needs?: readonly FactPath[];
  /** ISO 8601 durations by fact: an older value is stale. */
  readonly maxAge?: Readonly<Record<FactPath, string>>;
  readonly indicator: Indicator;
  /** `{medicine}` is filled in. */
  readonly summary: string;
  readonly because: string;
  readonly action: string;
  readonly limitation?: string;
  /** Keys of the theme's citations. */
  readonly cite: readonly string[];
  readonly mergeKey?: string;
}

/** Cautions of one theme (a disease, pregnancy, old age), with what they share written once. */
export interface CautionTheme {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly concern?: string;
  readonly when?: string;
  readonly needs?: readonly FactPath[];
  readonly maxAge?: Readonly<Record<FactPath, string>>;
  readonly limitation: string;
  /** One card for all medicines of the theme, with this headline: `{medicines}` is filled in. */
  readonly gather?: string;
  readonly silentInComfortCare?: boolean;
  readonly citations: Readonly<Record<string, Citation>>;
  readonly cautions: readonly Caution[];
}

/** How an entry of the allergy list reads: with signs of a grave reaction, of an allergy, of mere intolerance, or of nothing. */
export type AllergyNature = 'severe' | 'allergy' | 'unstated' | 'intolerance';

/** Medicines that may, or are wrongly said to, provoke the same reaction. */
export interface CrossReactivity {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** What the entry in the chart names: an ingredient or class, a code, or words of its text. */
  readonly allergen: Participant & {
    readonly codes?: readonly { readonly system: string; readonly code: string }[];
    /** Whole words, lower case. */
    readonly words?: readonly string[];
  };
  readonly crosses: readonly {
    readonly id: string;
    readonly medicine: Participant;
    /** By the nature of the entry; a nature that is not named gives no finding. */
    readonly indicator: Readonly<Partial<Record<AllergyNature, Indicator>>>;
    /** Only where the chart names one of these reactions (words, lower case). */
    readonly reactions?: readonly string[];
    /** `{medicine}` and `{allergen}` are filled in. */
    readonly summary: string;
    readonly because: string;
    readonly action: string;
    readonly cite: readonly string[];
  }[];
  /** What the evidence says of medicines that are not named, in a sentence. */
  readonly limitation: string;
  readonly citations: Readonly<Record<string, Citation>>;
}

/** What one drug's levels do in a published population: the typical patient and how people differ. Hours, mg, L. */
export interface PharmacokineticModel {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly drug: { readonly rxcui: string; readonly name: string };
  /** The measured level that updates it. */
  readonly level: FactPath;
  readonly population: Population;
  readonly inputs: readonly InputBinding[];
  readonly terms?: readonly { readonly name: string; readonly formula: Expression }[];
  /** Clearance L/h and central volume L; with two compartments also `q` L/h and `v2` L. */
  readonly parameters: {
    readonly cl: Expression;
    readonly v1: Expression;
    readonly q?: Expression;
    readonly v2?: Expression;
  };
  /** What differs between people, log-normally, with the variances and covariances in that order. */
  readonly varies: readonly ('cl' | 'v1' | 'q' | 'v2')[];
  readonly omega: readonly (readonly number[])[];
  /** Standard deviations of a measured level: a share of it, and mg/L. */
  readonly residual: { readonly proportional: number; readonly additive: number };
  /** The lowest applicable order speaks first; the others stand beside it. */
  readonly order: number;
  /** Area under the curve of 24 h, mg.h/L. */
  readonly target: {
    readonly area: readonly [number, number];
    readonly for: string;
    readonly citations: readonly Citation[];
  };
  /** What a regimen may be: whole vials, usual intervals (h), and how fast it may run. */
  readonly regimens: {
    readonly doses: readonly number[];
    readonly every: readonly number[];
    /** mg/min, and the shortest infusion in min */
    readonly rate: number;
    readonly shortest: number;
    readonly mostPerDay: number;
    readonly citations: readonly Citation[];
  };
  readonly limitation: string;
  readonly citations: readonly Citation[];
}

/** A limit of a label on one medicine by organ function. `from` ≤ value < `below` unless said otherwise. */
export interface DoseRow {
  /** `crcl` mL/min, `egfr` mL/min/{1.73_m2} */
  readonly metric: 'crcl' | 'egfr' | 'dialysis' | 'child-pugh';
  readonly from?: number;
  readonly below?: number;
  readonly fromExclusive?: true;
  readonly belowInclusive?: true;
  /** Child-Pugh classes. */
  readonly classes?: readonly string[];
  readonly action: 'contraindicated' | 'avoid' | 'no-start' | 'reduce' | 'max-dose' | 'extend-interval' | 'monitor';
  /** The label’s dose in figures; only where the row was opened. */
  readonly regimen?: string;
  /** The same as a ceiling for a day, where it is one. */
  readonly cap?: { readonly value: number; readonly unit: UcumUnit };
  /** Indication, where the limit is for one only. */
  readonly for?: string;
  readonly cite: string;
}

/** The limits of one ingredient. */
export interface DosedMedicine {
  readonly rxcui: string;
  readonly name: string;
  readonly rows: readonly DoseRow[];
  readonly citations: Readonly<Record<string, Citation>>;
}

/** A file of them. */
export interface DoseTheme {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly medicines: readonly DosedMedicine[];
}

/** A limit at which a medicine's own schedule asks for action; one of `above`, `below`, in `unit`. */
export interface WatchLimit {
  readonly fact: FactPath;
  readonly above?: number;
  readonly below?: number;
  readonly unit: UcumUnit;
  /** What to do, in the imperative, after the medicine's name. */
  readonly says: string;
  /** Key of the entry's citations. */
  readonly cite: string;
}

/** A test that a medicine asks for. Days. */
export interface WatchCheck {
  readonly fact: FactPath;
  /** Fixed days after the start. */
  readonly after?: readonly number[];
  /** Repeats that are closer in the beginning. */
  readonly phases?: readonly { readonly untilDay: number; readonly every: number }[];
  readonly every?: number;
  /** Of good care, not of safety: late, it is for information only. */
  readonly routine?: true;
  /** The gravest first. */
  readonly limits?: readonly WatchLimit[];
  readonly cite: string;
}

/** What one medicine or class needs watched. */
export interface WatchedMedicine {
  readonly id: string;
  readonly medicine: Participant;
  readonly checks: readonly WatchCheck[];
  readonly citations: Readonly<Record<string, Citation>>;
}

/** Schedules of one field. */
export interface MonitoringTheme {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly medicines: readonly WatchedMedicine[];
}

/** Everything in force, with the digest that the screen shows and every write carries. */
export interface Library {
  readonly version: string;
  /** `sha256:` + hex of the canonical JSON of everything but this field. */
  readonly digest: string;
  readonly risk: readonly RiskModel[];
  readonly interactions: readonly Interaction[];
  /** Absent: none. */
  readonly labels?: LabelKnowledge;
  readonly rules: readonly Rule[];
  /** Absent: none. */
  readonly cautions?: readonly CautionTheme[];
  /** Absent: none. */
  readonly allergies?: readonly CrossReactivity[];
  /** Absent: none. */
  readonly burdens?: readonly Burden[];
  /** Absent: none. */
  readonly duplicates?: readonly Duplicate[];
  /** Absent: none. */
  readonly companions?: readonly Companion[];
  readonly doses?: readonly DoseTheme[];
  readonly monitoring?: readonly MonitoringTheme[];
  readonly injuries?: readonly Injury[];
  readonly pharmacokinetics?: readonly PharmacokineticModel[];
  readonly valueSets: readonly ValueSet[];
  readonly drugClasses: readonly DrugClass[];
  /** By RxCUI, each once. */
  readonly ingredients: readonly IngredientProfile[];
  readonly effects?: readonly TreatmentEffect[];
  /** Settings of the site that models bind as `site.<name>`, e.g. the region whose baseline risk holds. */
  readonly site?: Readonly<Record<string, string | number>>;
  /** The drug table travels apart (about 100 kB); its age is always said. */
  readonly drugTable: { readonly asOf: string; readonly sha256: string; readonly url: string };
  /** Gene guidance and exposure parameters travel apart, for the patients they are about (`apartWanted`). Absent: none. */
  readonly apart?: Readonly<Record<'genes' | 'exposure' | 'exposureGraph', ApartFile>>;
  /** Filled by the host once fetched; not part of what the digest is made of, whose `apart` covers them. */
  readonly genes?: GeneKnowledge;
  readonly exposure?: ExposureKnowledge;
}
