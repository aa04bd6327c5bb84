/**
 * A measured value and the words that belong to it. Nothing clinical travels as a bare number.
 */

/** A UCUM unit code in its canonical case-sensitive form, e.g. `mg/dL`, `mmol/L`, `mL/min/{1.73_m2}`; `1` is dimensionless. */
export type UcumUnit = string;

/** `ResourceType/id` of the resource a value came from, within the launch's FHIR server. */
export type Reference = string;

/** How much of a date the chart gave. */
export type DatePrecision = 'year' | 'month' | 'day' | 'instant';

/**
 * A date as the chart gave it, kept as the closed interval it stands for.
 * `start` and `end` are milliseconds since the epoch; `text` is the original string.
 */
export interface When {
  readonly start: number;
  readonly end: number;
  readonly precision: DatePrecision;
  readonly text: string;
}

/** FHIR quantity comparators: a censored value stays an interval, its comparator is never stripped. */
export type Comparator = '<' | '<=' | '>' | '>=';

/** A value with its unit, date and source. */
export interface Measured {
  readonly value: number;
  readonly comparator?: Comparator;
  readonly unit: UcumUnit;
  readonly effective: When;
  readonly source: Reference;
}

/** How a constant or statement came into the library, and how far it may be trusted. */
export type Basis = 'opened' | 'shared' | 'recalled';

/** Where a number or a piece of advice comes from. `recalled` has neither date nor place and is shown as unverified. */
export interface Citation {
  readonly text: string;
  readonly url?: string;
  readonly doi?: string;
  /** Section, table or equation in the document; only for `opened` or a `shared` file that states it. */
  readonly place?: string;
  readonly basis: Basis;
  /** ISO date the document was opened; absent for `recalled`. */
  readonly opened?: string;
  /** The grade of a `shared` row, kept. */
  readonly grade?: 'A' | 'B' | 'C';
}
