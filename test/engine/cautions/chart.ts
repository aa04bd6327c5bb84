/** Facts made from the one-line charts of `cautions/*.cases.json`, on the library as the server reads it. */
import type { AllergyFact, Facts, MedicationFact, SourceState } from '../../../models/engine/facts/facts.ts';
import type { Library } from '../../../models/engine/library.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { loadLibrary } from '../../../server/library.ts';
import { daysAgo, NOW } from '../made-facts.ts';

/** RxCUI and name. */
export type Drug = readonly [string, string];

/** A chart in one line; what is not said was read and is empty. Conditions are value-set ids. */
export interface ShortChart {
  readonly age?: number;
  readonly sex?: 'female' | 'male';
  readonly takes?: Drug;
  readonly also?: readonly Drug[];
  readonly route?: MedicationFact['route'];
  readonly state?: MedicationFact['state'];
  /** For how many days `takes` has been taken. */
  readonly days?: number;
  readonly dose?: readonly [number, string];
  readonly active?: readonly string[];
  readonly past?: readonly string[];
  readonly results?: Readonly<Record<string, number>>;
  readonly smoking?: string;
  readonly pregnancy?: string;
  readonly allergy?: readonly Partial<AllergyFact>[];
  readonly sources?: Readonly<Record<string, SourceState>>;
  readonly deceased?: boolean;
}

export { NOW };
export const { library } = await loadLibrary({ dir: new URL('../../../models', import.meta.url).pathname });

const UNITS: Readonly<Record<string, string>> = {
  egfr: 'mL/min/{1.73_m2}',
  potassium: 'mmol/L',
  calcium: 'mg/dL',
  'heart-rate': '/min',
  'systolic-blood-pressure': 'mm[Hg]',
};
const SOURCES = ['patient', 'laboratory', 'vital-signs', 'social-history', 'conditions', 'allergies', 'medications'];

export function factsOf(chart: ShortChart): Facts {
  const { age = 45, sex = 'male', takes, also = [], sources = {} } = chart;
  const drugs = [...(takes ? [takes] : []), ...also];
  const coded = (key: string, value: string | undefined) =>
    value === undefined
      ? {}
      : {
          [key]: [
            { path: `observation.${key}`, value, codings: [], effective: daysAgo(5), source: `Observation/${key}` },
          ],
        };
  return {
    patient: {
      id: 'p',
      name: 'Test',
      age,
      sex,
      deceased: chart.deceased ?? false,
      active: true,
      replaced: false,
      source: 'Patient/p',
    },
    observation: Object.fromEntries(
      Object.entries(chart.results ?? {}).map(([key, value]) => [
        key,
        [
          {
            path: `observation.${key}`,
            status: 'final' as const,
            value,
            unit: UNITS[key] ?? '1',
            effective: daysAgo(3),
            source: `Observation/${key}`,
          },
        ],
      ]),
    ),
    coded: { ...coded('smoking-status', chart.smoking), ...coded('pregnancy-status', chart.pregnancy) },
    condition: [
      ...(chart.active ?? []).map((id) => problem(id, true)),
      ...(chart.past ?? []).map((id) => problem(id, false)),
    ],
    allergy: (chart.allergy ?? []).map((entry, index) => ({
      codings: [],
      text: '',
      kind: 'unknown',
      source: `AllergyIntolerance/${index}`,
      ...entry,
    })),
    medication: drugs.map((drug, index) => medicine(drug, index, index === 0 ? chart : {})),
    unread: [],
    sources: SOURCES.map((id) => ({ id, state: sources[id] ?? 'read', count: 1, pages: 1 })),
  };
}

function problem(id: string, active: boolean): Facts['condition'][number] {
  const coding = library.valueSets.find((set) => set.id === id)?.codes[0];
  if (!coding) throw new Error(`no value set ${id}`);
  return {
    codings: [coding],
    text: id,
    clinicalStatus: active ? 'active' : 'resolved',
    active,
    source: `Condition/${id}`,
  };
}

function medicine([rxcui, name]: Drug, index: number, { route, state, days, dose }: ShortChart): MedicationFact {
  return {
    text: name,
    ingredients: [{ rxcui, name }],
    resolution: 'coded',
    state: state ?? 'active',
    reported: false,
    asNeeded: false,
    route: route ?? 'systemic',
    ...(dose ? { dailyDose: { value: dose[0], unit: dose[1] } } : {}),
    ...(days === undefined ? {} : { start: daysAgo(days) }),
    sources: [`MedicationRequest/${index}`],
  };
}

export function sceneOf(chart: ShortChart, using: Library = library) {
  const facts = factsOf(chart);
  return { facts, library: using, now: NOW, resolver: createResolver({ facts, library: using, now: NOW }) };
}
