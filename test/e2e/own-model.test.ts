/**
 * A hospital's own ONNX model, as its IT drops it into the library directory: it runs in the browser and is shown and
 * carded like ours; with one byte flipped the server does not start, and says which file and where.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegressionModel } from '../../models/engine/library.ts';
import { twinOf } from '../../models/engine/risk/twin.ts';
import { type Stage, setStage } from './stage.ts';

/** A made-up logistic model of a made-up ward: its graph, and the same numbers for this test to compute with. */
const coefficients = { age: 0.031, creatinine: 0.62, hemoglobin: -0.18, constant: -1.9 };
const inputs = [
  { name: 'age', fact: 'patient.age', label: 'Age', unit: 'a', required: true, range: [18, 110] },
  {
    name: 'creatinine',
    fact: 'observation.creatinine',
    label: 'Creatinine',
    unit: 'mg/dL',
    required: true,
    range: [0.2, 15],
  },
  {
    name: 'hemoglobin',
    fact: 'observation.hemoglobin',
    label: 'Hemoglobin',
    unit: 'g/dL',
    required: true,
    range: [3, 25],
  },
] as const;
const citations = [{ text: 'The ward’s own figures, made up for this test', basis: 'recalled' as const }];

const graph = twinOf({
  id: 'ward-readmission',
  kind: 'regression',
  version: '1.0.0',
  title: 'Ward readmission',
  population: { text: 'Adults' },
  inputs,
  outcomes: [{ id: 'readmission', title: 'Readmission', unit: '1' }],
  limitation: '-',
  citations,
  card: { kind: 'predictive', name: '-', version: '1.0.0' },
  terms: [],
  link: 'logistic',
  coefficients: { all: { readmission: coefficients } },
} satisfies RegressionModel);
const sha256 = createHash('sha256').update(graph).digest('hex');

/** Stage 1 hypertension's woman of 64: creatinine 0.82 mg/dL, hemoglobin 14.1 g/dL. */
const expected =
  1 /
  (1 +
    Math.exp(
      -(
        coefficients.constant +
        64 * coefficients.age +
        0.82 * coefficients.creatinine +
        14.1 * coefficients.hemoglobin
      ),
    ));

const manifest = {
  id: 'ward-readmission',
  kind: 'onnx',
  version: '1.0.0',
  title: 'Ward readmission, St. Elsewhere',
  population: { text: 'Adults of the ward', age: [18, 110], pregnant: 'excluded' },
  inputs,
  outcomes: [{ id: 'readmission', title: 'Chance of readmission within 30 days', unit: '1', horizon: 'P30D' }],
  tensor: { input: 'x', output: 'y', dtype: 'float64', outputIndex: 0 },
  features: inputs.map(({ name, unit, range }) => ({ name, formula: name, unit, range, missing: 'abstain' })),
  file: 'model.onnx',
  sha256,
  example: {
    inputs: { age: 64, creatinine: 0.82, hemoglobin: 14.1 },
    outputs: { readmission: expected },
    tolerance: 1e-9,
    source: 'worked out by hand',
  },
  limitation: 'Made up for a test. It says nothing of anybody.',
  citations,
};

const card = {
  kind: 'predictive',
  name: 'Ward readmission',
  version: '1.0.0',
  artifact: { sha256 },
  attributes: Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`P${index + 1}`, 'Not performed'])),
};

let folder: string;
let stage: Stage;
const file = (name: string) => join(folder, 'risk/ward-readmission', name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'own-library-'));
  mkdirSync(join(folder, 'risk/ward-readmission'), { recursive: true });
  writeFileSync(file('model.onnx'), graph);
  writeFileSync(file('manifest.json'), JSON.stringify(manifest, null, 2));
  writeFileSync(file('card.json'), JSON.stringify(card, null, 2));
  stage = await setStage({ libraryDir: folder });
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('A hospital’s own model', () => {
  it('runs in the clinician’s browser on the chart’s values and is shown like ours, with its limit and its card', async () => {
    const { app, context, page, troubles } = await stage.openChart('stage1');
    const graphs: string[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/graphs/')) graphs.push(response.url());
    });
    await app.locator('[data-models="done"]').waitFor({ state: 'attached' });
    await app.getByRole('button', { name: /^Risk/ }).click();
    const own = app.locator('section.model').filter({ hasText: 'Ward readmission, St. Elsewhere' }).first();
    const text = async () => (await own.innerText()).replaceAll(/[\u00a0\s]+/g, ' ');
    expect(await text()).toContain('Chance of readmission within 30 days');
    expect(await text()).toMatch(new RegExp(`${(100 * expected).toFixed(expected < 0.1 ? 1 : 0)} %`));
    expect(await text()).toContain('Limit. Made up for a test.');
    expect(await text()).toContain('Learned');
    // A graph without a second output is not said to have reasons.
    expect(await own.getByRole('button', { name: /^Why/ }).count()).toBe(0);
    await own.getByRole('button', { name: /^Details/ }).click();
    expect(await text()).toMatch(/Creatinine .*0\.82 mg\/dL/);
    await own.getByRole('button', { name: /^Model card/ }).click();
    await own.getByText('Digest of the file').waitFor();
    expect(await text()).toContain(sha256);
    expect(await text()).toContain('of this very version');
    expect(graphs.some((url) => url.endsWith(`/graphs/${sha256}.onnx`))).toBe(true);
    expect(troubles).toEqual([]);
    await context.close();
  });

  it('with one byte flipped: the server does not start, and names file and place; put back, it starts', async () => {
    await stage.stopApp();
    const flipped = Buffer.from(graph);
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
    writeFileSync(file('model.onnx'), flipped);
    const line =
      readFileSync(file('manifest.json'), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('"sha256"')) + 1;
    const refused = await stage.startApp().then(
      () => 'started',
      (error: Error) => error.message,
    );
    expect(refused).toContain(`risk/ward-readmission/manifest.json:${line}`);
    expect(refused).toContain('sha256');
    expect(refused).toContain(createHash('sha256').update(flipped).digest('hex'));
    writeFileSync(file('model.onnx'), graph);
    await stage.startApp();
    expect((await fetch(`${stage.appOrigin}/readyz`)).status).toBe(200);
  });
});
