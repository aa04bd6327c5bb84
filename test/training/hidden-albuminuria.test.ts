import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateTrained } from '../../models/engine/evaluate.ts';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { Facts } from '../../models/engine/facts/facts.ts';
import type { Library, OnnxModel } from '../../models/engine/library.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { contributionsOf } from '../../models/engine/risk/contributions.ts';
import { featureVector, predictOnnx } from '../../models/engine/risk/onnx.ts';
import type { Runtime } from '../../models/engine/runtime.ts';
import { loadLibrary } from '../../server/library.ts';
import { createNodeRuntime, sha256 } from '../../server/ort.ts';
import { type Chart, factsOf, NOW } from '../engine/interactions-chart.ts';

const folder = new URL('../../models/risk/hidden-albuminuria/', import.meta.url);
const text = (name: string) => readFile(new URL(name, folder), 'utf8');
const json = async (name: string) => JSON.parse(await text(name));

interface ParityRow {
  readonly inputs: Readonly<Record<string, number>>;
  readonly features: readonly number[];
  readonly probability: number;
  readonly contributions: readonly number[];
}

interface Case {
  readonly name: string;
  readonly facts: Readonly<
    Record<string, number | string | boolean | { value: number; unit: string; daysAgo: number }>
  >;
  readonly expect: { status: string; because?: string; missing?: string[]; indicator?: string; action?: boolean };
}

let library: Library;
let model: OnnxModel;
let runtime: Runtime;

beforeAll(async () => {
  const loaded = await loadLibrary({ dir: fileURLToPath(new URL('../../models', import.meta.url)) });
  library = loaded.library;
  const found = library.risk.find(({ id }) => id === 'hidden-albuminuria');
  if (found?.kind !== 'onnx') throw new Error('the trained model is not in the library');
  model = found;
  runtime = await createNodeRuntime({
    load: async (url) => loaded.files.get(url)?.bytes ?? Promise.reject(new Error(url)),
  });
});

describe('hidden albuminuria in Node', () => {
  it('gives scikit-learn’s probability for 200 made-up people to 1e-5, features worked out from the manifest’s formulas', async () => {
    const parity = (await json('parity.json')) as { model: string; rows: readonly ParityRow[] };
    expect(parity.model).toBe(model.sha256);
    expect(parity.rows).toHaveLength(200);
    let largest = 0;
    for (const row of parity.rows) {
      const { features, outside } = featureVector(model, row.inputs);
      expect(outside).toBeUndefined();
      expect(features).toEqual(row.features);
      const [outcome] = await predictOnnx(model, features, runtime);
      largest = Math.max(largest, Math.abs((outcome?.value ?? Number.NaN) - row.probability));
    }
    expect(largest).toBeLessThanOrEqual(1e-5);
  });

  it('says what each feature adds to the log odds, as scikit-learn does, and the parts add up to the number', async () => {
    const parity = (await json('parity.json')) as { intercept: number; rows: readonly ParityRow[] };
    for (const row of parity.rows) {
      const parts = await contributionsOf(model, row.features, runtime);
      expect(parts?.map(({ name }) => name)).toEqual(model.features.map(({ name }) => name));
      for (const [index, part] of (parts ?? []).entries())
        expect(part.logOdds).toBeCloseTo(row.contributions[index] ?? Number.NaN, 9);
      const logOdds = (parts ?? []).reduce((sum, part) => sum + part.logOdds, parity.intercept);
      expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(row.probability, 9);
    }
  });

  it('gives no contributions for a graph that has none', async () => {
    const { contributions: _, ...tensor } = model.tensor;
    expect(await contributionsOf({ ...model, tensor }, [], runtime)).toBeUndefined();
  });

  it('answers each of its cases as the case says', async () => {
    const cases = (await json('cases.json')) as readonly Case[];
    expect(cases.length).toBeGreaterThan(10);
    for (const { name, facts, expect: expected } of cases) {
      expect({ name, ...said(await evaluationOf(facts)) }).toMatchObject({ name, ...expected });
    }
  });

  it('says that it failed, and gives no number, when its file is not the one that was validated', async () => {
    const other = { ...model, sha256: 'f'.repeat(64) };
    const scene = {
      facts: chartOf(firing),
      library: { ...library, risk: [...library.risk.filter((m) => m !== model), other] },
    };
    const resolver = createResolver({ ...scene, now: NOW });
    const [evaluation] = await evaluateTrained({ ...scene, runtime, resolver });
    expect(evaluation).toMatchObject({ status: 'failure', error: { code: 'model-digest-mismatch' } });
  });
});

