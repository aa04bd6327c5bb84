/** Whatever form a result comes in: it is exactly what was meant, or it is refused. Whatever is damaged: nothing gets surer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANALYTES, type Analyte } from '../../../models/engine/facts/analytes.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { readFacts } from '../../../models/engine/facts/read.ts';
import { conversionFor, convert, KNOWN_UNITS } from '../../../models/engine/facts/units.ts';
import { DRUGS, lab, loinc, NOW, order, PATIENT, read, ucum } from './charts.ts';

const unitsOf = (analyte: Analyte): readonly string[] =>
  KNOWN_UNITS.filter((unit) => conversionFor(analyte, unit) !== undefined);

/** An analyte, one of its codes, a unit that code can come in, and a possible value in that unit with four digits. */
const measurement = fc
  .constantFrom(...ANALYTES.filter(({ dimensionless }) => !dimensionless))
  .chain((analyte) =>
    fc.record({
      analyte: fc.constant(analyte),
      code: fc.constantFrom(...analyte.codes.filter(({ mustSay }) => mustSay === undefined)),
      unit: fc.constantFrom(...unitsOf(analyte)),
      share: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    }),
  )
  .filter(({ code, unit }) => code !== undefined && (code.only === undefined || code.only.includes(unit)))
  .map(({ analyte, code, unit, share }) => {
    const [low, high] = analyte.plausible;
    const canonical = low + share * (high - low);
    const there = convert({ analyte, value: canonical, from: analyte.unit, to: unit }) ?? Number.NaN;
    return { analyte, code, unit, value: Number(there.toPrecision(4)) };
  })
  .filter(({ analyte, unit, value }) => {
    const back = convert({ analyte, value, from: unit, to: analyte.unit }) ?? Number.NaN;
    return back >= analyte.plausible[0] && back <= analyte.plausible[1];
  });

/** Ways to write a unit that change nothing. */
const written = (unit: string) =>
  fc.constantFrom(
    unit,
    unit.toUpperCase(),
    unit.toLowerCase(),
    ` ${unit} `,
    unit.replace('/', ' / '),
    unit.replace(/^u/, 'µ'),
  );

/** Plain decimal digits of a number, as a laboratory prints them. */
function plain(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '').replace(/\.$/, '') : text;
}

function numeral(value: number, style: 'plain' | 'us' | 'eu'): string {
  const [whole = '', fraction] = plain(value).split('.');
  if (style === 'plain') return plain(value);
  const [mark, point] = style === 'us' ? [',', '.'] : ['.', ','];
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, mark);
  return fraction === undefined ? grouped : `${grouped}${point}${fraction}`;
}

const SIGNS = {
  '': undefined,
  '<': '<',
  '> ': '>',
  'LESS THAN ': '<',
  'greater than ': '>',
  '<=': '<=',
  '≥': '>=',
} as const;

