/**
 * Units: what the chart writes → UCUM → the analyte's one unit. No unit is ever guessed: an unknown one is refused,
 * and so is one that does not measure the same kind of thing.
 */
import type { UcumUnit } from '../measured.ts';
import type { Analyte, Conversion } from './analytes.ts';

type Kind =
  | 'mass concentration'
  | 'amount concentration'
  | 'charge concentration'
  | 'number concentration'
  | 'activity concentration'
  | 'catalytic concentration'
  | 'fraction'
  | 'mass ratio'
  | 'mass per amount'
  | 'amount ratio'
  | 'pressure'
  | 'mass'
  | 'length'
  | 'frequency'
  | 'body mass index'
  | 'temperature'
  | 'time'
  | 'flow'
  | 'indexed flow'
  | 'volume'
  | 'activity'
  | 'charge';

interface Unit {
  readonly kind: Kind;
  /** Size in the kind's base unit. */
  readonly size: number;
}

/** UCUM code → kind and size. Sizes are exact by definition of the prefixes, or as the comment says. */
const UNITS: Readonly<Record<UcumUnit, Unit>> = {
  ...kind('mass concentration', {
    'g/L': 1,
    'g/dL': 10,
    'mg/mL': 1,
    'mg/dL': 1e-2,
    'mg/L': 1e-3,
    'ug/mL': 1e-3,
    'ug/dL': 1e-5,
    'ug/L': 1e-6,
    'ng/mL': 1e-6,
    'ng/dL': 1e-8,
    'ng/L': 1e-9,
    'pg/mL': 1e-9,
  }),
  ...kind('amount concentration', {
    'mol/L': 1,
    'mmol/L': 1e-3,
    'umol/L': 1e-6,
    'nmol/L': 1e-9,
    'pmol/L': 1e-12,
    'umol/dL': 1e-5,
    'mmol/dL': 1e-2,
  }),
  ...kind('charge concentration', { 'eq/L': 1, 'meq/L': 1e-3 }),
  ...kind('number concentration', {
    '/L': 1,
    '/mL': 1e3,
    '/uL': 1e6,
    '10*3/uL': 1e9,
    '10*3/mL': 1e6,
    '10*6/uL': 1e12,
    '10*6/L': 1e6,
    '10*9/L': 1e9,
    '10*12/L': 1e12,
    '/mm3': 1e6,
    '10*3/mm3': 1e9,
  }),
  // An enzyme unit and an international unit are taken as one here; no analyte accepts both in different meanings.
  ...kind('activity concentration', {
    'U/L': 1,
    '[IU]/L': 1,
    'mU/L': 1e-3,
    'm[IU]/L': 1e-3,
    'mU/mL': 1,
    'm[IU]/mL': 1,
    'uU/mL': 1e-3,
    'u[IU]/mL': 1e-3,
    'U/mL': 1e3,
  }),
  // In U/L: 1 kat = 6e7 U by definition (mol/s against µmol/min).
  ...kind('catalytic concentration', { 'ukat/L': 60 }),
  ...kind('fraction', { '1': 1, '%': 1e-2 }),
  ...kind('mass ratio', { 'g/g': 1, 'mg/mg': 1, 'mg/g': 1e-3, 'ug/mg': 1e-3, 'ug/g': 1e-6, 'g/kg': 1e-3 }),
  ...kind('mass per amount', { 'mg/mmol': 1, 'g/mol': 1 }),
  ...kind('amount ratio', { 'mmol/mol': 1 }),
  // UCUM: m[Hg] = 133.322 kPa.
  ...kind('pressure', { 'mm[Hg]': 0.133322, kPa: 1, Pa: 1e-3 }),
  // Avoirdupois pound 453.59237 g and ounce one sixteenth of it, exact by international agreement.
  ...kind('mass', { kg: 1e3, g: 1, mg: 1e-3, ug: 1e-6, ng: 1e-9, '[lb_av]': 453.59237, '[oz_av]': 28.349523125 }),
  // International inch 2.54 cm, exact; US survey inch 100/3937 m, which some systems send for a patient's height.
  ...kind('length', { m: 100, cm: 1, mm: 0.1, '[in_i]': 2.54, '[ft_i]': 30.48, '[in_us]': 10_000 / 3937 }),
  ...kind('frequency', { '/min': 1, '/s': 60, Hz: 60, '/h': 1 / 60 }),
  ...kind('body mass index', { 'kg/m2': 1 }),
  ...kind('temperature', { Cel: 1 }),
  ...kind('time', { s: 1000, ms: 1, min: 60_000, h: 3_600_000 }),
  ...kind('flow', { 'mL/min': 1, 'L/min': 1000, 'mL/s': 60 }),
  ...kind('indexed flow', { 'mL/min/{1.73_m2}': 1, 'mL/s/{1.73_m2}': 60 }),
  ...kind('volume', { L: 1, mL: 1e-3, uL: 1e-6, fL: 1e-15 }),
  ...kind('activity', { U: 1, '[IU]': 1 }),
  ...kind('charge', { meq: 1 }),
};

