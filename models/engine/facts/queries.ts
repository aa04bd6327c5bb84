/** What is asked of the EHR, and so which scopes are needed: both follow from the facts that can be read. */
import { ANALYTES, type AnalyteCategory } from './analytes.ts';
import { CODE_STATUS_CODES } from './care.ts';
import { PREGNANCY_STATUS_CODES, SMOKING_STATUS_CODES } from './coded.ts';
import { GENE_CODES } from './genes.ts';

/** One read or search of the first round. `id` is the id of its `SourceReport`. */
export interface Query {
  readonly id: string;
  readonly resourceType: string;
  /** Search parameters without the patient. */
  readonly params: Readonly<Record<string, string>>;
  /** The same question asked more widely, for a server that refuses the narrow one. What comes back is filtered again here. */
  readonly fallback?: Readonly<Record<string, string>>;
  /** What it asks for, in words. */
  readonly label: string;
  /** How many pages are wanted; all of them unless given. */
  readonly pages?: number;
  /** How many of the newest entries Today waits for, where the list is longer; the others are read behind the screen. */
  readonly enough?: number;
  /**
   * Where the EHR does not take such a question, that is no failure but a thing not asked for, and this says what may be
   * missing.
   */
  readonly ifTaken?: string;
}

/** A scope the queries need: `patient/<resourceType>.rs`, with `?category=` where the server grants so finely. */
export interface RequiredScope {
  readonly resourceType: string;
  readonly category?: string;
  /** The feature that is missing without it, in words. */
  readonly feature: string;
}

// Observations are always searched by patient and category: Epic answers a plain `patient=` with 400.
function observations(id: string, category: string, label: string, codes: readonly string[], count: number): Query {
  const wide = { category, _sort: '-date,_id', _count: String(count) };
  return {
    id,
    resourceType: 'Observation',
    label,
    params: { ...wide, code: codes.join(',') },
    fallback: wide,
    enough: count,
  };
}

function codesOf(category: AnalyteCategory): string[] {
  return ANALYTES.filter((analyte) => analyte.category === category).flatMap((analyte) =>
    analyte.codes.map((code) => code.loinc),
  );
}

// Newest first, and `_id` last: without it, entries of one date may move from page to page while a list is read.
const QUERIES: readonly Query[] = [
  { id: 'patient', resourceType: 'Patient', params: {}, label: 'Patient' },
  // Early, because the first number waits for it, and a browser that speaks HTTP/1.1 asks six things at a time.
  {
    id: 'conditions',
    resourceType: 'Condition',
    params: { _sort: '-recorded-date,_id', _count: '100' },
    label: 'Problems and diagnoses',
  },
  observations('laboratory', 'laboratory', 'Laboratory results', codesOf('laboratory'), 1000),
  // A blood pressure is filed under its panel's code; the parts are asked for as well, for systems that file them apart.
  observations('vital-signs', 'vital-signs', 'Vital signs', ['85354-9', '55284-4', ...codesOf('vital-signs')], 1000),
  observations(
    'social-history',
    'social-history',
    'Smoking and pregnancy status',
    [...SMOKING_STATUS_CODES, ...PREGNANCY_STATUS_CODES],
    100,
  ),
  // Some systems file smoking status as a survey answer.
  observations('survey', 'survey', 'Smoking status filed as a survey', SMOKING_STATUS_CODES, 100),
  {
    id: 'allergies',
    resourceType: 'AllergyIntolerance',
    params: { _sort: '-date,_id', _count: '100' },
    label: 'Allergies and intolerances',
  },
  {
    id: 'medications',
    resourceType: 'MedicationRequest',
    params: { _sort: '-authoredon,_id', _count: '100' },
    label: 'Prescriptions',
  },
  {
    id: 'medication-statements',
    resourceType: 'MedicationStatement',
    params: { _sort: '-effective,_id', _count: '100' },
    label: 'Reported medicines',
  },
];

