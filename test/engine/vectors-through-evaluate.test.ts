/**
 * The published conformance cases once more, not as numbers put into a formula but as charts put through `evaluate`:
 * the bindings, units, questions and limits of every manifest are proved with the equation.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { InputBinding, Library, RegressionModel, RiskModel } from '../../models/engine/library.ts';
import { refusalOf } from '../../models/engine/risk/assess.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import type { VectorMapping } from '../../server/library/schema.ts';
import { loadLibrary } from '../../server/library.ts';
import { type MadeFacts, madeFacts, madeSite, NOW } from './made-facts.ts';

const VECTORS = '../shared/vectors';
const { library, vectors } = await loadLibrary({ dir: 'models' });

interface Case {
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly within_published_age_range?: boolean;
  readonly [key: string]: unknown;
}
type Values = Readonly<Record<string, number>>;

/** Gives the eGFR of the case as it stands, so that no creatinine has to be made up for it. */
const givenEgfr: RegressionModel = {
  kind: 'regression',
  id: 'given-egfr',
  version: '0',
  title: 'eGFR as given',
  population: { text: 'anyone', age: [0, 130], pregnant: 'allowed' },
  inputs: [{ name: 'given', fact: 'observation.egfr', label: 'eGFR', unit: 'mL/min/{1.73_m2}', required: true }],
  outcomes: [{ id: 'egfr', title: 'eGFR', unit: 'mL/min/{1.73_m2}' }],
  equation: { egfr: { op: 'name', name: 'given' } },
  limitation: '',
  citations: [],
  provides: 'derived.egfr',
  card: { kind: 'evidence-based', name: 'given', version: '0' },
};

const proven = library.risk.flatMap((model) =>
  model.kind === 'onnx' ? [] : (vectors.get(model.id) ?? []).map((mapping) => ({ model, mapping })),
);

describe.skipIf(!existsSync(VECTORS))('a chart with the values of a published case', () => {
  test.each(
    proven.map(
      ({ model, mapping }) => [`${model.id}, ${Object.values(mapping.outputs).flat().length}`, model, mapping] as const,
    ),
  )('gives %s its number, and none outside the published limits', (_, model, mapping) => {
    const seen = new Set<string>();
    for (const one of casesOf(mapping)) {
      const values = valuesOf(model, mapping, one);
      if (!values) continue;
      const made = chartOf(model, values);
      const evaluation = evaluated(model, made);
      const outside = outsideOf(model, values);
      expect({ one, status: evaluation?.status }).toEqual({ one, status: outside ? 'not-applicable' : 'finding' });
      if (one.within_published_age_range === false) expect(evaluation?.status).toBe('not-applicable');
      seen.add(evaluation?.status ?? '');
      if (evaluation?.status !== 'finding') continue;
      for (const { id, key, times, tolerance } of numbersOf(mapping)) {
        const expected = one.expected[key];
        const got = evaluation.finding.outcomes?.find((outcome) => outcome.id === id);
        if (typeof expected !== 'number' || !got) continue;
        expect(Math.abs(got.value * times - expected), `${model.id} ${key}`).toBeLessThanOrEqual(tolerance);
      }
    }
    expect(seen).toContain('finding');
  });

  test('is refused by the 30-year PREVENT equations above 59, as the file marks it', () => {
    const marked = casesOf({ file: 'prevent.json', inputs: {}, outputs: {} }).filter(
      (one) => one.within_published_age_range === false,
    );
    expect(marked.length).toBeGreaterThan(20);
    for (const one of marked) {
      const match = proven.find(
        ({ mapping: { where = {} } }) => where.model === one.model && where.horizon === one.horizon,
      );
      const values = match && valuesOf(match.model, match.mapping, one);
      expect(match && values && evaluated(match.model, chartOf(match.model, values))).toMatchObject({
        status: 'not-applicable',
        because: { code: 'age-outside-population' },
      });
    }
  });

  test('there is one for every file that is shipped', () => {
    const files = readdirSync(VECTORS).filter((name) => name.endsWith('.json'));
    const shipped = new Set(proven.map(({ mapping }) => mapping.file));
    expect(files.filter((file) => !shipped.has(file))).toEqual([
      // A course of levels, held by test/engine/dosing.
      'vancomycin_pk.json',
    ]);
  });
});

function casesOf({ file, where = {} }: VectorMapping): readonly Case[] {
  const { cases } = JSON.parse(readFileSync(`${VECTORS}/${file}`, 'utf8')) as { cases: Case[] };
  return cases.filter((one) => Object.entries(where).every(([key, value]) => one[key] === value));
}