function kind(name: Kind, sizes: Readonly<Record<UcumUnit, number>>): Record<UcumUnit, Unit> {
  return Object.fromEntries(Object.entries(sizes).map(([unit, size]) => [unit, { kind: name, size }]));
}

/** UCUM units that this app knows, for tests and for reading doses. */
export const KNOWN_UNITS: readonly UcumUnit[] = [...Object.keys(UNITS), '{score}', '[degF]', 'K'];

const CANONICAL = new Set(KNOWN_UNITS);

/** Ways of writing a unit (spaces taken out, lower case, both µ as u) that are not UCUM but mean one thing only. */
const ALIASES: Readonly<Record<string, UcumUnit>> = {
  'gm/dl': 'g/dL',
  'g%': 'g/dL',
  'mcg/ml': 'ug/mL',
  'mcg/dl': 'ug/dL',
  'mcg/l': 'ug/L',
  'g/100ml': 'g/dL',
  'mg/100ml': 'mg/dL',
  'mg%': 'mg/dL',
  'mmole/l': 'mmol/L',
  'mmoles/l': 'mmol/L',
  'mcmol/l': 'umol/L',
  'micromol/l': 'umol/L',
  'microm/l': 'umol/L',
  'iu/l': '[IU]/L',
  'units/l': 'U/L',
  'unit/l': 'U/L',
  'miu/l': 'm[IU]/L',
  'miu/ml': 'm[IU]/mL',
  'uiu/ml': 'u[IU]/mL',
  'mciu/ml': 'u[IU]/mL',
  'k/ul': '10*3/uL',
  'k/mm3': '10*3/uL',
  'k/cumm': '10*3/uL',
  'thou/ul': '10*3/uL',
  'thou/mm3': '10*3/uL',
  'thousand/ul': '10*3/uL',
  'x10e3/ul': '10*3/uL',
  'x10e3/mcl': '10*3/uL',
  '10e3/ul': '10*3/uL',
  '10^3/ul': '10*3/uL',
  'x10^3/ul': '10*3/uL',
  'x10(3)/ul': '10*3/uL',
  '10x3/ul': '10*3/uL',
  'x103/ul': '10*3/uL',
  '10*3/mm3': '10*3/uL',
  '10*3/mcl': '10*3/uL',
  'x10e9/l': '10*9/L',
  '10e9/l': '10*9/L',
  '10^9/l': '10*9/L',
  'x10^9/l': '10*9/L',
  'x109/l': '10*9/L',
  'g/l(10*9/l)': '10*9/L',
  'x10*3/ul': '10*3/uL',
  '1000/ul': '10*3/uL',
  'thousands/ul': '10*3/uL',
  'thous/ul': '10*3/uL',
  'x10*9/l': '10*9/L',
  'giga/l': '10*9/L',
  'm/ul': '10*6/uL',
  'mil/ul': '10*6/uL',
  'million/ul': '10*6/uL',
  'm/mm3': '10*6/uL',
  '10^6/ul': '10*6/uL',
  'x10^6/ul': '10*6/uL',
  'x10e6/ul': '10*6/uL',
  '10e6/ul': '10*6/uL',
  'x10*6/ul': '10*6/uL',
  '10^12/l': '10*12/L',
  'x10^12/l': '10*12/L',
  'x10e12/l': '10*12/L',
  'x10*12/l': '10*12/L',
  'tera/l': '10*12/L',
  'cells/mm3': '/uL',
  '#/ul': '/uL',
  'cells/ul': '/uL',
  mmhg: 'mm[Hg]',
  'mm(hg)': 'mm[Hg]',
  mmofhg: 'mm[Hg]',
  bpm: '/min',
  'beats/min': '/min',
  'beats/minute': '/min',
  'breaths/min': '/min',
  'breaths/minute': '/min',
  'br/min': '/min',
  '1/min': '/min',
  permin: '/min',
  perminute: '/min',
  '/minute': '/min',
  percent: '%',
  '%hb': '%',
  '%oftotalhgb': '%',
  '%oftotalhb': '%',
  '%ofhgb': '%',
  '%ofhb': '%',
  '%totalhgb': '%',
  '%totalhb': '%',
  fraction: '1',
  'l/l': '1',
  ratio: '1',
  inr: '1',
  '{inr}': '1',
  inr_unit: '1',
  score: '{score}',
  '{score}': '{score}',
  '(score)': '{score}',
  points: '{score}',
  c: 'Cel',
  degc: 'Cel',
  degreesc: 'Cel',
  degreescelsius: 'Cel',
  celsius: 'Cel',
  '°c': 'Cel',
  f: '[degF]',
  degf: '[degF]',
  degreesf: '[degF]',
  degreesfahrenheit: '[degF]',
  fahrenheit: '[degF]',
  '°f': '[degF]',
  lb: '[lb_av]',
  lbs: '[lb_av]',
  pound: '[lb_av]',
  pounds: '[lb_av]',
  oz: '[oz_av]',
  in: '[in_i]',
  inch: '[in_i]',
  inches: '[in_i]',
  ft: '[ft_i]',
  kgs: 'kg',
  'kg/m²': 'kg/m2',
  'kg/sqm': 'kg/m2',
  'kg/m^2': 'kg/m2',
  'kg/(m2)': 'kg/m2',
  'kg/m*2': 'kg/m2',
  gm: 'g',
  mcg: 'ug',
  msec: 'ms',
  sec: 's',
  seconds: 's',
  'mgalb/gcreat': 'mg/g',
  'mg/gcreat': 'mg/g',
  'mg/gcreatinine': 'mg/g',
  'mg/gcre': 'mg/g',
  'mg/gcrea': 'mg/g',
  'mg/gcr': 'mg/g',
  'mcg/mgcr': 'ug/mg',
  'mcg/mgcrt': 'ug/mg',
  'mcg/mgcrea': 'ug/mg',
  'mg/mmolcr': 'mg/mmol',
  'mg/mmolcrea': 'mg/mmol',
  'mcg/mgcreat': 'ug/mg',
  'ug/mgcreat': 'ug/mg',
  'mcg/mg': 'ug/mg',
  'mg/mmolcreat': 'mg/mmol',
  'ml/min/1.73m2': 'mL/min/{1.73_m2}',
  'ml/min/1.73m²': 'mL/min/{1.73_m2}',
  'ml/min/1.73m^2': 'mL/min/{1.73_m2}',
  'ml/min/1.73sqm': 'mL/min/{1.73_m2}',
  'ml/min/1.73sq.m': 'mL/min/{1.73_m2}',
  'ml/min/1.73m*2': 'mL/min/{1.73_m2}',
  'ml/minper1.73m2': 'mL/min/{1.73_m2}',
  'ml/minper1.73m²': 'mL/min/{1.73_m2}',
  'ml/min/1.73': 'mL/min/{1.73_m2}',
  'ml/min/1.73_m2': 'mL/min/{1.73_m2}',
  'ml/min/{1.73m2}': 'mL/min/{1.73_m2}',
  'ml/min/{1.73_m2}': 'mL/min/{1.73_m2}',
  'ml/min/{1.73m*2}': 'mL/min/{1.73_m2}',
  'ml/min/bsa': 'mL/min/{1.73_m2}',
  units: 'U',
  unit: 'U',
  unt: 'U',
  iu: '[IU]',
};

