import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evaluateTrained } from '../../models/engine/evaluate.ts';
import type { RegressionModel } from '../../models/engine/library.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { writeModel } from '../../models/engine/risk/onnx-proto.ts';
import { twinOf } from '../../models/engine/risk/twin.ts';
import { run } from '../../server/cli.ts';
import { sha256 } from '../../server/library/canonical.ts';
import { LibraryError, type LoadedLibrary, loadLibrary, type Problem, validateLibrary } from '../../server/library.ts';
import { createNodeRuntime } from '../../server/ort.ts';
import { factsOf, NOW } from '../engine/interactions-chart.ts';

const ID = 'ward-model';
let site: string;
let folder: string;

/** A hospital's model: its graph is the twin of a tiny equation, chance = logistic(0.02 * age + 0.5 * creatinine - 3). */
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), 'site-'));
  folder = join(site, 'risk', ID);
  mkdirSync(folder, { recursive: true });
  drop(twinOf(equation));
});
afterEach(() => rmSync(site, { recursive: true, force: true }));

const columns = [
  { name: 'age', fact: 'patient.age', label: 'Age', unit: 'a', required: true },
  {
    name: 'creatinine',
    fact: 'observation.creatinine',
    label: 'Creatinine',
    unit: 'mg/dL',
    required: true,
    maxAge: 'P1Y',
  },
];
const outcomes = [{ id: 'chance', title: 'Chance of the thing', unit: '1' }];
const equation = {
  id: ID,
  kind: 'regression',
  version: '1.0.0',
  inputs: columns,
  outcomes,
  link: 'logistic',
  coefficients: { all: { chance: { constant: -3, age: 0.02, creatinine: 0.5 } } },
} as unknown as RegressionModel;

function manifestOf(bytes: Uint8Array) {
  return {
    id: ID,
    kind: 'onnx',
    version: '1.0.0',
    title: 'Ward model',
    population: { text: 'Adults', age: [18, 120] },
    inputs: columns,
    outcomes,
    tensor: { input: 'x', output: 'y', dtype: 'float64', outputIndex: 0 },
    features: [
      { name: 'age', formula: 'age', unit: 'a', range: [18, 120], missing: 'abstain' },
      { name: 'creatinine', formula: 'creatinine', unit: 'mg/dL', range: [0.2, 15], missing: 'abstain' },
    ],
    file: 'model.onnx',
    sha256: sha256(bytes),
    limitation: 'Made up for a test.',
    citations: [{ text: 'The hospital', basis: 'recalled' }],
  };
}

function drop(bytes: Uint8Array, more: Readonly<Record<string, unknown>> = {}): void {
  const manifest = { ...manifestOf(bytes), ...more };
  const attributes = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`P${index + 1}`, 'Not performed']));
  const card = {
    kind: 'predictive',
    name: 'Ward model',
    version: '1.0.0',
    artifact: { sha256: manifest.sha256 },
    attributes,
  };
  writeFileSync(join(folder, 'model.onnx'), bytes);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest, null, 2));
  writeFileSync(join(folder, 'card.json'), JSON.stringify(card, null, 2));
}

const load = () => loadLibrary({ dir: 'models', overlay: site });
const problems = () => validateLibrary({ dir: 'models', overlay: site });
const about = (leaf: string, more: Partial<Problem>) =>
  expect.objectContaining({ file: `risk/${ID}/${leaf}`, ...more });

async function number(loaded: LoadedLibrary) {
  const facts = factsOf({
    age: 60,
    sex: 'male',
    results: { creatinine: { value: 1.2, unit: 'mg/dL', date: '2026-11-01' } },
    conditions: [],
    medicines: [],
  });
  const library = { ...loaded.library, risk: loaded.library.risk.filter(({ id }) => id === ID) };
  const runtime = await createNodeRuntime({
    load: async (url) => loaded.files.get(url)?.bytes ?? Promise.reject(new Error(url)),
  });
  const resolver = createResolver({ facts, library: loaded.library, now: NOW });
  const [evaluation] = await evaluateTrained({ facts, library, runtime, resolver });
  return evaluation;
}

describe('a hospital’s own ONNX model, dropped as a folder', () => {
  test('runs beside ours, by the number of its own graph', async () => {
    const evaluation = await number(await load());
    if (evaluation?.status !== 'finding') throw new Error(JSON.stringify(evaluation));
    const expected = 1 / (1 + Math.exp(-(-3 + 0.02 * 60 + 0.5 * 1.2)));
    expect(evaluation.finding.outcomes?.[0]?.value).toBeCloseTo(expected, 12);
  });
  test('is in the library’s digest, with its graph and its card under theirs', async () => {
    const loaded = await load();
    const model = loaded.library.risk.find(({ id }) => id === ID);
    expect(loaded.library.digest).not.toBe((await loadLibrary({ dir: 'models' })).library.digest);
    expect(sha256(loaded.files.get(model?.cardUrl ?? '')?.bytes ?? '')).toBe(model?.cardSha256);
  });
});

