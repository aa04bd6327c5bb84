// @vitest-environment jsdom
/** What stands beside a number: the trials' effect, people like the patient, a graph's own parts, and silence where there are none. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { foundText } from '../../client/evidence/people-like.tsx';
import { TrainedWhy } from '../../client/explain/trained-why.tsx';
import { effectsNow, Treated } from '../../client/explain/treated.tsx';
import { hasReasons } from '../../client/explain/why.tsx';
import { belowText } from '../../client/explain/words.ts';
import { firstSentence } from '../../client/risk/words.ts';
import * as state from '../../client/state.ts';
import type { Finding } from '../../models/engine/evaluation.ts';
import type { Library, OnnxModel, RiskModel } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { type MadeFacts, madeFacts, NOW } from '../engine/made-facts.ts';
import { finding, judgementOf } from './scene.ts';

const woman: MadeFacts = {
  'patient.age': 62,
  'patient.sex': 'female',
  'observation.systolic-blood-pressure': { value: 138, unit: 'mm[Hg]', daysAgo: 10 },
  'observation.total-cholesterol': { value: 230, unit: 'mg/dL', daysAgo: 10 },
  'observation.hdl-cholesterol': { value: 50, unit: 'mg/dL', daysAgo: 10 },
  'observation.ldl-cholesterol': { value: 147, unit: 'mg/dL', daysAgo: 10 },
  'observation.creatinine': { value: 0.8, unit: 'mg/dL', daysAgo: 10 },
  'observation.body-mass-index': { value: 28, unit: 'kg/m2', daysAgo: 10 },
  'observation.smoking-status': { value: 'current', daysAgo: 30 },
};
let root: HTMLElement;
let library: Library;

beforeAll(() => {
  // In a process of its own: the loader's ONNX Runtime does not know jsdom's arrays.
  const script = `import { loadLibrary } from './server/library.ts';
    process.stdout.write(JSON.stringify((await loadLibrary({ dir: 'models' })).library));`;
  const options = { cwd: resolve(import.meta.dirname, '../..'), encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  library = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], options)) as Library;
});
beforeEach(() => {
  root = document.body.appendChild(document.createElement('div'));
  state.library.value = library;
});
afterEach(() => {
  render(null, root);
  root.remove();
  state.wipe();
});

function modelOf(id: string): RiskModel {
  const model = library.risk.find((candidate) => candidate.id === id);
  if (!model) throw new Error(`no model ${id}`);
  return model;
}

function judge(made: MadeFacts): Finding {
  const facts = madeFacts(made, library);
  state.today.value = { ...judgementOf('p1', []), facts };
  state.chart.value = { launchId: 'launch-0123456789', patientId: 'p1', facts, at: NOW };
  const evaluation = evaluateRisk(facts, library, NOW).find(({ id }) => id === 'prevent-base-10yr');
  if (evaluation?.status !== 'finding') throw new Error('no number');
  return evaluation.finding;
}

const text = () => (root.textContent ?? '').replaceAll('\u00a0', ' ');

describe('If treated', () => {
  it('says baseline and treated risk, how many fewer of a thousand, interval, horizon, what was checked with its date, and the limit', async () => {
    const effects = effectsNow(modelOf('prevent-base-10yr'), judge(woman));
    await act(() => render(<Treated effects={effects} />, root));
    expect(text()).toMatch(/A statin that lowers LDL cholesterol by 1\.0 mmol\/L/);
    expect(text()).toMatch(
      /\d\.\d % → \d\.\d %, \d+ fewer per 1000 over 10 years \(trials’ 95 % interval \d+ to \d+\)/,
    );
    expect(text()).toMatch(/rate of events × 0\.79 \(0\.77–0\.81\)/);
    expect(text()).toMatch(/LDL cholesterol 3\.8 mmol\/L, \d+ Nov/);
    expect(text()).toContain('Each by itself: they are not added up.');
    expect(text()).toMatch(/Not shown: An SGLT2 inhibitor\./);
    expect(text()).not.toContain('{');
  });

  it('nothing of a statin for who takes one, and the reason', async () => {
    const effects = effectsNow(modelOf('prevent-base-10yr'), judge({ ...woman, 'medication.statin': true }));
    await act(() => render(<Treated effects={effects} />, root));
    expect(text()).toContain('Not shown: A statin');
    expect(text()).toContain('taken already');
    expect(root.querySelectorAll('section.treated')).toHaveLength(1);
  });

  it('nothing at all before the medicines have been read', () => {
    const said = judge(woman);
    state.today.value = undefined;
    expect(effectsNow(modelOf('prevent-base-10yr'), said)).toEqual({ shown: [], silent: [] });
  });
});

describe('Why a trained model’s number', () => {
  const outcomes = [{ id: 'probability', title: 'Chance', unit: '1', value: 0.4 }];
  const show = async (parts: () => Promise<unknown>) => {
    state.running.value = { parts } as unknown as NonNullable<typeof state.running.value>;
    const model = modelOf('hidden-albuminuria') as OnnxModel;
    await act(async () => {
      render(<TrainedWhy model={model} finding={finding({ outcomes })} />, root);
    });
    await act(async () => {
      await Promise.resolve();
    });
  };

  it('factors lead from the average of training to the patient: 20 % × odds of 8/3 is 40 %', async () => {
    await show(async () => [
      { names: ['hba1c'], label: 'HbA1c', logOdds: Math.log(4) },
      { names: ['egfr'], label: 'eGFR', logOdds: Math.log(2 / 3) },
    ]);
    const rows = [...root.querySelectorAll('table.bars tbody tr')].map((row) =>
      (row.textContent ?? '').replaceAll('\u00a0', ' '),
    );
    expect(rows[0]).toBe('Average of its training20 %');
    expect(rows.some((row) => row.startsWith('HbA1c') && row.endsWith('×4.00'))).toBe(true);
    expect(rows.some((row) => row.startsWith('eGFR') && row.endsWith('×0.67'))).toBe(true);
    expect(rows.at(-1)).toBe('This patient40 %');
  });

  it('a graph that does not answer: unavailable, and no bar in its place', async () => {
    await show(() => Promise.reject(new Error('model-unavailable')));
    expect(text()).toContain('Model unavailable');
    expect(root.querySelector('table')).toBeNull();
  });

  it('is offered only where the graph gives its parts', () => {
    const model = modelOf('hidden-albuminuria') as OnnxModel;
    const { contributions: _, ...tensor } = model.tensor;
    expect(hasReasons(model)).toBe(true);
    expect(hasReasons({ ...model, tensor })).toBe(false);
    expect(hasReasons(modelOf('fib-4'))).toBe(false);
    expect(hasReasons(modelOf('news2'))).toBe(true);
  });
});

describe('Words', () => {
  it('too few to say has its n and no share', () => {
    const row = { sex: 'male', ageFrom: 20, ageTo: 44, indicated: true, n: 9, events: 1, tooFew: true } as const;
    expect(foundText(row, 'raised ratio')).toBe('too few to say (n 9)');
  });

  it('a number that rounds to its threshold is said to be just below it', () => {
    const outcome = { id: 'total_cvd', title: 'CVD', unit: '1', horizon: 'P10Y', value: 0.09 };
    const decision = {
      outcome: 'total_cvd',
      decides: '-',
      tiers: [
        { from: 0, word: 'low' },
        { from: 0.075, word: 'high' },
      ],
      citations: [],
    };
    expect(belowText(outcome, decision, 0.07497).replaceAll('\u00a0', ' ')).toBe('just below 7.5 % over 10 years');
    expect(belowText(outcome, decision, 0.0741).replaceAll('\u00a0', ' ')).toBe('7.4 % over 10 years');
  });

  it('a long limit is one clause beside the number, a short one is whole', () => {
    expect(firstSentence('One creatinine; unusual mass makes it wrong. More.')).toBe(
      'One creatinine; unusual mass makes it wrong.',
    );
    expect(firstSentence(modelOf('hidden-albuminuria').limitation)).toMatch(
      /^Learned from one random spot urine.*menstruation\)\.$/,
    );
  });
});