const FOLDED = new Map<string, UcumUnit>([
  // UCUM codes written in another case. No two codes above differ only by case (held by a test), and megagrams are not dosed.
  ...[...CANONICAL].map((unit) => [fold(unit), unit] as const),
  ...Object.entries(ALIASES),
]);

/** Folds what does not carry meaning: spaces, case, the two µ characters, the ways to write a microlitre, "calculated". */
function fold(text: string): string {
  return text
    .replace(/\s+/g, '')
    .replace(/[µμ]/g, 'u')
    .toLowerCase()
    .replace(/\((?:calc|calculated)\)$/, '')
    .replace(/\/(?:mcl|microliter|microlitre)\b/, '/ul')
    .replace(/\/(?:cumm|cmm)$/, '/mm3');
}

/** The UCUM unit that a text means, or `undefined` when that is not certain. */
export function ucumUnit(text: string): UcumUnit | undefined {
  if (CANONICAL.has(text)) return text;
  const folded = fold(text);
  const known = FOLDED.get(folded);
  if (known !== undefined) return known;
  // Curly braces hold comments in UCUM: `10*3/uL{cells}`, `{beats}/min`.
  const bare = folded.replace(/\{[^}]*\}/g, '');
  return bare === folded ? undefined : bare === '' ? '1' : FOLDED.get(bare);
}

