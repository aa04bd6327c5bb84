/** What-if says exactly what the equation would say, starts from measured values only, and never touches a treatment. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulate, trials } from '../../client/risk/simulate.ts';
import type { Finding } from '../../models/engine/evaluation.ts';
import { contentsOf } from '../../models/engine/facts/bundle.ts';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Facts } from '../../models/engine/facts/facts.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import type { Library, RegressionModel } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { loadLibrary } from '../../server/library.ts';

const root = resolve(import.meta.dirname, '../..');
const now = Date.parse('2026-11-22T12:00:00Z');
let library: Library;
let model: RegressionModel;
let facts: Facts;

beforeAll(async () => {
  ({ library } = await loadLibrary({ dir: resolve(root, 'models') }));
  const found = library.risk.find(({ id }) => id === 'prevent-base-10yr');
  if (found?.kind !== 'regression') throw new Error('PREVENT is an equation');
  model = found;
  const json = (path: string): unknown => JSON.parse(readFileSync(resolve(root, path), 'utf8'));
  const drugs = decodeDrugTable(json('models/drugs/rxnorm.json'));
  const bundle = json('fixtures/patients/ckd4-metformin/bundle.json');
  facts = readFacts({ patientId: 'ckd4', resources: contentsOf(bundle).resources, drugs, now });
});

function findingOn(these: Facts): Finding {
  const evaluation = evaluateRisk(these, library, now).find(({ id }) => id === model.id);
  if (evaluation?.status !== 'finding') throw new Error(`PREVENT gave ${evaluation?.status}`);
  return evaluation.finding;
}

/** The same chart with every value of one observation replaced. */
function with_(key: string, value: number): Facts {
  const changed = (facts.observation[key] ?? []).map((observation) => ({ ...observation, value }));
  return { ...facts, observation: { ...facts.observation, [key]: changed } };
}

describe('What-if', () => {
  it('with nothing changed gives the numbers of the chart', () => {
    const finding = findingOn(facts);
    expect(simulate(model, finding, {})).toEqual(finding.outcomes);
  });

  it('gives the same as an evaluation of a chart that holds the tried value', () => {
    const trial = trials(model, findingOn(facts)).find(({ binding }) =>
      binding.fact.endsWith('systolic-blood-pressure'),
    );
    if (!trial) throw new Error('systolic pressure can be tried');
    const fresh = findingOn(with_('systolic-blood-pressure', 120)).outcomes;
    expect(simulate(model, findingOn(facts), { [trial.binding.name]: 120 })).toEqual(fresh);
    expect(fresh).not.toEqual(findingOn(facts).outcomes);
  });

  it('offers measured inputs only, and no treatment', () => {
    const offered = trials(model, findingOn(facts)).map(({ binding }) => binding.fact);
    expect(offered).toContain('observation.systolic-blood-pressure');
    expect(offered.filter((fact) => fact.startsWith('medication.'))).toEqual([]);
  });

  it('offers no treatment even where a manifest says so', () => {
    const careless: RegressionModel = {
      ...model,
      inputs: model.inputs.map((binding) => ({ ...binding, whatIf: { min: 0, max: 1, step: 1 } })),
    };
    const offered = trials(careless, findingOn(facts)).map(({ binding }) => binding.fact);
    expect(offered.some((fact) => fact.startsWith('medication.'))).toBe(false);
    // Nothing without a date and a source was measured.
    expect(offered).not.toContain('patient.sex');
  });
});
