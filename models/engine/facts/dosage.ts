/** How a medicine is taken: the text for the screen, as needed or not, and the daily dose where it can be read in full. */
import type { UcumUnit } from '../measured.ts';
import { codingsOf, textOf } from './codings.ts';
import type { RouteClass } from './facts.ts';
import { isObject, type Json, Malformed, number, object, objects, string } from './json.ts';
import { routeOfCodings } from './route.ts';
import { ucumUnit } from './units.ts';

export interface Dosage {
  readonly text?: string;
  readonly asNeeded: boolean;
  readonly route?: RouteClass;
  readonly dailyDose?: { readonly value: number; readonly unit: UcumUnit };
}

interface Dose {
  readonly value: number;
  /** UCUM, or `{tablet}` for one solid piece. */
  readonly unit: string;
}

const MASS_UNITS: ReadonlySet<string> = new Set(['kg', 'g', 'mg', 'ug', 'U', '[IU]', 'meq']);
const PIECES = /^(?:\{?(?:tbl|tablet|tablets|tab|tabs|capsule|capsules|cap|caps|pill|pills)\}?)$/i;
const PER_DAY: Readonly<Record<string, number>> = { min: 1440, h: 24, d: 1, wk: 1 / 7 };
const TIMING_CODES: Readonly<Record<string, number>> = {
  QD: 1,
  BID: 2,
  TID: 3,
  QID: 4,
  Q4H: 6,
  Q6H: 4,
  Q8H: 3,
  Q12H: 2,
  AM: 1,
  PM: 1,
  BED: 1,
  WK: 1 / 7,
};

/**
 * Reads `dosageInstruction` or `dosage`. A malformed dosage loses the dose, never the medicine.
 * @param product name of the product: a dose in tablets needs the strength that stands in it
 */
export function readDosage(value: unknown, product: string): Dosage {
  try {
    return describe(objects(value), product);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { asNeeded: false };
  }
}

function describe(instructions: readonly Json[], product: string): Dosage {
  const texts = instructions.flatMap((each) => string(each.text) ?? string(each.patientInstruction) ?? []);
  const asNeeded =
    instructions.some((each) => each.asNeededBoolean === true || isObject(each.asNeededCodeableConcept)) ||
    texts.some((text) => /\b(prn|as needed|if needed|when needed)\b/i.test(text));
  const routes = new Set(instructions.flatMap((each) => routeIn(each) ?? []));
  const [route] = routes;
  const [only] = instructions;
  // "As needed" has a most, not a daily dose; several instructions may be a taper.
  const dailyDose =
    only === undefined || instructions.length > 1 || asNeeded
      ? undefined
      : (structuredDose(only, product) ?? writtenDose(only, product));
  return {
    ...(texts.length === 0 ? {} : { text: texts.join('; ') }),
    asNeeded,
    ...(route === undefined || routes.size > 1 ? {} : { route }),
    ...(dailyDose === undefined ? {} : { dailyDose }),
  };
}

function routeIn(instruction: Json): RouteClass | undefined {
  const concept = object(instruction.route);
  return routeOfCodings(codingsOf(concept), textOf(concept) ?? string(instruction.text));
}

function structuredDose(instruction: Json, product: string): Dosage['dailyDose'] {
  const [rate, ...others] = objects(instruction.doseAndRate);
  if (rate === undefined || others.length > 0) return undefined;
  const quantity = object(rate.doseQuantity);
  const value = number(quantity?.value);
  if (quantity === undefined || value === undefined || value <= 0 || quantity.comparator !== undefined)
    return undefined;
  const unit = string(quantity.unit) ?? string(quantity.code);
  const times = timesPerDay(object(instruction.timing));
  return unit === undefined || times === undefined ? undefined : perDay({ value, unit }, times, product);
}

function timesPerDay(timing: Json | undefined): number | undefined {
  if (timing === undefined) return undefined;
  const repeat = object(timing.repeat);
  if (repeat?.frequencyMax !== undefined || repeat?.periodMax !== undefined || repeat?.count !== undefined)
    return undefined;
  const period = number(repeat?.period);
  const each = PER_DAY[string(repeat?.periodUnit) ?? ''];
  if (repeat !== undefined && period !== undefined && period > 0 && each !== undefined) {
    const moments = Array.isArray(repeat.when) ? repeat.when.length : 0;
    const frequency = number(repeat.frequency) ?? (moments > 0 ? moments : 1);
    const days = Array.isArray(repeat.dayOfWeek) ? repeat.dayOfWeek.length : 0;
    return days > 0 ? undefined : (frequency * each) / period;
  }
  const codes = codingsOf(object(timing.code)).flatMap(({ code }) => TIMING_CODES[code ?? ''] ?? []);
  return codes.length === 1 ? codes[0] : undefined;
}

