/** The one place where a value becomes text: number, unit and comparator together, never apart, never cut. */
import type { Input, Outcome } from '../../models/engine/evaluation.ts';
import { locale } from './when.ts';

const NBSP = '\u00a0';

/** Digits after the point, by fact and unit; what is not listed keeps up to two. */
const decimals: Readonly<Record<string, number | Readonly<Record<string, number>>>> = {
  creatinine: { 'umol/L': 0, '': 2 },
  potassium: 1,
  sodium: 0,
  egfr: 0,
  hba1c: 1,
  inr: 1,
  hemoglobin: 1,
  albumin: 1,
  bmi: 1,
  platelets: 0,
  glucose: { 'mmol/L': 1, '': 0 },
  'total-cholesterol': { 'mmol/L': 1, '': 0 },
  'hdl-cholesterol': { 'mmol/L': 1, '': 0 },
  'ldl-cholesterol': { 'mmol/L': 1, '': 0 },
  triglycerides: { 'mmol/L': 1, '': 0 },
  'systolic-blood-pressure': 0,
  'diastolic-blood-pressure': 0,
  uacr: 0,
  crcl: 1,
  crcl_adjusted: 1,
  crcl_ideal: 1,
  age: 0,
};

const spoken: Readonly<Record<string, string>> = {
  '1': '',
  '%': '%',
  '{score}': 'points',
  '{INR}': '',
  '{index}': '',
  'mL/min/{1.73_m2}': 'mL/min/1.73 m²',
  'mm[Hg]': 'mmHg',
  '10*3/uL': '×10³/µL',
  '10*9/L': '×10⁹/L',
  'kg/m2': 'kg/m²',
  a: 'years',
  Cel: '°C',
  '[degF]': '°F',
  '/min': 'per minute',
  '[lb_av]': 'lb',
  '[in_i]': 'in',
};

/** A UCUM unit as a clinician writes it, with no-break spaces. */
export function unitText(unit: string | undefined): string {
  if (unit === undefined) return '';
  const text =
    spoken[unit] ??
    unit
      .replaceAll(/[{}]/g, '')
      .replaceAll('_', ' ')
      .replaceAll(/\bu(?=g|L|mol|U|m\b)/g, 'µ');
  return text.replaceAll(' ', NBSP);
}

/** A sentence of the engine with its UCUM units as a clinician writes them. */
export function proseText(text: string): string {
  const written = /mL\/min\/\{1\.73_m2\}|mm\[Hg\]|10\*[39]\/u?L|\{score\}|\bkg\/m2\b|\bumol\/L\b/g;
  return text.replaceAll(written, (unit) => unitText(unit));
}

/** A number with the digits its analyte is read with. `name` is a fact path or its last segment. */
export function numberText(value: number, name: string, unit?: string): string {
  const key = name.slice(name.lastIndexOf('.') + 1);
  if (key === 'egfr' && rounding(value)) return format(Math.floor(value * 10) / 10, 1, 1);
  const rule = decimals[key];
  const digits = typeof rule === 'number' ? rule : (rule?.[unit ?? ''] ?? rule?.['']);
  return format(value, digits ?? 0, digits ?? 2);
}

/** Where kidney function changes its stage; 29.6 must not be read as 30 beside the words "below 30". */
const stages = [15, 30, 45, 60, 90];

function rounding(egfr: number): boolean {
  return egfr < Math.round(egfr) && stages.includes(Math.round(egfr));
}

function format(value: number, minimumFractionDigits: number, maximumFractionDigits: number): string {
  return new Intl.NumberFormat(locale, { minimumFractionDigits, maximumFractionDigits }).format(value);
}

const comparators = { '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const;

/** Value and unit of an input as two parts, so that the number can be set stronger than its unit. */
export function parts({ value, unit, comparator, path }: Pick<Input, 'value' | 'unit' | 'comparator' | 'path'>): {
  number: string;
  unit: string;
} {
  if (typeof value === 'string') return { number: value, unit: unitText(unit) };
  const sign = comparator ? `${comparators[comparator]}${NBSP}` : '';
  return { number: `${sign}${numberText(value, path, unit)}`, unit: unitText(unit) };
}

/** Value and unit as one string: `24 mL/min/1.73 m²`. */
export function valueText(input: Pick<Input, 'value' | 'unit' | 'comparator' | 'path'>): string {
  const { number, unit } = parts(input);
  return unit === '' ? number : `${number}${NBSP}${unit}`;
}

/** A model's number as parts: a probability in per cent, anything else in its unit. */
export function outcomeParts({ value, unit, id }: Pick<Outcome, 'value' | 'unit' | 'id'>): {
  number: string;
  unit: string;
} {
  if (unit !== '1') return { number: numberText(value, id, unit), unit: unitText(unit) };
  return { number: percent(value * 100), unit: '%' };
}

/** A model's number as one string: `41 %`, `5 points`, `24 mL/min/1.73 m²`. */
export function outcomeText(outcome: Pick<Outcome, 'value' | 'unit' | 'id'>): string {
  const { number, unit } = outcomeParts(outcome);
  return unit === '' ? number : `${number}${NBSP}${unit}`;
}

/** One decimal below 10 %, none above: more would claim a precision that no risk equation has. */
function percent(value: number): string {
  if (value > 0 && value < 0.1) return `<${NBSP}0.1`;
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** `P10Y` as `10 years`. */
export function horizonText(horizon: string | undefined): string {
  const match = /^P(\d+)([YMWD])$/.exec(horizon ?? '');
  if (!match) return '';
  const word = { Y: 'year', M: 'month', W: 'week', D: 'day' }[match[2] as 'Y' | 'M' | 'W' | 'D'];
  return `${match[1]}${NBSP}${word}${match[1] === '1' ? '' : 's'}`;
}

/** An input's value on the screen. */
export function Measured(props: { of: Pick<Input, 'value' | 'unit' | 'comparator' | 'path'> }) {
  const { number, unit } = parts(props.of);
  return (
    <span class={typeof props.of.value === 'number' ? 'measured' : 'worded'}>
      <b>{number}</b>
      {unit && `${NBSP}${unit}`}
    </span>
  );
}

/** A model's number on the screen. */
export function Predicted(props: { of: Pick<Outcome, 'value' | 'unit' | 'id'> }) {
  const { number, unit } = outcomeParts(props.of);
  return (
    <span class="measured">
      <b>{number}</b>
      {unit && `${NBSP}${unit}`}
    </span>
  );
}
