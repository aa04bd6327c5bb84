import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonical, sha256 } from '../../server/library/canonical.ts';
import { brotliOf } from '../../server/library/compressed.ts';
import { jsonSchemas } from '../../server/library/json-schemas.ts';
import { lineAt } from '../../server/library/problem.ts';
import { LibraryError, loadLibrary, validateLibrary } from '../../server/library.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'library-'));
  for (const folder of ['risk', 'interactions', 'rules', 'value-sets', 'drugs'])
    cpSync(join('models', folder), join(dir, folder), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function edit(file: string, change: (text: string) => string): void {
  const path = join(dir, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}
const EGFR = 'risk/ckd-epi-2021-creatinine/manifest.json';

describe('the library', () => {
  test('has one digest for the same knowledge, and another when a coefficient changes', async () => {
    const first = await loadLibrary({ dir });
    expect((await loadLibrary({ dir })).library.digest).toBe(first.library.digest);
    edit('risk/prevent-base-10yr/manifest.json', (text) => text.replace('0.7939329', '0.7939328'));
    expect((await loadLibrary({ dir })).library.digest).not.toBe(first.library.digest);
  });
  test('carries a digest that anyone can recompute from what the browser gets', async () => {
    const { library, files } = await loadLibrary({ dir });
    const hex = library.digest.slice('sha256:'.length);
    const served = files.get(`/library/${hex}.json`);
    const { digest: _, ...content } = JSON.parse(new TextDecoder().decode(served?.bytes));
    expect(sha256(canonical(content))).toBe(hex);
  });
  test('comes compressed to a browser that asks, and decompresses to the very bytes of its digest', async () => {
    const { files } = await loadLibrary({ dir });
    for (const [path, file] of files) {
      if (!path.startsWith('/library/')) continue;
      const small = await brotliOf(file);
      expect(small.length).toBeLessThan(file.bytes.length / 2);
      expect(brotliDecompressSync(small).equals(file.bytes)).toBe(true);
    }
  });
  test('gives every equation its ONNX twin, and every graph under the digest of its bytes', async () => {
    const { library, files } = await loadLibrary({ dir });
    for (const model of library.risk) {
      if (model.kind === 'points') continue;
      const graph = model.kind === 'onnx' ? model : model.twin;
      expect(graph && sha256(files.get(graph.url)?.bytes ?? '')).toBe(graph?.sha256);
    }
  });
  test('gives every model’s card apart, under the digest of its bytes, and keeps it out of what Today waits for', async () => {
    const { library, files } = await loadLibrary({ dir });
    for (const { id, card, cardUrl, cardSha256 } of library.risk) {
      const bytes = files.get(cardUrl ?? '')?.bytes;
      expect({ id, digest: sha256(bytes ?? '') }).toEqual({ id, digest: cardSha256 });
      expect(Object.keys(card)).toEqual(['kind', 'name', 'version']);
      const whole = JSON.parse(new TextDecoder().decode(bytes));
      const written = JSON.parse(readFileSync(join(dir, 'risk', id, 'card.json'), 'utf8'));
      expect(canonical(whole)).toBe(canonical(written));
    }
  });
  test('has another digest when a card changes', async () => {
    const first = await loadLibrary({ dir });
    edit('risk/qsofa/card.json', (text) => text.replace('Adults with', 'People with'));
    expect((await loadLibrary({ dir })).library.digest).not.toBe(first.library.digest);
  });
  test('refuses a card that speaks of another graph or version than the one that runs', async () => {
    const card = 'risk/hidden-albuminuria/card.json';
    edit(card, (text) =>
      text.replace(/"sha256": "[0-9a-f]{4}/, '"sha256": "0000').replace('"version": "1.1.0"', '"version": "9.9.9"'),
    );
    const problems = await validateLibrary({ dir });
    expect(problems).toContainEqual(expect.objectContaining({ file: card, path: 'artifact.sha256' }));
    expect(problems).toContainEqual(expect.objectContaining({ file: card, path: 'version', found: '9.9.9' }));
  });
  test('refuses a card whose attribute is left blank', async () => {
    edit('risk/qsofa/card.json', (text) => text.replace('"Race is not used"', '" "'));
    expect(await validateLibrary({ dir })).toContainEqual(expect.objectContaining({ path: 'attributes.E5' }));
  });
  test('refuses to start when a trained graph is not the one that was validated', async () => {
    const onnx = (await loadLibrary({ dir })).library.risk.find((model) => model.kind === 'onnx');
    if (onnx?.kind !== 'onnx') throw new Error('the library has no trained model');
    const path = join(dir, 'risk', onnx.id, onnx.file);
    const bytes = readFileSync(path);
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    writeFileSync(path, bytes);
    await expect(loadLibrary({ dir })).rejects.toThrow(LibraryError);
  });
  test('takes a site’s own file instead of ours of the same name, and says so in its version', async () => {
    const overlay = join(dir, 'site');
    mkdirSync(join(overlay, 'value-sets'), { recursive: true });
    const own = JSON.parse(readFileSync('models/value-sets/dialysis.json', 'utf8'));
    writeFileSync(join(overlay, 'value-sets/dialysis.json'), JSON.stringify({ ...own, title: 'Dialysis here' }));
    const { library } = await loadLibrary({ dir, overlay });
    expect(library.valueSets.find(({ id }) => id === 'dialysis')?.title).toBe('Dialysis here');
    expect(library.version).toMatch(/\+site$/);
  });
});

describe('what is wrong is told with file, line, path and what to try', () => {
  test('a misspelt field', async () => {
    edit(EGFR, (text) => text.replace('"limitation"', '"limitaton"'));
    const problems = await validateLibrary({ dir });
    expect(problems).toContainEqual(
      expect.objectContaining({ file: EGFR, path: 'limitaton', advice: expect.stringContaining('spelling') }),
    );
    const line =
      readFileSync(join(dir, EGFR), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('limitaton')) + 1;
    expect(problems.find(({ path }) => path === 'limitaton')?.line).toBe(line);
  });
  test.each([
    [
      'a number given as text',
      (text: string) => text.replace('"kappa": 0.7', '"kappa": "0.7"'),
      'constants.female.kappa',
    ],
    ['a formula with an unknown name', (text: string) => text.replace('scr / kappa', 'scr / kapa'), 'terms.0.formula'],
    ['a formula that is code', (text: string) => text.replace('scr / kappa', 'fetch(scr)'), 'terms.0.formula'],
    [
      'a citation recalled but dated',
      (text: string) => text.replace('"basis": "shared"', '"basis": "recalled", "opened": "2026-11-22"'),
      'citations.0',
    ],
    ['a value set that is not there', (text: string) => text.replace('"dialysis"', '"dialisys"'), 'condition.dialisys'],
    [
      'a measurement that is not there',
      (text: string) => text.replace('observation.creatinine', 'observation.creatinin'),
      'observation.creatinin',
    ],
  ])('%s', async (_name, change, path) => {
    edit(EGFR, change);
    expect(await validateLibrary({ dir })).toContainEqual(expect.objectContaining({ file: EGFR, path }));
    await expect(loadLibrary({ dir })).rejects.toThrow(LibraryError);
  });
  test('a unit that does not fit its measurement, and points for a total that is not there', async () => {
    edit(EGFR, (text) => text.replace('"unit": "mg/dL"', '"unit": "mm[Hg]"'));
    edit('risk/cha2ds2-va/manifest.json', (text) => text.replace('{"cha2ds2_va": 1}', '{"chads": 1}'));
    const problems = await validateLibrary({ dir });
    expect(problems).toContainEqual(
      expect.objectContaining({ path: 'observation.creatinine', found: 'mm[Hg]', advice: 'mg/dL' }),
    );
    expect(problems).toContainEqual(
      expect.objectContaining({ path: 'items.0.points.chads', expected: 'one of cha2ds2_va' }),
    );
  });
  test('a file that is not JSON', async () => {
    edit(EGFR, (text) => text.replace('"version": "1.0.0",', '"version": "1.0.0"'));
    expect(await validateLibrary({ dir })).toContainEqual(expect.objectContaining({ file: EGFR, expected: 'JSON' }));
  });
  test('a card that lacks a source attribute, and a model without a card', async () => {
    const card = 'risk/ckd-epi-2021-creatinine/card.json';
    edit(card, (text) => text.replace('"E5"', '"E55"'));
    expect(await validateLibrary({ dir })).toContainEqual(
      expect.objectContaining({ file: card, path: 'attributes.E5' }),
    );
    rmSync(join(dir, card));
    expect(await validateLibrary({ dir })).toContainEqual(
      expect.objectContaining({ file: card, expected: 'a model card' }),
    );
  });
});

describe('what a site sets for the models that ask for it', () => {
  const site = (settings: unknown) => {
    const overlay = join(dir, 'site');
    mkdirSync(overlay, { recursive: true });
    writeFileSync(join(overlay, 'site.json'), JSON.stringify(settings));
    return { dir, overlay };
  };
  test('is in the library, under its digest', async () => {
    const { library } = await loadLibrary(site({ 'kfre-region': 'north-america' }));
    expect(library.site).toEqual({ 'kfre-region': 'north-america' });
    expect(library.digest).not.toBe((await loadLibrary({ dir })).library.digest);
  });
  test('is absent until it is set: nothing is guessed', async () => {
    expect((await loadLibrary({ dir })).library.site).toBeUndefined();
  });
  test('is refused when no model knows the name or the word', async () => {
    expect(await validateLibrary(site({ 'kfre-regoin': 'north-america' }))).toContainEqual(
      expect.objectContaining({ file: 'site.json', path: 'kfre-regoin' }),
    );
    expect(await validateLibrary(site({ 'score2-region': 'Low' }))).toContainEqual(
      expect.objectContaining({ path: 'score2-region', expected: 'one of low, moderate, high, very-high' }),
    );
  });
});

test('a fact that is asked for needs its question, and a question needs such a fact', async () => {
  edit('risk/orbit/manifest.json', (text) =>
    text.replace('"fact": "asked.bleeding-history"', '"fact": "condition.stroke"'),
  );
  edit('risk/kfre-4/manifest.json', (text) =>
    text.replace('"fact": "site.kfre-region"', '"fact": "asked.kfre-region"'),
  );
  const problems = await validateLibrary({ dir });
  expect(problems).toContainEqual(
    expect.objectContaining({ file: 'risk/orbit/manifest.json', path: 'condition.stroke' }),
  );
  expect(problems).toContainEqual(expect.objectContaining({ file: 'risk/kfre-4/manifest.json', found: 'no question' }));
});

test('a stratum without its row is refused', async () => {
  edit('risk/score2/manifest.json', (text) => text.replace('"very-high/female"', '"very high/female"'));
  expect(await validateLibrary({ dir })).toContainEqual(
    expect.objectContaining({
      file: 'risk/score2/manifest.json',
      path: 'constants',
      expected: 'a row very-high/female',
    }),
  );
});

test('a refusal names only inputs', async () => {
  edit('risk/gail-bcrat/manifest.json', (text) => text.replace('"until <= age"', '"until <= agee"'));
  expect(await validateLibrary({ dir })).toContainEqual(
    expect.objectContaining({ file: 'risk/gail-bcrat/manifest.json', path: 'refuse.2.when' }),
  );
});

test('the line of a nested value is found, and that of its parent when it is absent', () => {
  const text = '{\n "a": [\n  1,\n  {"b": "}",\n   "c": 2}\n ]\n}';
  expect(lineAt(text, ['a', 1, 'c'])).toBe(5);
  expect(lineAt(text, ['a', 1, 'd'])).toBe(4);
  expect(lineAt(text, [])).toBe(1);
});

test('the schemas that editors use are those that validate', () => {
  for (const [name, text] of Object.entries(jsonSchemas()))
    expect(readFileSync(join('models/schemas', name), 'utf8')).toBe(text);
});