describe('what its card says', () => {
  it('is of the file that runs, and was written by the run whose figures lie beside it', async () => {
    const card = await json('card.json');
    expect(card.artifact.sha256).toBe(await sha256(await readFile(new URL('model.onnx', folder))));
    expect(card.artifact.metrics.sha256).toBe(await sha256(await readFile(new URL('metrics.json', folder))));
    expect(card.artifact.sample).toBe(1);
    const code = Object.entries(card.artifact.trainingCode as Record<string, string>);
    expect(code.length).toBeGreaterThan(4);
    for (const [name, digest] of code) {
      const file = new URL(`../../models/training/hidden-albuminuria/${name}`, import.meta.url);
      expect({ name, digest: await sha256(await readFile(file)) }).toEqual({ name, digest });
    }
  });

  it('has all 31 source attributes in words', async () => {
    const { attributes } = await json('card.json');
    const names = Array.from({ length: 31 }, (_, index) => `P${index + 1}`);
    expect(Object.keys(attributes)).toEqual(names);
    for (const name of names) expect(attributes[name]).toMatch(/\w{4}/);
  });

  it('gives AUROC, calibration slope, intercept, O:E and Brier with intervals, weighted and not, for everyone and each subgroup', async () => {
    const { performance } = await json('card.json');
    const metrics = await json('metrics.json');
    const keys = new Set(performance.map((row: { metric: string }) => row.metric));
    expect([...keys].sort()).toEqual([
      'auroc',
      'brier',
      'calibrationIntercept',
      'calibrationSlope',
      'observedOverExpected',
    ]);
    for (const part of [
      'all',
      'women',
      'men',
      'age 65 and over',
      'indicated',
      'not indicated',
      'race/ethnicity: Hispanic',
    ]) {
      for (const weighting of ['survey-weighted', 'unweighted']) {
        const rows = performance.filter(
          (row: { subgroup: string; weighting: string }) =>
            row.subgroup.startsWith(part) && row.weighting === weighting,
        );
        expect(rows.length, part).toBe(10);
        for (const row of rows) {
          expect(row.ci95[0]).toBeLessThanOrEqual(row.value);
          expect(row.ci95[1]).toBeGreaterThanOrEqual(row.value);
        }
      }
    }
    const everyone = metrics.test[0].metrics.auroc.value;
    expect((await json('card.json')).attributes.P21).toContain(`AUROC ${everyone}`);
  });

  it('has the one scoring of the last file, of this very graph and by the specification that was frozen before', async () => {
    const final = await json('final-score.json');
    const place = new URL('../../models/training/hidden-albuminuria/SPECIFICATION.md', import.meta.url);
    const specification = await readFile(place, 'utf8');
    expect(final).toMatchObject({ status: 'done', model: model.sha256 });
    expect(await sha256(Buffer.from(specification))).toBe(final.specification);
    expect(specification).toContain(`| \`models/risk/hidden-albuminuria/model.onnx\` | \`${model.sha256}\` |`);
    const card = await json('card.json');
    expect(card.finalScoring).toMatchObject({ ranAt: final.ranAt, model: model.sha256 });
    expect(card.finalScoring.thresholds).toEqual(final.figures.thresholds);
    expect(card.attributes.P21).toContain(`AUROC ${final.figures.test[0].metrics.auroc.value}`);
  });

  it('gives precision, recall and F1 at the shown threshold, net benefit, noise, missing inputs and the plain rules', async () => {
    const { internalTest, finalScoring } = await json('card.json');
    for (const told of [internalTest, finalScoring]) {
      const [everyone] = told.thresholds[internalTest.shownThreshold];
      expect(Object.keys(everyone.metrics)).toEqual(['flagged', 'precision', 'recall', 'f1']);
      const { precision, recall, f1 } = everyone.metrics;
      const mean = (2 * precision.value * recall.value) / (precision.value + recall.value);
      expect(f1.value).toBeCloseTo(mean, 3);
      const curve = told.decisionCurve as {
        modelMinusTestAll: { value: number };
        model: { value: number };
        testAll: number;
      }[];
      expect(curve).toHaveLength(54);
      for (const row of curve) expect(row.modelMinusTestAll.value).toBeCloseTo(row.model.value - row.testAll, 3);
      expect(told.robustness.withoutOneInput).toHaveLength(7);
      expect(told.robustness.noise['survey-weighted'].auroc).toBeLessThan(
        told.robustness.asMeasured['survey-weighted'].auroc,
      );
      const names = told.comparators.map(({ name }: { name: string }) => name);
      expect(names).toContain('eGFR alone');
      expect(names).toContain('rule: diabetes, treated blood pressure or eGFR < 60');
      expect(told.calibrationCurve).toHaveLength(10);
    }
  });

  it('uses neither race nor ethnicity, and nothing that holds the answer', async () => {
    expect(model.inputs.map(({ fact }) => fact).sort()).toEqual([
      'condition.cardiovascular-disease',
      'condition.diabetes',
      'condition.hypertension',
      'derived.egfr',
      'medication.antihypertensive',
      'observation.hba1c',
      'observation.systolic-blood-pressure',
      'patient.age',
      'patient.sex',
    ]);
    const cohort = await readFile(
      new URL('../../models/training/hidden-albuminuria/cohort.py', import.meta.url),
      'utf8',
    );
    const columns = /INPUT_COLUMNS = \{([^}]*)\}/.exec(cohort)?.[1] ?? '';
    expect(columns).toContain('cc_egfr');
    expect(columns).not.toMatch(/race|cc_ckd|cc_acr|lab_/);
  });
});