/**
 * The dose in mass or international units a day; pieces count only with a single strength in the product's name. What is
 * not taken every day has no daily dose: 15 mg of methotrexate a week must never be seen as 2 mg a day, or as 15.
 */
function perDay(dose: Dose, times: number, product: string): Dosage['dailyDose'] {
  if (times < 1) return undefined;
  if (PIECES.test(dose.unit)) {
    const strength = singleStrength(product);
    return strength === undefined ? undefined : { value: dose.value * times * strength.value, unit: strength.unit };
  }
  const unit = ucumUnit(dose.unit);
  return unit !== undefined && MASS_UNITS.has(unit) ? { value: dose.value * times, unit } : undefined;
}

const STRENGTH = /(\d+(?:\.\d+)?)\s*(mg|mcg|g|unt|meq)\b(?!\s*\/)/gi;
const SOLID = /\b(tablet|capsule|tab|cap|caplet)s?\b/i;

function singleStrength(product: string): Dose | undefined {
  // "A 5 MG / B 10 MG" and "per mL" have no strength of a tablet.
  if (product.includes('/') || !SOLID.test(product)) return undefined;
  const [strength, ...others] = [...product.matchAll(STRENGTH)];
  const unit = strength === undefined ? undefined : ucumUnit(strength[2] ?? '');
  return others.length > 0 || unit === undefined ? undefined : { value: Number(strength?.[1]), unit };
}

const WRITTEN_DOSE =
  /(\d[\d.,]*(?:\s*-\s*\d[\d.]*)?|\bone|\btwo|\bhalf)\s*(mg|mcg|g|gm|units?|tablets?|tabs?|capsules?|caps?)\b/gi;
const NUMBER_WORDS: Readonly<Record<string, number>> = { one: 1, two: 2, half: 0.5 };
/** Anything that makes "dose × times a day" wrong. */
const NOT_SIMPLE =
  /\b(then|taper\w*|alternat\w*|every other|or|prn|needed|titrat\w*|increase|decrease|max\w*|per|kg|weekdays|days? (?:of|on)|for)\b|\/(?:kg|h|hr|min)/i;
const WRITTEN_TIMES: readonly (readonly [RegExp, number])[] = [
  [/\b(?:four times (?:a day|daily)|qid|4 times (?:a day|daily))\b/i, 4],
  [/\b(?:three times (?:a day|daily)|tid|3 times (?:a day|daily))\b/i, 3],
  [/\b(?:twice (?:a day|daily)|two times (?:a day|daily)|2 times (?:a day|daily)|bid|every 12 hours|q12h)\b/i, 2],
  [/\b(?:every 8 hours|q8h)\b/i, 3],
  [/\b(?:every 6 hours|q6h)\b/i, 4],
  [/\b(?:(?:once )?(?:a day|daily)|qd|every day|every (?:morning|evening|night)|nightly|at bedtime|qhs|once)\b/i, 1],
  [/\b(?:once (?:a week|weekly)|weekly|every week)\b/i, 1 / 7],
];

/** Simple English only: one dose, one frequency, nothing else that changes either. */
function writtenDose(instruction: Json, product: string): Dosage['dailyDose'] {
  const text = string(instruction.text);
  if (text === undefined || text.length > 120 || NOT_SIMPLE.test(text)) return undefined;
  const [dose, ...others] = [...text.matchAll(WRITTEN_DOSE)];
  if (dose === undefined || others.length > 0) return undefined;
  const written = (dose[1] ?? '').toLowerCase();
  const value = NUMBER_WORDS[written] ?? (/^\d+(\.\d+)?$/.test(written) ? Number(written) : undefined);
  const times = writtenTimes(text);
  const unit = (dose[2] ?? '').toLowerCase();
  return value === undefined || value <= 0 || times === undefined ? undefined : perDay({ value, unit }, times, product);
}

function writtenTimes(text: string): number | undefined {
  const weekly = /\bweek/i.test(text);
  const found = WRITTEN_TIMES.find(([pattern, times]) => pattern.test(text) && (!weekly || times < 1));
  if (found === undefined) return undefined;
  // A second, different frequency in what is left makes it unreadable.
  const rest = text.replace(found[0], ' ');
  const second = WRITTEN_TIMES.find(([pattern]) => pattern.test(rest));
  return second === undefined ||
    (second[1] === 1 &&
      found[1] >= 1 &&
      /at bedtime|every (?:morning|evening|night)|nightly/i.test(text) &&
      found[1] === 1)
    ? found[1]
    : undefined;
}
