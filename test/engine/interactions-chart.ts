/** Facts made from the short charts of `*.cases.json`, and a library of the knowledge files alone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type {
  CodedFact,
  ConditionFact,
  Facts,
  MedicationFact,
  ObservationFact,
  RouteClass,
  SourceState,
} from '../../models/engine/facts/facts.ts';
import { evaluateInteractions } from '../../models/engine/interactions/evaluate.ts';
import type {
  DrugClass,
  IngredientProfile,
  Interaction,
  Library,
  RegressionModel,
  Rule,
  ValueSet,
} from '../../models/engine/library.ts';
import type { Citation, When } from '../../models/engine/measured.ts';
import { createResolver } from '../../models/engine/resolve.ts';

/** One medicine of a short chart; without an RxCUI it was not recognised. */
export interface ShortMedicine {
  readonly rxcui?: string;
  readonly name: string;
  readonly route?: RouteClass;
  readonly state?: MedicationFact['state'];
  readonly start?: string;
  readonly end?: string;
  readonly dailyDose?: { readonly value: number; readonly unit: string };
  readonly asNeeded?: boolean;
}

/** A short chart: everything not said was read and is empty. */
export interface Chart {
  readonly age?: number;
  readonly sex?: 'female' | 'male';
  readonly deceased?: boolean;
  readonly pregnant?: boolean;
  readonly medicines?: readonly ShortMedicine[];
  readonly results?: Readonly<
    Record<string, { value: number; unit: string; date: string; extreme?: boolean; comparator?: '<' | '>' }>
  >;
  readonly conditions?: readonly { system: string; code: string; text: string; active?: boolean }[];
  readonly medicationList?: SourceState;
  readonly conditionList?: SourceState;
  readonly laboratory?: SourceState;
}

/** A case beside a knowledge file. */
export interface Case {
  readonly name: string;
  readonly chart: Chart;
  readonly expect: {
    readonly status: string;
    readonly indicator?: string;
    readonly says?: string;
    readonly because?: string;
  };
}

export const NOW = Date.parse('2026-11-20T09:00:00Z');

export function on(date: string): When {
  return {
    start: Date.parse(`${date}T00:00:00Z`),
    end: Date.parse(`${date}T23:59:59.999Z`),
    precision: 'day',
    text: date,
  };
}

export function factsOf(chart: Chart): Facts {
  const results = Object.entries(chart.results ?? {}).map(([key, result]): [string, readonly ObservationFact[]] => [
    key,
    [
      {
        path: `observation.${key}`,
        status: 'final',
        value: result.value,
        unit: result.unit,
        effective: on(result.date),
        source: `Observation/${key}`,
        ...(result.extreme ? { extreme: true } : {}),
        ...(result.comparator ? { comparator: result.comparator } : {}),
      },
    ],
  ]);
  const pregnancy: CodedFact = {
    path: 'observation.pregnancy-status',
    value: 'pregnant',
    codings: [],
    effective: on('2026-11-19'),
    source: 'Observation/pregnancy',
  };
  const state = (id: string, said: SourceState | undefined, count: number) => ({
    id,
    state: said ?? (count > 0 ? ('read' as const) : ('empty' as const)),
    count,
    pages: 1,
  });
  return {
    patient: {
      id: 'case',
      name: 'Case',
      ...(chart.age === undefined ? {} : { age: chart.age }),
      sex: chart.sex ?? 'male',
      deceased: chart.deceased ?? false,
      active: true,
      replaced: false,
      source: 'Patient/case',
    },
    observation: Object.fromEntries(results),
    coded: chart.pregnant ? { 'pregnancy-status': [pregnancy] } : {},
    condition: (chart.conditions ?? []).map(
      ({ system, code, text, active = true }, index): ConditionFact => ({
        codings: [{ system, code }],
        text,
        clinicalStatus: active ? 'active' : 'resolved',
        active,
        source: `Condition/${index}`,
      }),
    ),
    allergy: [],
    medication: (chart.medicines ?? []).map(medicine),
    unread: [],
    sources: [
      state('patient', undefined, 1),
      state('laboratory', chart.laboratory, results.length),
      state('vital-signs', undefined, 0),
      state('social-history', undefined, 0),
      state('conditions', chart.conditionList, chart.conditions?.length ?? 0),
      state('allergies', undefined, 0),
      state('medications', chart.medicationList, chart.medicines?.length ?? 0),
    ],
  };
}