const firing: Case['facts'] = {
  'patient.age': 58,
  'patient.sex': 'male',
  'observation.systolic-blood-pressure': { value: 142, unit: 'mm[Hg]', daysAgo: 12 },
  'observation.creatinine': { value: 1.4, unit: 'mg/dL', daysAgo: 30 },
  'observation.hba1c': { value: 8.6, unit: '%', daysAgo: 30 },
  'condition.diabetes': true,
};

async function evaluationOf(short: Case['facts']): Promise<Evaluation> {
  const facts = chartOf(short);
  const resolver = createResolver({ facts, library, now: NOW });
  const [evaluation] = await evaluateTrained({ facts, library, runtime, resolver });
  if (!evaluation) throw new Error('no trained model spoke');
  return evaluation;
}

function said(evaluation: Evaluation): Record<string, unknown> {
  switch (evaluation.status) {
    case 'finding': {
      const { indicator, action } = evaluation.finding;
      return { status: 'finding', indicator, action: action !== undefined };
    }
    case 'not-applicable':
      return { status: 'not-applicable', because: evaluation.because.code };
    case 'data-required':
      return { status: 'data-required', missing: evaluation.missing.map(({ path }) => path) };
    case 'failure':
      return { status: 'failure', because: evaluation.error.code };
  }
}

/** A case's paths as a short chart: a listed condition gets the first code of its value set, a medicine its class's first member. */
function chartOf(short: Case['facts']): Facts {
  const of = (kind: string) =>
    Object.entries(short).flatMap(([path, value]) =>
      path.startsWith(`${kind}.`) ? [[path.slice(kind.length + 1), value] as const] : [],
    );
  const results: Record<string, { value: number; unit: string; date: string }> = {};
  for (const [key, value] of of('observation')) {
    if (typeof value !== 'object') throw new Error(`${key}: a case gives a measurement`);
    const date = new Date(NOW - value.daysAgo * 86_400_000).toISOString().slice(0, 10);
    results[key] = { value: value.value, unit: value.unit, date };
  }
  const conditions = of('condition').map(([id]) => {
    const code = library.valueSets.find((set) => set.id === id)?.codes[0];
    if (!code) throw new Error(`no value set ${id}`);
    return { system: code.system, code: code.code, text: id };
  });
  const medicines = of('medication').map(([id]) => {
    const member = library.drugClasses.find((drugs) => drugs.id === id)?.members[0];
    if (!member) throw new Error(`no drug class ${id}`);
    return member;
  });
  const { 'patient.age': age, 'patient.sex': sex } = short;
  const chart: Chart = { age: Number(age), sex: sex === 'female' ? 'female' : 'male', results, conditions, medicines };
  return factsOf(chart);
}
