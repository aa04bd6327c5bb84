/**
 * What is known of one patient: plain data (JSON and structured-clone safe), read once from the chart.
 * Facts say what the chart says; what a fact *means* (is this code diabetes?) is the library's business.
 */
import type { Comparator, Measured, Reference, UcumUnit, When } from '../measured.ts';

/** A stable, readable path: `patient.age`, `observation.creatinine`, `derived.egfr`, `condition.diabetes`, `medication.statin`. */
export type FactPath = string;

/** A code as the chart carries it. */
export interface Coding {
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
}

/** Why something in the chart was not used as a fact. Codes are stable; `text` never carries patient identifiers. */
export type UnreadReason =
  | 'unit-missing'
  | 'unit-unknown'
  | 'unit-does-not-fit'
  | 'not-a-number'
  | 'no-value'
  | 'data-absent'
  /** Hidden on purpose: `masked`, redacted. "Restricted in the EHR", never "none found". */
  | 'restricted'
  | 'implausible'
  | 'no-date'
  | 'future-date'
  | 'status-not-final'
  | 'entered-in-error'
  | 'specimen-does-not-fit'
  | 'display-disagrees'
  | 'other-patient'
  /** The chart says that another record of this patient exists, or that this one was merged from one. */
  | 'another-record'
  | 'malformed'
  | 'superseded'
  | 'unresolved-medication'
  /** Packaging ordered beside a drug: `Vial`, `Bag 50 mL`. */
  | 'not-a-medicine';

/** Something the chart holds that no model may use, kept with its reason. */
export interface Unread {
  readonly source: Reference;
  readonly reason: UnreadReason;
  /** The fact it would have been, when that much was clear. */
  readonly path?: FactPath;
  /** What the chart says, for the screen: e.g. `138 mg/dL`, `Hemolyzed`. */
  readonly text?: string;
  readonly effective?: When;
}

/** An observation read in full: a number with unit, date and source. */
export interface ObservationFact extends Measured {
  readonly path: FactPath;
  readonly status: 'final' | 'amended' | 'corrected';
  /** Said when the code names another specimen or method than the usual, e.g. `whole blood`. */
  readonly variant?: string;
  /** Set when the chart gives no clinically relevant time and `effective` is the time of issue. */
  readonly dateFrom?: 'issued';
  /** The unit and value as the chart had them, when they were converted. */
  readonly original?: { readonly value: number; readonly unit: string; readonly comparator?: Comparator };
  /**
   * Set when the value lies outside the analyte's extreme limits (but is physically plausible):
   * it is shown first as "extreme value, verify" and is not fed to a model.
   */
  readonly extreme?: boolean;
  /** The laboratory's own upper limit, in `unit`; only of analytes that are read as multiples of it. */
  readonly high?: number;
}

/** A coded observation (smoking status and the like). */
export interface CodedFact {
  readonly path: FactPath;
  readonly value: string;
  readonly codings: readonly Coding[];
  readonly text?: string;
  readonly effective: When;
  readonly source: Reference;
}

/** A problem, diagnosis or health concern. Only `active: true` counts as present. */
export interface ConditionFact {
  readonly codings: readonly Coding[];
  readonly text: string;
  readonly clinicalStatus: 'active' | 'recurrence' | 'relapse' | 'inactive' | 'remission' | 'resolved' | 'unknown';
  readonly active: boolean;
  /** Where it is filed: an encounter's diagnosis may be a question of that day; absent when the chart does not say. */
  readonly category?: 'problem-list-item' | 'encounter-diagnosis' | 'health-concern';
  readonly onset?: When;
  readonly source: Reference;
}

/** An allergy or intolerance. */
export interface AllergyFact {
  readonly codings: readonly Coding[];
  readonly text: string;
  readonly kind: 'allergy' | 'intolerance' | 'unknown';
  readonly criticality?: 'low' | 'high' | 'unable-to-assess';
  /** The drug, when the entry names one; empty for a class (`Penicillins`), a food, or what is not recognised. */
  readonly ingredients?: readonly Ingredient[];
  /** `by-name` is shown as such; absent when no drug was recognised. */
  readonly resolution?: 'coded' | 'by-name';
  /** What happened, in the chart's words, with the worst severity given. */
  readonly reactions?: readonly { readonly text: string; readonly severity?: 'mild' | 'moderate' | 'severe' }[];
  readonly source: Reference;
}