export function medicine(short: ShortMedicine, index = 0): MedicationFact {
  const { rxcui, name, route, state, start, end, dailyDose, asNeeded } = short;
  return {
    text: name,
    ingredients: rxcui ? [{ rxcui, name }] : [],
    resolution: rxcui ? 'coded' : 'unresolved',
    state: state ?? 'active',
    reported: false,
    asNeeded: asNeeded ?? false,
    route: route ?? 'systemic',
    ...(start ? { start: on(start) } : {}),
    ...(end ? { end: on(end) } : {}),
    ...(dailyDose ? { dailyDose } : {}),
    sources: [`MedicationRequest/${index}`],
  };
}

const models = new URL('../../models/', import.meta.url);

/** The JSON files of a folder under `models/`, without the cases. */
export function knowledge<T>(folder: string): readonly T[] {
  const at = new URL(`${folder}/`, models);
  if (!existsSync(at)) return [];
  return readdirSync(at)
    .filter((name) => name.endsWith('.json') && !name.endsWith('.cases.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, at), 'utf8')) as T);
}

export function casesBeside(folder: string, id: string): readonly Case[] {
  if (!existsSync(new URL(`${folder}/${id}.cases.json`, models))) return [];
  return (JSON.parse(readFileSync(new URL(`${folder}/${id}.cases.json`, models), 'utf8')) as { cases: Case[] }).cases;
}

interface IngredientGroup {
  readonly citations: Readonly<Record<string, Citation>>;
  readonly ingredients: readonly (IngredientProfile & { readonly basis: Readonly<Record<string, string>> })[];
}

/** The profiles of a file, with what rests on a document named as the server names it. */
function profilesOf({ citations, ingredients }: IngredientGroup): readonly IngredientProfile[] {
  return ingredients.map(({ basis, ...profile }) => {
    const traits = profile.traits ?? {};
    const sourced = Object.keys(traits).filter(
      (trait) => citations[basis[trait] ?? basis.default ?? '']?.basis !== 'recalled',
    );
    return { ...profile, classes: profile.classes ?? [], traits, sourced };
  });
}

/** What the engine says of an interaction on a chart; of one that the patient does not have, what it says of all others. */
export function judged(id: string, chart: Chart, of: Library = library): Evaluation {
  const facts = factsOf(chart);
  const resolver = createResolver({ facts, library: of, now: NOW });
  const evaluations = evaluateInteractions({ facts, library: of, resolver, now: NOW });
  const found =
    evaluations.find((evaluation) => evaluation.id === id || evaluation.id.startsWith(`${id}/`)) ??
    evaluations.find((evaluation) => evaluation.id === 'interactions');
  if (!found) throw new Error(`no evaluation of ${id}`);
  return found;
}

/** Does the evaluation say what the case expects? */
export function agrees(evaluation: Evaluation, wanted: Case['expect']): boolean {
  if (evaluation.status !== wanted.status) return false;
  switch (evaluation.status) {
    case 'finding':
      return (
        evaluation.finding.indicator === wanted.indicator && evaluation.finding.summary.includes(wanted.says ?? '')
      );
    case 'not-applicable':
      return evaluation.because.code === wanted.because;
    case 'data-required':
      return evaluation.missing
        .map(({ text }) => text)
        .join()
        .includes(wanted.says ?? '');
    case 'failure':
      return true;
  }
}

/** Gives the laboratory's own eGFR as `derived.egfr`, so that a case can name the eGFR it is about. */
const reportedEgfr: RegressionModel = {
  kind: 'regression',
  id: 'reported-egfr',
  version: '0',
  title: 'eGFR as reported',
  population: { text: 'anyone', age: [0, 130], pregnant: 'allowed' },
  inputs: [{ name: 'reported', fact: 'observation.egfr', label: 'eGFR', unit: 'mL/min/{1.73_m2}', required: true }],
  outcomes: [{ id: 'egfr', title: 'eGFR', unit: 'mL/min/{1.73_m2}' }],
  equation: { egfr: { op: 'name', name: 'reported' } },
  limitation: '',
  citations: [],
  provides: 'derived.egfr',
  card: { kind: 'evidence-based', name: 'reported', version: '0' },
};

export const library: Library = {
  version: 'test',
  digest: 'sha256:test',
  risk: [reportedEgfr],
  interactions: knowledge<Interaction>('interactions'),
  rules: knowledge<Rule>('rules'),
  valueSets: knowledge<ValueSet>('value-sets'),
  drugClasses: knowledge<DrugClass>('drugs/classes').map((one) => ({ ...one, members: one.members ?? [] })),
  ingredients: knowledge<IngredientGroup>('drugs/ingredients').flatMap(profilesOf),
  drugTable: { asOf: '2025-10-06', sha256: '', url: '' },
};

/** The facts that an expression names, as `kind.key`. */
export function placesIn(expression: string): readonly string[] {
  return [...expression.matchAll(/\b(patient|observation|derived|condition|history|takes)\.(\w+)/g)].map(
    ([place]) => place,
  );
}