describe('a result in any form', () => {
  it('as a quantity goes into the one unit and back, exact to 1e-9, or is refused', () => {
    let kept = 0;
    fc.assert(
      fc.property(
        measurement.chain((one) =>
          fc.record({
            one: fc.constant(one),
            text: written(one.unit),
            shape: fc.constantFrom('coded', 'text', 'both'),
            comparator: fc.constantFrom(undefined, '<', '<=', '>', '>='),
          }),
        ),
        ({ one: { analyte, code, unit, value }, text, shape, comparator }) => {
          const quantity = {
            value,
            ...(comparator === undefined ? {} : { comparator }),
            ...(shape === 'coded' ? {} : { unit: text }),
            ...(shape === 'text' ? {} : { system: 'http://unitsofmeasure.org', code: unit }),
          };
          const { observation, unread } = read([lab({ code: loinc(code.loinc), valueQuantity: quantity })]);
          const [fact] = observation[analyte.key] ?? [];
          if (fact === undefined) {
            expect(unread).toHaveLength(1);
            return;
          }
          kept += 1;
          const back = convert({ analyte, value: fact.value, from: fact.unit, to: unit }) ?? Number.NaN;
          expect(Math.abs(back - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
          expect([fact.unit, fact.comparator]).toEqual([analyte.unit, comparator]);
          expect(fact.original?.value ?? fact.value).toBe(value);
        },
      ),
      { numRuns: 3000 },
    );
    // Refusing everything would also be "never wrong".
    expect(kept / 3000).toBeGreaterThan(0.9);
  });

  it('as text in the writing of any country is the number meant, or is refused', () => {
    let kept = 0;
    fc.assert(
      fc.property(
        measurement,
        fc.constantFrom('plain', 'us', 'eu' as const),
        fc.constantFrom(undefined, true, false),
        fc.constantFrom(...(Object.keys(SIGNS) as (keyof typeof SIGNS)[])),
        fc.constantFrom('', ' H', ' (L)', ' *'),
        ({ analyte, code, unit, value }, style, decimalComma, sign, flag) => {
          // A site that writes `1.5` does not say that it writes `1,5`.
          fc.pre(decimalComma === undefined || decimalComma === (style === 'eu'));
          const codeMap = {
            version: '1',
            codes: [],
            units: [],
            ...(decimalComma === undefined ? {} : { decimalComma }),
          };
          const valueString = `${sign}${numeral(value, style as 'plain' | 'us' | 'eu')} ${unit}${flag}`;
          const resource = lab({ code: loinc(code.loinc), valueQuantity: undefined, valueString });
          const [fact] = read([resource], { codeMap }).observation[analyte.key] ?? [];
          if (fact === undefined) return;
          kept += 1;
          const back = convert({ analyte, value: fact.value, from: fact.unit, to: unit }) ?? Number.NaN;
          expect(Math.abs(back - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
          expect(fact.comparator).toBe(SIGNS[sign]);
        },
      ),
      { numRuns: 3000 },
    );
    expect(kept).toBeGreaterThan(1000);
  });

  it('without a unit, or with one that measures something else, is never a number', () => {
    fc.assert(
      fc.property(measurement, fc.constantFrom(...KNOWN_UNITS), ({ analyte, code, value }, other) => {
        const bare = lab({ code: loinc(code.loinc), valueQuantity: { value } });
        expect(read([bare]).observation).toEqual({});
        fc.pre(conversionFor(analyte, other) === undefined);
        const wrong = lab({ code: loinc(code.loinc), valueQuantity: ucum(value, other) });
        expect(read([wrong]).observation).toEqual({});
      }),
      { numRuns: 1000 },
    );
  });

  it('at any precision of date is an interval that holds the moment, in every zone', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1990-01-01'), max: new Date('2026-11-01'), noInvalidDate: true }),
        fc.constantFrom(4, 7, 10, 19),
        fc.constantFrom(undefined, 'America/New_York', 'Europe/Stockholm', 'Pacific/Auckland', 'Asia/Kolkata'),
        (date, length, timeZone) => {
          const local = new Date(
            date
              .toLocaleString('sv-SE', { timeZone: timeZone ?? 'UTC' })
              .replace(' ', 'T')
              .concat('Z'),
          );
          const text = local.toISOString().slice(0, length);
          const zone = timeZone === undefined ? {} : { timeZone };
          const [fact] = read([lab({ effectiveDateTime: text })], zone).observation.creatinine ?? [];
          expect(fact?.effective.text).toBe(text);
          const moment = Math.floor(date.getTime() / 1000) * 1000;
          expect(fact?.effective.start).toBeLessThanOrEqual(moment);
          expect(fact?.effective.end).toBeGreaterThanOrEqual(length === 19 ? moment : moment - 1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

const SNOMED = 'http://snomed.info/sct';
const about = { subject: { reference: 'Patient/p' } };
/** A chart in which much is doubtful: every doubt must survive damage. */
const DOUBTFUL: readonly unknown[] = [
  PATIENT,
  lab({ id: 'final' }),
  lab({ id: 'preliminary', status: 'preliminary', code: loinc('2823-3'), valueQuantity: ucum(7, 'mmol/L') }),
  lab({ id: 'bound', code: loinc('2951-2'), valueQuantity: { ...ucum(120, 'mmol/L'), comparator: '<' } }),
  lab({ id: 'extreme', code: loinc('2823-3'), valueQuantity: ucum(8.4, 'mmol/L') }),
  lab({ id: 'unitless', code: loinc('718-7'), valueQuantity: { value: 12 } }),
  lab({ id: 'other', subject: { reference: 'Patient/q' }, code: loinc('1742-6'), valueQuantity: ucum(30, 'U/L') }),
  lab({ id: 'words', code: loinc('6301-6'), valueQuantity: undefined, valueString: '> 8.0' }),
  order({ id: 'named', medicationCodeableConcept: { text: 'Lisinopril 20 mg tablet' } }),
  order({ id: 'unknown', medicationCodeableConcept: { text: 'Moon herb' } }),
  order({ id: 'stopped', status: 'stopped', medicationCodeableConcept: { text: 'Digoxin 125 mcg tablet' } }),
  {
    resourceType: 'Condition',
    id: 'resolved',
    ...about,
    clinicalStatus: { coding: [{ code: 'resolved' }] },
    code: { coding: [{ system: SNOMED, code: '44054006' }] },
  },
  { ...lab({ id: 'dnr', code: loinc('100822-6'), valueQuantity: undefined }), valueCodeableConcept: { text: 'DNR' } },
  {
    ...lab({ id: 'gene', code: { text: 'CYP2C19 genotype' }, valueQuantity: undefined, status: 'preliminary' }),
    valueString: '*2/*2',
  },
];

function pathsOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, child]) => [[...path, key], ...pathsOf(child, [...path, key])]);
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === String(key) ? replaced(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, child]) => [name, name === key ? replaced(child, rest, by) : child]),
  );
}

/** How sure the facts are, by source and kind: 0 is not there at all. */
function certainty(facts: Facts): ReadonlyMap<string, number> {
  const sure = new Map<string, number>();
  for (const list of Object.values(facts.observation))
    for (const { source, path, comparator, extreme } of list)
      sure.set(`${source} ${path}`, comparator !== undefined || extreme ? 1 : 2);
  for (const { sources, resolution, state } of facts.medication)
    for (const source of sources) {
      sure.set(`${source} drug`, resolution === 'coded' ? 2 : resolution === 'by-name' ? 1 : 0);
      sure.set(`${source} taken`, state === 'active' ? 1 : 0);
    }
  for (const { source, active } of facts.condition) sure.set(`${source} active`, active ? 1 : 0);
  for (const { source, aim } of facts.care ?? []) sure.set(`${source} comfort`, aim === 'comfort' ? 1 : 0);
  for (const { source } of facts.gene ?? []) sure.set(`${source} gene`, 1);
  return sure;
}

describe('damage to a chart', () => {
  const before = certainty(readFacts({ patientId: 'p', resources: DOUBTFUL, drugs: DRUGS, now: NOW }));
  it('anywhere, of any kind of nonsense, never makes anything surer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pathsOf(DOUBTFUL)),
        fc.constantFrom<unknown>(true, [7], { x: 1 }, '~', [], -1e300, '\u0000'),
        (path, by) => {
          const resources = replaced(DOUBTFUL, path, by);
          if (!Array.isArray(resources)) return;
          const after = certainty(readFacts({ patientId: 'p', resources, drugs: DRUGS, now: NOW }));
          // An id that was damaged makes another source of the same resource.
          for (const [what, sure] of after)
            if (before.has(what)) expect([what, sure <= (before.get(what) ?? 0)]).toEqual([what, true]);
            else expect(path.at(-1)).toBe('id');
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('by taking out whole parts, twice over, never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pathsOf(DOUBTFUL)),
        fc.constantFrom(...pathsOf(DOUBTFUL)),
        fc.constantFrom(undefined, null),
        (one, two, nothing) => {
          const once = replaced(DOUBTFUL, one, nothing);
          const resources = typeof once === 'object' && once !== null ? replaced(once, two, nothing) : once;
          readFacts({ patientId: 'p', resources: (resources ?? []) as unknown[], drugs: DRUGS, now: NOW });
        },
      ),
      { numRuns: 2000 },
    );
  });
});
