/** What an Observation (or one of its components) says: a number with its unit, or why there is none. */
import type { Comparator } from '../measured.ts';
import { codingsOf, DATA_ABSENT, textOf } from './codings.ts';
import type { UnreadReason } from './facts.ts';
import { isObject, type Json, number, object, string } from './json.ts';

/** A number as written. More than one reading when `1,234` could be 1234 or 1.234; the analyte's limits decide, or nobody. */
export interface NumberRead {
  readonly readings: readonly number[];
  readonly comparator?: Comparator;
  /** The unit as the chart has it: a UCUM code where the chart says it is one, and the text beside it. */
  readonly unitCode?: string;
  readonly unitText?: string;
  /** The chart's own words, where it gave words. */
  readonly text?: string;
}

/** What the chart says, for the screen: `138 mg/dL`, `LESS THAN 0.4`. */
export function saidOf({ text, comparator, readings, unitText, unitCode }: NumberRead): string {
  const unit = unitText ?? unitCode;
  return text ?? `${comparator ?? ''}${readings[0]}${unit === undefined ? '' : ` ${unit}`}`;
}

export interface ValueUnread {
  readonly reason: UnreadReason;
  readonly text?: string;
}

const UCUM = 'http://unitsofmeasure.org';
const COMPARATORS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
const ABSENT_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const OTHER_VALUES = [
  'valueRange',
  'valueRatio',
  'valueSampledData',
  'valueBoolean',
  'valuePeriod',
  'valueTime',
  'valueDateTime',
];

/** Reads the `value[x]` of an Observation or component. @throws Malformed */
export function readValue(part: Json, decimalComma?: boolean): NumberRead | ValueUnread {
  const absent = object(part.dataAbsentReason);
  const quantity = object(part.valueQuantity);
  if (quantity !== undefined) return absent ? dataAbsent(absent) : readQuantity(quantity);
  if (part.valueInteger !== undefined) {
    const value = number(part.valueInteger);
    return value === undefined ? { reason: 'no-value' } : { readings: [value] };
  }
  const words = string(part.valueString);
  if (words !== undefined) return absent ? dataAbsent(absent) : readWords(words, decimalComma);
  const concept = object(part.valueCodeableConcept);
  if (concept !== undefined) return readConcept(concept, decimalComma);
  if (absent !== undefined) return dataAbsent(absent);
  if (OTHER_VALUES.some((name) => part[name] !== undefined)) return { reason: 'not-a-number' };
  for (const name of ['_valueQuantity', '_valueInteger', '_valueString'])
    if (isAbsent(part[name])) return { reason: absenceOf(part[name]) };
  return { reason: 'no-value' };
}

function dataAbsent(reason: Json): ValueUnread {
  const text = textOf(reason) ?? codingsOf(reason)[0]?.code;
  const hidden = codingsOf(reason).some(({ code }) => code === 'masked');
  return { reason: hidden ? 'restricted' : 'data-absent', ...(text === undefined ? {} : { text }) };
}

function isAbsent(shadow: unknown): boolean {
  return (
    isObject(shadow) &&
    Array.isArray(shadow.extension) &&
    shadow.extension.some((extension) => isObject(extension) && extension.url === ABSENT_EXTENSION)
  );
}

/** Absent, or hidden on purpose. */
function absenceOf(shadow: unknown): 'data-absent' | 'restricted' {
  const extensions = isObject(shadow) && Array.isArray(shadow.extension) ? shadow.extension : [];
  return extensions.some((extension) => isObject(extension) && extension.valueCode === 'masked')
    ? 'restricted'
    : 'data-absent';
}

function readQuantity(quantity: Json): NumberRead | ValueUnread {
  const value = number(quantity.value);
  if (value === undefined)
    return {
      reason: isAbsent(quantity._value)
        ? absenceOf(quantity._value)
        : isAbsent(quantity)
          ? absenceOf(quantity)
          : 'no-value',
    };
  const comparator = string(quantity.comparator);
  const code = string(quantity.code);
  const unit = string(quantity.unit);
  if (comparator !== undefined && !COMPARATORS.has(comparator))
    return { reason: 'not-a-number', text: `${comparator}${value} ${unit ?? code ?? ''}`.trim() };
  const coded = code !== undefined && (quantity.system === UCUM || quantity.system === undefined);
  const read: { -readonly [K in keyof NumberRead]: NumberRead[K] } = { readings: [value] };
  if (comparator !== undefined) read.comparator = comparator as Comparator;
  if (coded) read.unitCode = code;
  if (unit !== undefined) read.unitText = unit;
  return read;
}

