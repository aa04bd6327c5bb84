/** A treatment's effect as a file: what is wrong with one is said with file and place, and the library is not used. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadLibrary, type Problem, validateLibrary } from '../../server/library.ts';

type Written = Record<string, unknown>;
const ours = JSON.parse(readFileSync('models/effects/statin-per-mmol.json', 'utf8')) as Written;

let site: string;
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), 'effects-'));
  mkdirSync(join(site, 'effects'));
});
afterEach(() => rmSync(site, { recursive: true, force: true }));

async function problemsOf(change: Written): Promise<readonly Problem[]> {
  writeFileSync(join(site, 'effects/statin-per-mmol.json'), JSON.stringify({ ...ours, ...change }, null, 2));
  return validateLibrary({ dir: 'models', overlay: site });
}

test('a site’s own file replaces ours of the same name, and is in the digest', async () => {
  expect(await problemsOf({ ratio: 0.78, interval: [0.76, 0.8] })).toEqual([]);
  const [plain, changed] = await Promise.all([
    loadLibrary({ dir: 'models' }),
    loadLibrary({ dir: 'models', overlay: site }),
  ]);
  const ratios = changed.library.effects?.filter(({ id }) => id === 'statin-per-mmol').map(({ ratio }) => ratio);
  expect(ratios).toEqual([0.78]);
  expect(changed.library.digest).not.toBe(plain.library.digest);
});

test.each([
  ['a ratio outside its own interval', { ratio: 0.5 }, 'a ratio within its interval'],
  [
    'a number that no model gives',
    { fits: [{ models: ['pce-2013'], outcome: 'heart_failure' }] },
    '“pce-2013” heart_failure',
  ],
  ['a number that is no probability', { fits: [{ models: ['news2'], outcome: 'news2' }] }, '“news2” news2'],
  [
    'a limit in a unit that does not fit',
    {
      limits: [
        {
          fact: 'observation.ldl-cholesterol',
          label: 'LDL',
          unit: 'mm[Hg]',
          range: [2, 5],
          maxAge: 'P5Y',
          because: 'x',
        },
      ],
    },
    'mm[Hg]',
  ],
  [
    'a drug class that is not there',
    { population: { text: 'x', unless: [{ fact: 'medication.stains', because: 'x' }] } },
    'medication.stains',
  ],
  ['no source', { citations: [] }, ''],
] as const)('%s is refused', async (_, change, said) => {
  const problems = await problemsOf(change);
  expect(problems.length).toBeGreaterThan(0);
  for (const { file } of problems) expect(file).toBe('effects/statin-per-mmol.json');
  expect(JSON.stringify(problems)).toContain(JSON.stringify(said).slice(1, -1));
});