describe('is refused, with file and place,', () => {
  test('with a flipped byte', async () => {
    const bytes = readFileSync(join(folder, 'model.onnx'));
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    writeFileSync(join(folder, 'model.onnx'), bytes);
    expect(await problems()).toContainEqual(about('manifest.json', { path: 'sha256', found: sha256(bytes) }));
    await expect(load()).rejects.toThrow(LibraryError);
  });
  test('with an input bound to a fact that is not there', async () => {
    drop(twinOf(equation), { inputs: [columns[0], { ...columns[1], fact: 'observation.creatinin' }] });
    expect(await problems()).toContainEqual(about('manifest.json', { path: 'observation.creatinin' }));
  });
  test('with a feature over a name that is no input', async () => {
    const features = [{ name: 'age', formula: 'agee', unit: 'a', range: [18, 120], missing: 'abstain' }];
    drop(twinOf(equation), { features });
    expect(await problems()).toContainEqual(about('manifest.json', { path: 'features.0.formula' }));
  });
  test('with an attribute missing from its card', async () => {
    const path = join(folder, 'card.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"P27"', '"P72"'));
    expect(await problems()).toContainEqual(about('card.json', { path: 'attributes.P27' }));
  });
  test('with an operator that ONNX Runtime does not know, which is named', async () => {
    const graph = writeModel({
      name: ID,
      nodes: [{ op: 'Wishful', inputs: ['x'], output: 'y' }],
      initializers: [],
      input: { name: 'x', width: 2 },
      output: { name: 'y', width: 1 },
      metadata: {},
    });
    drop(graph);
    expect(await problems()).toContainEqual(
      about('model.onnx', { path: '(graph)', found: expect.stringContaining('Wishful') }),
    );
  });
  test.each([
    ['an input of another name', { tensor: { input: 'features', output: 'y', dtype: 'float64', outputIndex: 0 } }],
    ['an input of another type', { tensor: { input: 'x', output: 'y', dtype: 'float32', outputIndex: 0 } }],
    ['an output that it does not give', { tensor: { input: 'x', output: 'y', dtype: 'float64', outputIndex: 1 } }],
    [
      'contributions that it does not give',
      { tensor: { input: 'x', output: 'y', dtype: 'float64', outputIndex: 0, contributions: 'z' } },
    ],
  ])('with %s', async (_name, more) => {
    drop(twinOf(equation), more);
    expect(await problems()).toContainEqual(about('model.onnx', { path: '(graph)' }));
  });
});

describe('a signed library folder', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const other = generateKeyPairSync('ed25519');
  const signed = () =>
    loadLibrary({ dir: 'models', overlay: site, overlaySigners: { keys: [publicKey], signatures: 1 } });
  async function sign(key = privateKey) {
    const file = join(tmpdir(), `key-${process.pid}.pem`);
    writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const err: string[] = [];
    const terminal = { out: () => {}, err: (line: string) => err.push(line), stdin: async () => '' };
    const code = await run(['sign', site, '--key', file], terminal);
    rmSync(file);
    return { code, err: err.join('\n') };
  }
  test('is used as it was signed', async () => {
    expect((await sign()).code).toBe(0);
    expect((await signed()).library.risk.some(({ id }) => id === ID)).toBe(true);
  });
  test('is refused unsigned, and signed by another key', async () => {
    await expect(signed()).rejects.toThrow('library.sig');
    await sign(other.privateKey);
    await expect(signed()).rejects.toThrow('another key');
  });
  test.each(['model.onnx', 'manifest.json', 'card.json'])(
    'with one byte of %s flipped is refused by that file’s name',
    async (leaf) => {
      await sign();
      const path = join(folder, leaf);
      const bytes = readFileSync(path);
      bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
      writeFileSync(path, bytes);
      await expect(signed()).rejects.toThrow(`risk/${ID}/${leaf}`);
    },
  );
  test('with a file added or taken away is refused by that file’s name', async () => {
    await sign();
    mkdirSync(join(site, 'rules'));
    cpSync('models/rules', join(site, 'rules'), { recursive: true });
    await expect(signed()).rejects.toThrow('rules/');
    rmSync(join(site, 'rules'), { recursive: true });
    rmSync(join(folder, 'card.json'));
    await expect(signed()).rejects.toThrow(`risk/${ID}/card.json`);
  });
  test('is not signed when it could not be used', async () => {
    rmSync(join(folder, 'card.json'));
    const { code, err } = await sign();
    expect(code).toBe(1);
    expect(err).toContain('a model card');
    expect(existsSync(join(site, 'library.sig'))).toBe(false);
  });
});