function readConcept(concept: Json, decimalComma: boolean | undefined): NumberRead | ValueUnread {
  if (codingsOf(concept).some((coding) => coding.system === DATA_ABSENT)) return dataAbsent(concept);
  const text = textOf(concept);
  return text === undefined ? { reason: 'not-a-number' } : readWords(text, decimalComma);
}

const WORDS =
  /^\*?\s*(<=|>=|<|>|≤|≥|LESS THAN OR EQUAL TO|GREATER THAN OR EQUAL TO|LESS THAN|GREATER THAN|LT|GT)?\s*([-+]?[\d.,]*\d)(?:\s*(?!e\d|\/\d)([^\s\d<>=*:(),+-][^\s<>=*:(),]*))?\s*(?:\(?(?:HH|LL|H|L|A|N)\)?|\*)*$/i;
const SIGNS: Readonly<Record<string, Comparator>> = {
  '<': '<',
  'LESS THAN': '<',
  LT: '<',
  '>': '>',
  'GREATER THAN': '>',
  GT: '>',
  '<=': '<=',
  '≤': '<=',
  'LESS THAN OR EQUAL TO': '<=',
  '>=': '>=',
  '≥': '>=',
  'GREATER THAN OR EQUAL TO': '>=',
};
const FLAGS: ReadonlySet<string> = new Set(['H', 'L', 'HH', 'LL', 'A', 'N']);

/** The grammar of results given as text: `<0.5`, `> 90`, `GT 45`, `*5.1 H`, `1,234.5`. Ranges, titres, `12/0` and words are no numbers. */
export function readWords(words: string, decimalComma?: boolean): NumberRead | ValueUnread {
  const text = words.trim();
  const parts = text.length > 60 ? null : WORDS.exec(text);
  const readings = parts === null ? [] : numeralReadings(parts[2] ?? '', decimalComma);
  if (parts === null || readings.length === 0) return { reason: 'not-a-number', text };
  const comparator = SIGNS[(parts[1] ?? '').toUpperCase()];
  const unit = parts[3] !== undefined && !FLAGS.has(parts[3].toUpperCase()) ? parts[3] : undefined;
  return {
    readings,
    ...(comparator === undefined ? {} : { comparator }),
    ...(unit === undefined ? {} : { unitText: unit }),
    text,
  };
}

const PLAIN = /^[-+]?(?:\d+(?:\.\d+)?|\.\d+)$/;
const GROUPED = /^[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;
const GROUPED_BY_POINT = /^[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/;
const DECIMAL_COMMA = /^[-+]?\d+,\d+$/;

/**
 * Every value a numeral can stand for; `1,234` and `1.234` can be two, `1,234.5` and `0,5` only one. Where a site says
 * how it writes numbers there is one, and what is written the other way stands for nothing.
 */
function numeralReadings(numeral: string, decimalComma: boolean | undefined): readonly number[] {
  const grouped = decimalComma !== false && GROUPED_BY_POINT.test(numeral);
  if (PLAIN.test(numeral) && !grouped) return [Number(numeral)];
  const found = new Set<number>();
  if (decimalComma === undefined && PLAIN.test(numeral)) found.add(Number(numeral));
  if (decimalComma !== true && GROUPED.test(numeral)) found.add(Number(numeral.replaceAll(',', '')));
  if (decimalComma !== false && GROUPED_BY_POINT.test(numeral))
    found.add(Number(numeral.replaceAll('.', '').replace(',', '.')));
  if (decimalComma !== false && DECIMAL_COMMA.test(numeral)) found.add(Number(numeral.replace(',', '.')));
  return [...found];
}
