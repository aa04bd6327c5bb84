/** Charts for the injury tests: series of values and medicines with their starts and ends, in days before now. */
import type { Facts, MedicationFact, ObservationFact } from '../../../models/engine/facts/facts.ts';
import { evaluateInjuries } from '../../../models/engine/injury/evaluate.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { daysAgo, type MadeFacts, madeFacts, NOW } from '../made-facts.ts';

export const { library } = await loadLibrary({ dir: 'models' });

const UNITS: Readonly<Record<string, string>> = {
  alt: 'U/L',
  ast: 'U/L',
  'alkaline-phosphatase': 'U/L',
  bilirubin: 'mg/dL',
  creatinine: 'mg/dL',
  platelets: '10*3/uL',
  potassium: 'mmol/L',
  sodium: 'mmol/L',
  qtc: 'ms',
};

/** `[days ago, value]`, with what else the fact says. */
export type Value = readonly [number, number, Partial<ObservationFact>?];

export interface Medicine {
  readonly rxcui: string;
  readonly name: string;
  /** Days ago. */
  readonly from?: number;
  readonly to?: number;
  readonly state?: MedicationFact['state'];
}

export interface Chart {
  readonly values: Readonly<Record<string, readonly Value[]>>;
  readonly medicines?: readonly Medicine[];
  readonly made?: MadeFacts;
  readonly more?: Partial<Facts>;
}

export const ISONIAZID = { rxcui: '6038', name: 'isoniazid' };
export const ATORVASTATIN = { rxcui: '83367', name: 'atorvastatin' };
export const METFORMIN = { rxcui: '6809', name: 'metformin' };
export const IBUPROFEN = { rxcui: '5640', name: 'ibuprofen' };
export const LISINOPRIL = { rxcui: '29046', name: 'lisinopril' };
export const ENOXAPARIN = { rxcui: '67108', name: 'enoxaparin' };
export const AMIODARONE = { rxcui: '703', name: 'amiodarone' };

export function factsOf({ values, medicines = [], made = {}, more = {} }: Chart): Facts {
  const base = madeFacts({ 'patient.age': 60, 'patient.sex': 'male', ...made }, library);
  const observation = Object.fromEntries(
    Object.entries(values).map(([key, list]) => [
      key,
      list
        .map(
          ([days, value, besides = {}], index): ObservationFact => ({
            path: `observation.${key}`,
            value,
            unit: UNITS[key] ?? '1',
            effective: daysAgo(days),
            source: `Observation/${key}-${index}`,
            status: 'final',
            ...besides,
          }),
        )
        .sort((a, b) => b.effective.start - a.effective.start),
    ]),
  );
  const medication = medicines.map(
    ({ rxcui, name, from, to, state }): MedicationFact => ({
      text: name,
      ingredients: [{ rxcui, name }],
      resolution: 'coded',
      state: state ?? (to === undefined ? 'active' : 'recently-stopped'),
      reported: false,
      asNeeded: false,
      route: 'systemic',
      ...(from === undefined ? {} : { start: daysAgo(from) }),
      ...(to === undefined ? {} : { end: daysAgo(to) }),
      sources: [`MedicationRequest/${rxcui}`],
    }),
  );
  return { ...base, observation, medication, ...more };
}

/** By id. */
export function judged(chart: Chart) {
  const facts = factsOf(chart);
  const resolver = createResolver({ facts, library, now: NOW });
  return new Map(evaluateInjuries({ facts, library, resolver, now: NOW }).map((each) => [each.id, each]));
}

/** The finding of one injury, or why there is none. */
export function told(id: string, chart: Chart) {
  const evaluation = judged(chart).get(id);
  if (evaluation?.status === 'finding') return evaluation.finding;
  if (evaluation?.status === 'not-applicable') return evaluation.because.text;
  return evaluation?.status;
}

/** The finding, or an error that says why there is none. */
export function finding(id: string, chart: Chart) {
  const found = told(id, chart);
  if (typeof found !== 'object') throw new Error(`no finding: ${found}`);
  return found;
}