/**
 * The newest creatinines alone: a small question beside the large one of the same name, so that the first number does
 * not wait for a page of everything.
 */
export function firstNumber(): Query {
  const codes = ANALYTES.filter(({ key }) => key === 'creatinine').flatMap((analyte) =>
    analyte.codes.map(({ loinc }) => loinc),
  );
  return { ...observations('laboratory', 'laboratory', 'Newest creatinine', codes, 10), pages: 1 };
}

/** Whom the chart is of, and what would make an eGFR meaningless: with the newest creatinines, all that the first number needs. */
export function firstReads(): readonly Query[] {
  return QUERIES.filter(({ id }) => id === 'patient' || id === 'conditions');
}

/**
 * Asked behind the first round, when the screen already stands: what few cards need and few EHRs all give. A refusal of
 * one is said under its name and costs nothing else. None of it is required at launch (`requiredScopes`).
 */
const HISTORY: readonly Query[] = [
  { id: 'procedures', resourceType: 'Procedure', params: { _count: '100' }, label: 'Procedures' },
  {
    id: 'genes',
    resourceType: 'Observation',
    label: 'Gene results',
    params: { category: 'laboratory', _sort: '-date,_id', _count: '100', code: GENE_CODES.join(',') },
  },
  {
    id: 'code-status',
    resourceType: 'Observation',
    label: 'Code status',
    params: { category: 'survey', _sort: '-date,_id', _count: '20', code: CODE_STATUS_CODES.join(',') },
  },
  {
    id: 'care-orders',
    resourceType: 'ServiceRequest',
    params: { status: 'active', _count: '100' },
    label: 'Orders in force',
  },
  // R4 has no search by a flag's status: the reader looks at it.
  { id: 'flags', resourceType: 'Flag', params: { _count: '50' }, label: 'Flags' },
  { id: 'consents', resourceType: 'Consent', params: { status: 'active', _count: '50' }, label: 'Consents' },
  { id: 'family-history', resourceType: 'FamilyMemberHistory', params: { _count: '100' }, label: 'Family history' },
  { id: 'devices', resourceType: 'Device', params: { _count: '100' }, label: 'Devices' },
  { id: 'dispenses', resourceType: 'MedicationDispense', params: { _count: '100' }, label: 'Dispensed medicines' },
  {
    id: 'administrations',
    resourceType: 'MedicationAdministration',
    params: { _count: '100', _sort: '-effective-time,_id' },
    label: 'Medicines given',
  },
];

/** Every query of the first round; they do not depend on each other and run in parallel. */
export function firstRound(): readonly Query[] {
  return QUERIES;
}

/** The second round: procedures, genes, code status, family history, devices, dispensed and given medicines. */
export function history(): readonly Query[] {
  return HISTORY;
}

// Commas stay readable: they separate alternatives in a FHIR search and are allowed in a query string.
function searchString(params: Readonly<Record<string, string>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`)
    .join('&');
}

/**
 * The query as a URL relative to the FHIR base: `Observation?patient=…&category=…` or `Patient/<id>`.
 * `wide` asks the fallback instead.
 */
export function queryUrl(query: Query, patientId: string, options: { readonly wide?: boolean } = {}): string {
  if (query.resourceType === 'Patient') return `Patient/${encodeURIComponent(patientId)}`;
  const params = (options.wide ? query.fallback : undefined) ?? query.params;
  return `${query.resourceType}?${searchString({ patient: patientId, ...params })}`;
}

/** The read scopes the first round needs, in the order of its queries. */
export function requiredScopes(): readonly RequiredScope[] {
  return scopesOf(QUERIES);
}

/** The read scopes that some queries need, in their order. */
export function scopesOf(queries: readonly Query[]): readonly RequiredScope[] {
  return queries.map(({ resourceType, params, label }) => ({
    resourceType,
    ...(params.category === undefined ? {} : { category: params.category }),
    feature: label,
  }));
}
