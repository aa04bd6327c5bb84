/** A short case ("citalopram 40 mg", K 3.2, "upper GI bleed") as the FHIR Bundle that a chart would be. */
import { z } from 'zod';
import { ANALYTE_BY_LOINC } from '../../models/engine/facts/analytes.ts';
import type { Library, ValueSet } from '../../models/engine/library.ts';

const medicine = z.union([
  z.string(),
  z.looseObject({
    name: z.string(),
    dose: z.string().exactOptional(),
    route: z.string().exactOptional(),
    started: z.string().exactOptional(),
    stopped: z.string().exactOptional(),
  }),
]);

/** One case as it is written. */
export const contextCase = z.looseObject({
  id: z.string(),
  meds: z.array(medicine),
  labs: z.record(z.string(), z.number()).exactOptional(),
  age: z.number().exactOptional(),
  sex: z.string().exactOptional(),
  hx: z.array(z.string()).exactOptional(),
  expect: z.string(),
});
export type ContextCase = z.infer<typeof contextCase>;

const DAY = 86_400_000;
const LOINC: Readonly<Record<string, string>> = {
  k: '2823-3',
  qtc: '8636-3',
  egfr: '98979-8',
  dig: '10535-3',
  inr: '6301-6',
  na: '2951-2',
  mg: '19123-9',
  cr: '2160-0',
  li: '14334-7',
  hr: '8867-4',
};
/** Words of a history that are not the title of a value set → its id. */
const HISTORY: readonly (readonly [RegExp, string])[] = [
  [/(?:gi|gastrointestinal) bleed|ulcer|prior bleed|melena/i, 'upper-gi-bleed'],
  [/diabet/i, 'diabetes'],
  [/heart failure|\bhf\b|chf/i, 'heart-failure'],
  [/atrial fib|\baf\b/i, 'atrial-fibrillation'],
  [/\bckd\b|kidney disease/i, 'chronic-kidney-disease'],
  [/hypertension|\bhtn\b/i, 'hypertension'],
  [/stroke|tia\b/i, 'stroke-or-tia'],
  [/cirrhosis/i, 'cirrhosis'],
];
const UNIT_DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 };

/** The Bundle of one case, and the words that mean nothing here. */
export function bundleOf(
  one: ContextCase,
  { library, now }: { readonly library: Library; readonly now: number },
): { readonly bundle: unknown; readonly notUnderstood: readonly string[] } {
  const notUnderstood: string[] = [];
  const resources = [
    patientOf(one, now),
    ...one.meds.map((each, index) => medicationRequest(each, index, now)),
    ...Object.entries(one.labs ?? {}).flatMap(([key, value], index) => {
      const observation = observationOf(key, value, index, now);
      if (!observation) notUnderstood.push(`lab ${key}`);
      return observation ? [observation] : [];
    }),
    ...(one.hx ?? []).flatMap((words, index) => {
      const condition = conditionOf(words, index, library);
      if (!condition) notUnderstood.push(`history ${words}`);
      return condition ? [condition] : [];
    }),
  ];
  const entry = resources.map((resource) => ({ resource }));
  return { bundle: { resourceType: 'Bundle', type: 'collection', entry }, notUnderstood };
}

function patientOf({ age, sex }: ContextCase, now: number) {
  const birthDate = age === undefined ? {} : { birthDate: day(now - (age + 0.5) * 365.25 * DAY) };
  return {
    resourceType: 'Patient',
    id: 'case',
    name: [{ text: 'Case' }],
    ...birthDate,
    ...(sex ? { gender: /^f/i.test(sex) ? 'female' : 'male' } : {}),
  };
}

