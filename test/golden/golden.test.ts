import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goldenJudge, PATIENTS, patientFolders } from './golden.ts';

const judge = await goldenJudge();

describe('what is said of each synthetic patient is what was reviewed (npm run golden, then read the difference)', () => {
  test.each(patientFolders())('%s', async (folder) => {
    const expected: unknown = JSON.parse(readFileSync(join(PATIENTS, folder, 'expected.json'), 'utf8'));
    expect(JSON.parse(await judge(folder))).toEqual(expected);
  });
});
