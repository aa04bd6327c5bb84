// @vitest-environment jsdom
/** What explains a number on the screen: it adds up, it names its ground, and it offers no treatment as something to change. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Explain } from '../../client/explain/explain.tsx';
import { explain } from '../../client/explain/explanation.ts';
import * as state from '../../client/state.ts';
import type { Finding } from '../../models/engine/evaluation.ts';
import type { Library, RiskModel } from '../../models/engine/library.ts';
import { evaluateRisk } from '../../models/engine/risk/evaluate.ts';
import { type MadeFacts, madeFacts, NOW } from '../engine/made-facts.ts';

const woman: MadeFacts = {
  'patient.age': 55,
  'patient.sex': 'female',
  'observation.systolic-blood-pressure': { value: 138, unit: 'mm[Hg]', daysAgo: 10 },
  'observation.total-cholesterol': { value: 280, unit: 'mg/dL', daysAgo: 10 },
  'observation.hdl-cholesterol': { value: 45, unit: 'mg/dL', daysAgo: 10 },
  'observation.creatinine': { value: 0.8, unit: 'mg/dL', daysAgo: 10 },
  'observation.body-mass-index': { value: 28, unit: 'kg/m2', daysAgo: 10 },
  'observation.smoking-status': { value: 'current', daysAgo: 30 },
  'medication.statin': true,
};
const treated: MadeFacts = { ...woman, 'medication.antihypertensive': true };
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

function findingOn(facts: MadeFacts, id = 'prevent-base-10yr'): Finding {
  const evaluation = evaluateRisk(madeFacts(facts, library), library, NOW).find((candidate) => candidate.id === id);
  if (evaluation?.status !== 'finding') throw new Error(`${id} gave ${evaluation?.status}`);
  return evaluation.finding;
}

async function show(facts = woman, id = 'prevent-base-10yr'): Promise<string> {
  await act(() => render(<Explain model={modelOf(id)} finding={findingOn(facts, id)} />, root));
  return (root.textContent ?? '').replaceAll('\u00a0', ' ');
}

/** `+3.4 pp` as 3.4. */
function points(cell: Element | null | undefined): number {
  return Number((cell?.textContent ?? '').replace('−', '-').replace(/[^\d.+-]/g, ''));
}

describe('Why a number', () => {
  it('states the number and the reference person’s with unit and horizon', async () => {
    const text = await show();
    expect(text).toMatch(/10-year risk of total cardiovascular disease: [\d.]+ % over 10 years\./);
    expect(text).toMatch(/A woman of 55 with reference values has [\d.]+ % over 10 years\./);
    expect(text).toContain('Limit. Not for LVEF below 40 %');
  });

  it('the rows of the table add up to the number, as far as they are rounded', async () => {
    await show();
    const rows = [...root.querySelectorAll('.bars tr')];
    const ends = [rows[0], rows[rows.length - 1]].map((row) => points(row?.querySelector('td:last-child')));
    const shares = rows
      .filter((row) => row.querySelector('.bar'))
      .map((row) => points(row.querySelector('td:last-child')));
    const sum = shares.reduce((total, share) => total + share, 0);
    expect(shares.length).toBeGreaterThan(3);
    expect(Math.abs((ends[0] ?? 0) + sum - (ends[1] ?? 0))).toBeLessThan(0.6);
  });

  it('treatments stand in a line of their own, never under "Can change"', async () => {
    await show(treated);
    const titles = [...root.querySelectorAll('.bars tr')].map((row) => row.querySelector('th')?.textContent ?? '');
    const treatment = titles.indexOf('Treatment: associations, not effects');
    expect(titles[treatment + 1]).toBe('Blood pressure treatment, Statin');
    expect(titles.slice(0, treatment).filter((title) => /statin|treatment/i.test(title))).toEqual([]);
  });

  it('every number in the text has its unit', async () => {
    const text = await show();
    expect(text.match(/\b(?:SHAP|Infinity|undefined|NaN)\b/g)).toBeNull();
    expect(text).toContain('pp');
  });

  it('the band is called what it is', async () => {
    const text = await show();
    expect(text).toContain('If measured again');
    expect(text).toContain('Not a confidence interval');
    expect(text).toMatch(/Nine of ten repeats would give [\d.]+–[\d.]+ % over 10 years/);
  });

  it('the smallest change is simulated, says what it decides and names no treatment', async () => {
    await show();
    const box = root.querySelector('.what-if');
    expect(box?.textContent).toContain('Simulated, not saved');
    expect(box?.textContent).toContain('stage 1 hypertension');
    expect(box?.querySelector('b')?.textContent).toBeTruthy();
    const changed = [...(box?.querySelectorAll('p > span') ?? [])].map(({ textContent }) => textContent ?? '');
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((text) => /statin|treatment|medicine/i.test(text))).toEqual([]);
  });

  it('where no tiers were published it says so instead of making some up', async () => {
    const text = await show(woman, 'prevent-base-30yr');
    expect(text).toContain('No published tiers for this number here');
    expect(text).not.toContain('Next best test');
  });

  it('nothing is said of a threshold that decides nothing for this patient: already treated', async () => {
    const text = await show(treated);
    expect(text).toContain('No published tiers for this number here');
    expect(text).not.toContain('stage 1 hypertension');
  });

  it('a next test is named only where a repeat could cross a threshold', async () => {
    const finding = findingOn(woman);
    const explanation = explain({ model: modelOf('prevent-base-10yr'), finding, models: library.risk });
    const { band, decision, next } = explanation ?? {};
    const within = (decision?.tiers ?? []).some(({ from }) => band && from > band.low && from <= band.high);
    expect(next !== undefined).toBe(within);
    expect((await show()).includes('Next best test')).toBe(within);
    const calm = { ...woman, 'observation.smoking-status': { value: 'never', daysAgo: 30 } };
    const low = {
      ...calm,
      'patient.age': 32,
      'observation.systolic-blood-pressure': { value: 100, unit: 'mm[Hg]', daysAgo: 10 },
    };
    expect(await show(low as MadeFacts)).not.toContain('Next best test');
  });

  it('a score that names no reference person has nothing of it', async () => {
    await act(() => render(<Explain model={modelOf('kfre-4')} finding={findingOn(woman)} />, root));
    expect(root.textContent).toBe('');
  });

  it('styles nothing inline', async () => {
    await show();
    expect(root.querySelectorAll('[style]').length).toBe(0);
  });
});