/** `citalopram 40 mg`, `diclofenac topical`, `amiodarone stopped 3 weeks ago`, or the same in fields. */
function medicationRequest(given: z.infer<typeof medicine>, index: number, now: number) {
  const { name, dose = '', route = '', started, stopped } = typeof given === 'string' ? spelled(given) : given;
  const text = [name, dose, route].filter((part) => part !== '').join(' ');
  const said = /([\d.]+) ?(mg|mcg|g)\b/i.exec(dose);
  const times = /\b(?:bid|twice)\b/i.test(text)
    ? 2
    : /\b(?:tid|three times)\b/i.test(text)
      ? 3
      : /\b(?:qid|four times)\b/i.test(text)
        ? 4
        : 1;
  const dosage = said
    ? {
        text: dose,
        timing: { repeat: { frequency: times, period: 1, periodUnit: 'd' } },
        doseAndRate: [
          {
            doseQuantity: {
              value: Number(said[1]),
              unit: said[2],
              system: 'http://unitsofmeasure.org',
              code: said[2]?.toLowerCase(),
            },
          },
        ],
      }
    : undefined;
  const start = agoIn(started ?? '', now);
  const end = agoIn(stopped ?? '', now);
  return {
    resourceType: 'MedicationRequest',
    id: `m${index}`,
    status: end ? 'stopped' : 'active',
    intent: 'order',
    subject: { reference: 'Patient/case' },
    medicationCodeableConcept: { text },
    ...(start ? { authoredOn: start } : {}),
    dosageInstruction: [
      {
        ...dosage,
        ...(end ? { timing: { repeat: { boundsPeriod: { start: start ?? day(now - 365 * DAY), end } } } } : {}),
      },
    ],
  };
}

function spelled(words: string) {
  const stopped = /,? ?\(?(?:stopped|discontinued) ([^,)]*)\)?/i.exec(words);
  const started = /,? ?\(?(?:started|since|for) ([^,)]*)\)?/i.exec(words);
  const bare = words
    .replace(stopped?.[0] ?? '', '')
    .replace(started?.[0] ?? '', '')
    .trim();
  const dose = /\b[\d.]+ ?(?:mg|mcg|g)\b.*$/i.exec(bare)?.[0] ?? '';
  const name = bare.replace(dose, '').trim();
  return {
    name,
    dose,
    route: '',
    ...(started ? { started: started[1] ?? '' } : {}),
    ...(stopped ? { stopped: stopped[1] ?? '' } : {}),
  };
}

/** `3 weeks ago`, `90 days`, `today`, or a date → a date. */
function agoIn(words: string, now: number): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}/.test(words)) return words;
  if (/today|now/i.test(words)) return day(now);
  if (/yesterday/i.test(words)) return day(now - DAY);
  const [, count, unit = ''] = /(\d+) ?(day|week|month|year)/i.exec(words) ?? [];
  return count === undefined ? undefined : day(now - Number(count) * (UNIT_DAYS[unit.toLowerCase()] ?? 1) * DAY);
}

/** The result as of yesterday, in the unit that the measurement has here. */
function observationOf(key: string, value: number, index: number, now: number) {
  const code = LOINC[key.toLowerCase()] ?? key;
  const match = ANALYTE_BY_LOINC.get(code);
  if (!match) return undefined;
  const { unit, category, label } = match.analyte;
  return {
    resourceType: 'Observation',
    id: `o${index}`,
    status: 'final',
    subject: { reference: 'Patient/case' },
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] }],
    code: { coding: [{ system: 'http://loinc.org', code }], text: label },
    effectiveDateTime: new Date(now - DAY).toISOString(),
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

function conditionOf(words: string, index: number, { valueSets }: Library) {
  const set = valueSetOf(words, valueSets);
  const coding = set?.codes.find(({ prefix }) => !prefix) ?? set?.codes[0];
  if (!coding) return undefined;
  return {
    resourceType: 'Condition',
    id: `c${index}`,
    subject: { reference: 'Patient/case' },
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { coding: [{ system: coding.system, code: coding.code }], text: words },
  };
}

/** By id or title first, then by a display, then by the words that clinicians use. */
function valueSetOf(words: string, sets: readonly ValueSet[]): ValueSet | undefined {
  const plain = words.trim().toLowerCase();
  const spoken = HISTORY.find(([pattern]) => pattern.test(words))?.[1];
  return (
    sets.find(({ id, title }) => id === plain.replaceAll(/[^a-z0-9]+/g, '-') || title.toLowerCase() === plain) ??
    sets.find(({ id }) => id === spoken) ??
    sets.find(({ codes }) => codes.some(({ display }) => display?.toLowerCase() === plain))
  );
}

function day(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
