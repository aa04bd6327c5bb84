/** Facts made by hand for a test: `{ 'patient.age': 50, 'observation.creatinine': { value: 1, unit: 'mg/dL', daysAgo: 10 } }`. */
import type { Facts, SourceState } from '../../models/engine/facts/facts.ts';
import type { Library } from '../../models/engine/library.ts';
import type { When } from '../../models/engine/measured.ts';

export const NOW = Date.UTC(2026, 10, 20, 9);
const DAY = 86_400_000;
const SOURCES = ['patient', 'laboratory', 'vital-signs', 'social-history', 'conditions', 'allergies', 'medications'];

/** One observation: measured with a unit, or a word. */
export interface MadeObservation {
  readonly value: number | string;
  readonly unit?: string;
  readonly daysAgo?: number;
  readonly extreme?: boolean;
  readonly comparator?: '<' | '>';
}
/** A medicine: `true`, or with its start. */
export interface MadeMedicine {
  readonly daysAgo?: number;
  readonly planned?: boolean;
}
export type MadeFacts = Readonly<Record<string, unknown>>;

export function daysAgo(days: number): When {
  const start = NOW - days * DAY;
  return { start, end: start, precision: 'instant', text: new Date(start).toISOString() };
}

/** The site's settings among the made facts: `{ 'site.score2-region': 'low' }`. */
export function madeSite(made: MadeFacts): Pick<Library, 'site'> {
  const settings = Object.entries(made).filter(([path]) => path.startsWith('site.'));
  return settings.length === 0
    ? {}
    : { site: Object.fromEntries(settings.map(([path, value]) => [path.slice('site.'.length), value as string])) };
}

/** `condition.x` is active, `history.x` resolved; `medication.x` is the first member of the class, active and oral. */
export function madeFacts(made: MadeFacts, library: Library): Facts {
  const states = (made.sources ?? {}) as Readonly<Record<string, SourceState>>;
  const of = (prefix: string) =>
    Object.entries(made).flatMap(([path, value]) =>
      path.startsWith(`${prefix}.`) ? [[path.slice(prefix.length + 1), value] as const] : [],
    );
  const observations = of('observation').map(([key, value]) => [key, value as MadeObservation] as const);
  const condition =
    (active: boolean) =>
    ([id]: readonly [string, unknown]) => {
      const [code] = library.valueSets.find((set) => set.id === id)?.codes ?? [];
      if (!code) throw new Error(`no value set ${id}`);
      return {
        codings: [code],
        text: code.display ?? id,
        clinicalStatus: active ? ('active' as const) : ('resolved' as const),
        active,
        source: `Condition/${id}`,
      };
    };
  return {
    patient: {
      id: 'p',
      name: 'Test Patient',
      ...(made['patient.age'] === undefined ? {} : { age: made['patient.age'] as number }),
      ...(made['patient.sex'] === undefined ? {} : { sex: made['patient.sex'] as 'female' | 'male' }),
      deceased: made['patient.deceased'] === true,
      active: true,
      replaced: made['patient.replaced'] === true,
      source: 'Patient/p',
    },
    asked: Object.fromEntries(of('asked').map(([name, value]) => [name, { value: value as number | string, at: NOW }])),
    observation: Object.fromEntries(
      observations.flatMap(([key, { value, unit, daysAgo: days = 1, extreme, comparator }]) =>
        typeof value === 'number'
          ? [
              [
                key,
                [
                  {
                    path: `observation.${key}`,
                    value,
                    unit: unit ?? '1',
                    effective: daysAgo(days),
                    source: `Observation/${key}`,
                    status: 'final' as const,
                    ...(extreme ? { extreme } : {}),
                    ...(comparator ? { comparator } : {}),
                  },
                ],
              ] as const,
            ]
          : [],
      ),
    ),
    coded: Object.fromEntries(
      observations.flatMap(([key, { value, daysAgo: days = 1 }]) =>
        typeof value === 'string'
          ? [
              [
                key,
                [
                  {
                    path: `observation.${key}`,
                    value,
                    codings: [],
                    effective: daysAgo(days),
                    source: `Observation/${key}`,
                  },
                ],
              ] as const,
            ]
          : [],
      ),
    ),
    condition: [...of('condition').map(condition(true)), ...of('history').map(condition(false))],
    allergy: [],
    gene: of('gene').map(([gene, diplotype]) => ({
      gene,
      diplotype: String(diplotype),
      effective: daysAgo(100),
      source: `Observation/gene-${gene}`,
    })),
    medication: of('medication').map(([id, given]) => {
      const { daysAgo: since, planned } = (typeof given === 'object' ? given : {}) as MadeMedicine;
      const [member] = library.drugClasses.find((drugClass) => drugClass.id === id)?.members ?? [
        { rxcui: id, name: library.ingredients.find(({ rxcui }) => rxcui === id)?.name ?? id },
      ];
      return {
        text: member?.name ?? id,
        ingredients: member ? [member] : [],
        resolution: 'coded' as const,
        state: planned ? ('planned' as const) : ('active' as const),
        ...(since === undefined ? {} : { start: daysAgo(since) }),
        reported: false,
        asNeeded: false,
        route: 'systemic' as const,
        sources: [`MedicationRequest/${id}`],
      };
    }),
    unread: [],
    sources: SOURCES.map((id) => ({ id, state: states[id] ?? 'read', count: 1, pages: 1 })),
  };
}