const UNCHANGED: Conversion = { factor: 1 };

/** How `unit` turns into the analyte's own unit; `undefined` when it measures something else. */
export function conversionFor(analyte: Analyte, unit: UcumUnit): Conversion | undefined {
  if (unit === analyte.unit) return UNCHANGED;
  const special = analyte.also?.[unit];
  if (special !== undefined) return special;
  const from = UNITS[unit];
  const to = UNITS[analyte.unit];
  if (from === undefined || to === undefined) return undefined;
  const bridge = bridgeBetween(from.kind, to.kind, analyte);
  return bridge === undefined ? undefined : { factor: (from.size * bridge) / to.size };
}

/** What one base unit of one kind is in base units of the other, for this analyte. */
function bridgeBetween(from: Kind, to: Kind, { molarMass, valence, unit }: Analyte): number | undefined {
  if (from === to) return 1;
  if (from === 'catalytic concentration' && to === 'activity concentration') return unit === 'U/L' ? 1 : undefined;
  if (from === 'amount concentration' && to === 'mass concentration') return molarMass;
  if (from === 'mass concentration' && to === 'amount concentration') return molarMass && 1 / molarMass;
  if (from === 'charge concentration' && to === 'amount concentration') return valence && 1 / valence;
  if (from === 'charge concentration' && to === 'mass concentration')
    return valence && molarMass && molarMass / valence;
  return undefined;
}

/** What to convert: a value of an analyte from one unit into another. */
export interface ConversionRequest {
  readonly analyte: Analyte;
  readonly value: number;
  readonly from: UcumUnit;
  readonly to: UcumUnit;
}

/** The value in the other unit, or `undefined` when either unit does not fit the analyte. */
export function convert({ analyte, value, from, to }: ConversionRequest): number | undefined {
  if (from === to) return conversionFor(analyte, from) === undefined ? undefined : value;
  const inward = conversionFor(analyte, from);
  const outward = conversionFor(analyte, to);
  if (inward === undefined || outward === undefined) return undefined;
  return (value * inward.factor + (inward.offset ?? 0) - (outward.offset ?? 0)) / outward.factor;
}
