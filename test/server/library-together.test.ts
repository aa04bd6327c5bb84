import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Burden } from '../../models/engine/burdens/burden.ts';
import type { Duplicate } from '../../models/engine/duplicates/duplicate.ts';
import { loadLibrary, validateLibrary } from '../../server/library.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'together-'));
  cpSync('models', dir, { recursive: true, filter: (from) => !/models\/(engine|training)(\/|$)/.test(from) });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Writable<T> = { -readonly [K in keyof T]: T[K] extends object ? Writable<T[K]> : T[K] };

function edit<T>(file: string, change: (json: Writable<T>) => void): void {
  const path = join(dir, file);
  const json = JSON.parse(readFileSync(path, 'utf8')) as Writable<T>;
  change(json);
  writeFileSync(path, JSON.stringify(json));
}

test('burdens, duplicates and companions travel in the library, without their cases', async () => {
  const { library } = await loadLibrary({ dir });
  expect(library.burdens?.map(({ id }) => id)).toContain('burden-qt');
  expect(library.duplicates?.[0]?.groups.length).toBeGreaterThan(30);
  expect(library.companions?.length).toBeGreaterThan(5);
  expect(JSON.stringify(library.burdens)).not.toContain('"cases"');
});

describe('the validator', () => {
  test('names what leads nowhere, and a critical that rests on recall', async () => {
    edit<Burden>('burdens/burden-qt.json', ({ tiers, contributors }) => {
      Object.assign(tiers[0] ?? {}, { all: ['qtc-5000'] });
      Object.assign(contributors[1] ?? {}, { traits: ['qt:certain'] });
    });
    edit<Burden>('burdens/burden-triple-whammy.json', ({ tiers }) => {
      Object.assign(tiers[0] ?? {}, { of: { raas: 1, nsaids: 1 } });
    });
    edit<Burden>('burdens/burden-anticholinergic.json', ({ tiers }) => {
      Object.assign(tiers[0] ?? {}, { indicator: 'critical' });
    });
    edit<Duplicate>('duplicates/duplicate-therapy.json', ({ groups }) => {
      Object.assign(groups[0] ?? {}, { cite: ['nsaids'] });
      Object.assign(groups[1]?.group ?? {}, { classes: ['arbs'] });
    });
    const problems = (await validateLibrary({ dir }))
      .map(({ file, path, found }) => `${file} ${path}: ${found}`)
      .sort();
    expect(problems).toEqual([
      'burdens/burden-anticholinergic.json tiers.older: none',
      'burdens/burden-qt.json qt:certain: qt:certain',
      'burdens/burden-qt.json tiers.qtc-500: qtc-5000',
      'burdens/burden-triple-whammy.json tiers.three: nsaids',
      'duplicates/duplicate-therapy.json ace-inhibitor: nsaids',
      'duplicates/duplicate-therapy.json medication.arbs: “medication.arbs”',
    ]);
  });
});