/** Something done to the patient: dialysis, a transplant, a valve. */
export interface ProcedureFact {
  readonly codings: readonly Coding[];
  readonly text: string;
  readonly status: 'in-progress' | 'completed' | 'stopped' | 'unknown';
  readonly performed?: When;
  readonly source: Reference;
}

/** A disease of a relative. */
export interface FamilyFact {
  /** As the chart says it: `mother`, `natural brother`. */
  readonly relation: string;
  readonly relationCodings: readonly Coding[];
  readonly codings: readonly Coding[];
  readonly text: string;
  /** Years of age at onset. */
  readonly onsetAge?: number;
  readonly source: Reference;
}

/** A device in or on the patient: pacemaker, pump. */
export interface DeviceFact {
  readonly codings: readonly Coding[];
  readonly text: string;
  readonly status: 'active' | 'inactive' | 'unknown';
  readonly source: Reference;
}

/** A gene as a laboratory reported it. Nothing is derived here: a phenotype is there only when the laboratory gave it. */
export interface GeneFact {
  /** HGNC symbol: `CYP2C19`. */
  readonly gene: string;
  /** `*1/*17`, or the laboratory's own words for genes without star alleles. */
  readonly diplotype?: string;
  /** For HLA genes: which allele was looked for, `*57:01`. */
  readonly allele?: string;
  /** In CPIC's words: `Poor Metabolizer`, `Decreased Function`, `Positive`. */
  readonly phenotype?: string;
  readonly activityScore?: number;
  readonly effective?: When;
  readonly source: Reference;
}

/** What the aim of care is, where it stands outside the problem list: code status, orders, flags, consents. */
export interface CareFact {
  /** `comfort`: comfort measures or hospice; no resuscitation alone is not. `full`: full treatment, or comfort care that ended. */
  readonly aim: 'comfort' | 'no-resuscitation' | 'full' | 'unknown';
  readonly codings: readonly Coding[];
  readonly text: string;
  readonly effective?: When;
  readonly source: Reference;
}

/** RxNorm ingredient (TTY IN, or PIN where the precise ingredient matters). */
export interface Ingredient {
  readonly rxcui: string;
  readonly name: string;
}

/** How a medication entry was understood. `by-name` is always shown as such. */
export type Resolution = 'coded' | 'by-name' | 'unresolved';

/** Whether the drug reaches the whole body. `unknown` is treated as systemic and said. */
export type RouteClass =
  | 'systemic'
  | 'topical'
  | 'ophthalmic'
  | 'otic'
  | 'nasal'
  | 'inhaled'
  | 'vaginal'
  | 'rectal-local'
  | 'unknown';

/** One medicine the patient takes, took or is planned to take: every chart entry about the same drug merged into one. */
export interface MedicationFact {
  /** What the chart calls it, for the screen. */
  readonly text: string;
  /** Sorted by rxcui; empty when unresolved. */
  readonly ingredients: readonly Ingredient[];
  readonly resolution: Resolution;
  readonly state: 'active' | 'on-hold' | 'planned' | 'recently-stopped' | 'stopped' | 'unknown';
  /** Reported by patient or another source rather than ordered here. */
  readonly reported: boolean;
  /** Taken as needed. */
  readonly asNeeded: boolean;
  readonly route: RouteClass;
  /** What the chart's text or structure says of the dose, verbatim, for the screen. */
  readonly dosageText?: string;
  /** Daily dose where it could be read in full; absent means "not parsed", never zero. */
  readonly dailyDose?: { readonly value: number; readonly unit: UcumUnit };
  readonly start?: When;
  readonly end?: When;
  /** When it was last dispensed or given, where the EHR tells. */
  readonly lastGiven?: When;
  /** Every chart entry behind it. */
  readonly sources: readonly Reference[];
}

