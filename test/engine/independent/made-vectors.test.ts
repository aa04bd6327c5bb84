/** Conformance cases made up here, from transcriptions of two published formulas that share nothing with the library. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../server/cli.ts';
import { kidneyFailureRisk, type Person } from './kfre.ts';
import { type Laboratory, meld3 } from './meld-3.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'made-vectors-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const to = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const sex = fc.constantFrom('female' as const, 'male' as const);
const person: fc.Arbitrary<Person> = fc.record({
  age: fc.integer({ min: 18, max: 100 }),
  sex,
  egfr: to(2, 59.9),
  acr: to(0.2, 20_000),
  diabetes: fc.boolean(),
  hypertension: fc.boolean(),
  albumin: to(1, 6),
  phosphate: to(1, 12),
  bicarbonate: to(8, 45),
  calcium: to(5, 15),
});
const laboratory: fc.Arbitrary<Laboratory> = fc.record({
  sex,
  bilirubin: fc.oneof(fc.constantFrom(1, 0.99, 1.01), to(0.1, 50)),
  sodium: fc.oneof(fc.constantFrom(125, 137), to(105, 160)),
  inr: to(0.6, 12),
  creatinine: fc.oneof(fc.constantFrom(1, 3), to(0.2, 12)),
  albumin: fc.oneof(fc.constantFrom(1.5, 3.5), to(0.8, 6)),
  dialysis: fc.constant(false),
});

function kfreCase(made: Person) {
  const expected = ([4, 6, 8] as const).flatMap((variables) =>
    ([2, 5] as const).flatMap((years) => [
      [`${variables}var_NA_${years}y`, kidneyFailureRisk(variables, { person: made, region: 'north-america', years })],
      [`${variables}var_nonNA_${years}y`, kidneyFailureRisk(variables, { person: made, region: 'elsewhere', years })],
    ]),
  );
  const input = {
    age: made.age,
    sex: made.sex,
    egfr: made.egfr,
    uacr_mg_g: made.acr,
    albumin_g_dl: made.albumin,
    phosphorus_mg_dl: made.phosphate,
    bicarbonate_mmol_l: made.bicarbonate,
    calcium_mg_dl: made.calcium,
    dm: Number(made.diabetes),
    htn: Number(made.hypertension),
  };
  return { input, expected: Object.fromEntries(expected) };
}

function meldCase(made: Laboratory) {
  const { unrounded, final } = meld3(made);
  const { dialysis: _, ...input } = made;
  return { input, expected: { meld3_unrounded: unrounded, meld3_final_6_40: final } };
}

/** Runs the very command a reviewer runs, on a folder with these two files. */
async function verify(files: Readonly<Record<string, object>>) {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), JSON.stringify(content));
  const lines: string[] = [];
  const code = await run(['verify', 'models', dir], {
    out: (line: string) => lines.push(line),
    err: () => {},
    stdin: async () => '',
  });
  return { code, results: JSON.parse(lines[0] ?? '{}').results };
}

describe('made-up conformance cases', () => {
  test('of kidney failure risk (4, 6 and 8 variables, both regions) and MELD 3.0 pass by the command that judges the published ones', async () => {
    const { code, results } = await verify({
      'kfre.json': { model: 'KFRE', tolerance: { abs: 1e-12 }, cases: fc.sample(person, 300).map(kfreCase) },
      'meld.json': {
        model: 'MELD 3.0',
        tolerance: { meld3_abs: 0, meld_abs: 1e-9 },
        cases: fc.sample(laboratory, 300).map(meldCase),
      },
    });
    expect(results).toMatchObject([
      { file: 'kfre.json', status: 'passed', cases: 300, passed: 3600, notShipped: 0 },
      { file: 'meld.json', status: 'passed', cases: 300, passed: 600, notShipped: 0 },
    ]);
    expect(code).toBe(0);
  });
  test('fail when the other implementation has one digit wrong', async () => {
    const wrong = fc.sample(person, 20).map((made) => kfreCase({ ...made, age: made.age + 0.001 }));
    const cases = wrong.map(({ input, expected }) => ({ input: { ...input, age: input.age - 0.001 }, expected }));
    const { code, results } = await verify({ 'kfre.json': { model: 'KFRE', tolerance: { abs: 1e-12 }, cases } });
    expect(results).toMatchObject([{ status: 'failed' }]);
    expect(code).toBe(1);
  });
});

const PUBLISHED = '../shared/vectors/meld.json';

test.skipIf(!existsSync(PUBLISHED))('the transcription agrees with the published cases themselves', () => {
  const published = JSON.parse(readFileSync(PUBLISHED, 'utf8')) as {
    cases: { input: Omit<Laboratory, 'dialysis'>; expected: { meld3_unrounded: number; meld3_final_6_40: number } }[];
  };
  for (const { input, expected } of published.cases) {
    const { unrounded, final } = meld3({ ...input, dialysis: false });
    expect(unrounded).toBeCloseTo(expected.meld3_unrounded, 9);
    expect(final).toBe(expected.meld3_final_6_40);
  }
});