/** Our inputs' numbers; `undefined` where the case gives one that our model has no number for. */
function valuesOf(model: RiskModel, mapping: VectorMapping, { input }: Case): Values | undefined {
  const entries = model.inputs.map(({ name, codes }) => {
    const source = mapping.inputs[name] ?? name;
    if (typeof source === 'object' && 'value' in source) return [name, source.value] as const;
    if (typeof source === 'object') return [name, source.values[String(input[source.key])]] as const;
    const given = input[source];
    return [name, typeof given === 'string' ? codes?.[given] : given === null ? undefined : Number(given)] as const;
  });
  const lacking = entries.some(([name, value]) => value === undefined && !inputOf(model, name).missing);
  return lacking ? undefined : (Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Values);
}

function inputOf(model: RiskModel, name: string): InputBinding {
  const found = model.inputs.find((input) => input.name === name);
  if (!found) throw new RangeError(name);
  return found;
}

/** The chart, the answers and the site's settings that hold these values, and nothing that excludes the patient. */
function chartOf(model: RiskModel, values: Values): MadeFacts {
  const facts = Object.entries(values).flatMap(([name, value]) => factOf(inputOf(model, name), value));
  const asked = (model.population.onlyWith ?? []).flatMap(({ facts: [fact = ''], ask }) =>
    ask ? [[fact, 'yes'] as const] : [],
  );
  const required = (model.population.require ?? []).map(({ condition }) => [`condition.${condition}`, true] as const);
  const { starting } = model.population;
  const begun = starting ? [[`medication.${starting.medicine}`, { planned: true }] as const] : [];
  const person = { 'patient.age': 50, 'patient.sex': model.population.sex ?? 'male' };
  return { ...person, ...Object.fromEntries([...asked, ...required, ...begun, ...facts]) };
}

function factOf({ fact, unit, codes }: InputBinding, value: number): readonly (readonly [string, unknown])[] {
  const word = Object.entries(codes ?? {}).find(([, code]) => code === value)?.[0];
  const given = word ?? value;
  const [kind = ''] = fact.split('.');
  switch (kind) {
    case 'observation':
      return [[fact, typeof given === 'string' ? { value: given } : { value, unit, daysAgo: 0.1 }]];
    case 'derived':
      return [['observation.egfr', { value, unit, daysAgo: 0.1 }]];
    case 'condition':
    case 'history':
    case 'medication':
      return given === 'yes' ? [[fact, true]] : [];
    case 'asked':
    case 'gene':
    case 'patient':
    case 'site':
      // A number of ours between two choices (deprivation decile 8) is answered by the choice it lies in.
      return [[fact, given]];
    default:
      throw new RangeError(fact);
  }
}

function evaluated(model: RiskModel, made: MadeFacts) {
  const own: Library = { ...library, ...madeSite(made), risk: [model, givenEgfr] };
  return evaluateRisk(madeFacts(made, own), own, NOW).find(({ id }) => id === model.id);
}

/** Outside the ages, an abstaining input's range, or what the model refuses; or without the data it waits for. */
function outsideOf(model: RiskModel, values: Values): boolean {
  const [from, to] = model.population.age ?? [18, 130];
  const age = values.age ?? 50;
  const beyond = model.inputs.some(({ name, range, outside }) => {
    const value = values[name];
    return range && outside !== 'closest' && value !== undefined && (value < range[0] || value > range[1]);
  });
  const waits = (model.population.onlyWith ?? []).some(({ facts, atLeast = facts.length, ask }) => {
    const there = facts.filter((fact) =>
      model.inputs.some((input) => input.fact === fact && values[input.name] !== undefined),
    );
    return !ask && there.length < atLeast;
  });
  return age < from || age > to || beyond || waits || refusalOf(model, values) !== undefined;
}

function numbersOf({ file, outputs }: VectorMapping) {
  const { tolerance: known } = JSON.parse(readFileSync(`${VECTORS}/${file}`, 'utf8')) as {
    tolerance: Record<string, number>;
  };
  return Object.entries(outputs).flatMap(([id, spec]) =>
    (typeof spec === 'string' ? [{ key: spec }] : spec).map((output) => ({
      id,
      key: output.key,
      times: 'times' in output ? (output.times ?? 1) : 1,
      tolerance: known[('tolerance' in output && output.tolerance) || 'abs'] ?? 0,
    })),
  );
}