/** A test that a clinician said would be done, kept from an earlier launch. Times in ms since the epoch. */
export interface Promised {
  readonly path: FactPath;
  readonly made: number;
  readonly due: number;
}

/** One dose that was given in full. */
export interface GivenFact {
  readonly text: string;
  readonly ingredients: readonly Ingredient[];
  readonly start: When;
  /** Absent: the chart tells one moment only. */
  readonly end?: When;
  /** In mg; absent: not read, never zero. */
  readonly dose?: { readonly value: number; readonly unit: UcumUnit };
  readonly source: Reference;
}

/** Who the patient is, as far as clinical reasoning needs. */
export interface PatientFact {
  readonly id: string;
  readonly name: string;
  readonly birthDate?: When;
  /** Completed years in the patient's calendar; absent when the birth date does not settle it. */
  readonly age?: number;
  /** Sex for clinical use, else administrative gender; `sexSource` says which. */
  readonly sex?: 'female' | 'male';
  readonly sexSource?:
    | 'sex-parameter-for-clinical-use'
    | 'recorded-sex-or-gender'
    | 'birth-sex'
    | 'administrative-gender';
  readonly mrn?: string;
  readonly deceased: boolean;
  readonly active: boolean;
  /** Set when this record was replaced by another (`link.type = replaced-by`). */
  readonly replaced: boolean;
  readonly source: Reference;
}

/** The four faces of absence, and presence. */
export type SourceState = 'read' | 'empty' | 'incomplete' | 'refused' | 'failed' | 'not-asked' | 'pending';

/** How far one query of the pull got. A model whose input may be incomplete says so or abstains. */
export interface SourceReport {
  /** The fact group: `laboratory`, `vital-signs`, `social-history`, `survey`, `conditions`, `allergies`, `medications`, `patient`; `history()` names more. */
  readonly id: string;
  readonly state: SourceState;
  readonly count: number;
  readonly pages: number;
  /** Why it is not `read`/`empty`, in words without patient data. */
  readonly reason?: string;
  /** The number under which our server logged the read that failed, to be told to IT. */
  readonly reference?: string;
  readonly oldest?: When;
  /** Of a list that came newest first and not to its end: everything dated from here on is in hand, what is missing is older. */
  readonly since?: When;
  /** Read behind the screen, for what few checks need: its absence is a data gap, not a check left out. */
  readonly behind?: true;
}

/** An answer of the clinician to a model's question: a word of its choices or a number in its unit. `at`: ms since the epoch. */
export interface AskedFact {
  readonly value: number | string;
  readonly at: number;
}

/** Everything known of one patient at one moment. */
export interface Facts {
  readonly patient: PatientFact;
  /** What the clinician answered in this launch, by the last segment of the path (`ascites`). Never written to the chart. */
  readonly asked?: Readonly<Record<string, AskedFact>>;
  /** Newest first; keys are the last segment of the path (`creatinine`, `hba1c`, `systolic-blood-pressure`). */
  readonly observation: Readonly<Record<string, readonly ObservationFact[]>>;
  /** Coded observations by the last segment of the path (`smoking-status`, `pregnancy-status`). Newest first. */
  readonly coded: Readonly<Record<string, readonly CodedFact[]>>;
  readonly condition: readonly ConditionFact[];
  readonly allergy: readonly AllergyFact[];
  readonly medication: readonly MedicationFact[];
  /** Below, absent means that nobody looked. Newest first. */
  readonly procedure?: readonly ProcedureFact[];
  readonly family?: readonly FamilyFact[];
  readonly device?: readonly DeviceFact[];
  readonly gene?: readonly GeneFact[];
  readonly care?: readonly CareFact[];
  /** Tests promised in earlier launches at this site. */
  readonly promised?: readonly Promised[];
  /** Single doses with their times, oldest first; read behind the screen. */
  readonly given?: readonly GivenFact[];
  readonly unread: readonly Unread[];
  readonly sources: readonly SourceReport[];
}
