import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../server/cli.ts';

const GOLD = '../shared/gold';
const OURS = 'test/engine/interactions/pairs';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'verify-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(json: unknown): string {
  const path = join(dir, 'list.json');
  writeFileSync(path, JSON.stringify(json));
  return path;
}

async function attune(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, { out: (line) => out.push(line), err: (line) => err.push(line), stdin: async () => '' });
  return { code, out: out.map((line) => JSON.parse(line)), err: err.join('\n') };
}

const pair = (a: string, a_rxcui: string | null, b: string, b_rxcui: string | null, expected: string) => ({
  a,
  a_rxcui,
  b,
  b_rxcui,
  expected,
});
const contraindicated = pair('simvastatin', '36567', 'clarithromycin', '21212', 'HIGH');
const harmless = pair('lisinopril', '29046', 'acetaminophen', '161', 'NO_ALERT');
const unknown = pair('morpholine salicylate', null, 'lisinopril', '29046', 'NOT_INTERRUPTIVE');

describe('verify interactions', () => {
  test('finds pairs in any array of the file and sums them up', async () => {
    const path = file({ about: 'x', first: [contraindicated], deep: { more: [harmless, unknown] } });
    const { code, out, err } = await attune('verify', 'interactions', path);
    expect(code).toBe(0);
    expect(out).toEqual([
      { results: [{ file: 'list.json', pairs: 3, resolved: 2, critical: 1, warning: 0, info: 0, none: 1 }] },
    ]);
    expect(err).toContain('morpholine salicylate');
  });
  test('prints one line a pair with --values, in the shape of the contract', async () => {
    const { out } = await attune('verify', 'interactions', file([contraindicated, harmless, unknown]), '--values');
    expect(out).toMatchObject([
      { file: 'list.json', a_rxcui: '36567', b_rxcui: '21212', expected: 'HIGH', got: 'critical' },
      { file: 'list.json', got: 'none' },
      { file: 'list.json', a_rxcui: null, got: 'unresolved' },
    ]);
  });
  test('resolves by name what has no code', async () => {
    const { out } = await attune('verify', 'interactions', file([{ ...contraindicated, a_rxcui: null }]), '--values');
    expect(out).toMatchObject([{ got: 'critical' }]);
  });
  test('falls short when a pair that must alert does not', async () => {
    const { code, err } = await attune('verify', 'interactions', file([{ ...harmless, expected: 'HIGH' }]));
    expect(code).toBe(1);
    expect(err).toContain('lisinopril + acetaminophen: none');
  });
  test('falls short when a pair that must not interrupt does', async () => {
    const interrupts = { ...contraindicated, expected: 'NOT_INTERRUPTIVE' };
    expect((await attune('verify', 'interactions', file([interrupts]))).code).toBe(1);
  });
  test('gives the reason of a pair held at warning', async () => {
    const held = pair('lovastatin', '6472', 'diltiazem', '3443', 'HIGH');
    const { out, err } = await attune('verify', 'interactions', file([held]), '--values');
    expect(out[0]).toMatchObject({ got: 'warning', reason: expect.stringContaining('20 mg') });
    expect(err).toContain('lovastatin + diltiazem: warning');
  });
  test('wants a file', async () => {
    expect((await attune('verify', 'interactions')).code).toBe(2);
  });
  test('at most 2 of 100 common harmless pairs warn, and none interrupts', async () => {
    const { out } = await attune('verify', 'interactions', join(OURS, 'harmless.json'));
    const [{ pairs, resolved, critical, warning }] = out[0].results;
    expect(resolved).toBe(pairs);
    expect(critical).toBe(0);
    expect(warning / pairs).toBeLessThanOrEqual(0.02);
  });
  test('at least 90 of 100 pairs that compendia call major warn', async () => {
    const { out } = await attune('verify', 'interactions', join(OURS, 'majors.json'));
    const [{ resolved, critical, warning }] = out[0].results;
    expect((critical + warning) / resolved).toBeGreaterThanOrEqual(0.9);
  });
});

describe.skipIf(!existsSync(GOLD))('the shared lists', () => {
  test('every high-priority pair is resolved and at critical or warning', async () => {
    const { code, out } = await attune('verify', 'interactions', join(GOLD, 'onc_high_priority_sample.json'));
    const [{ pairs, resolved, critical, warning }] = out[0].results;
    expect([code, resolved, critical + warning]).toEqual([0, pairs, pairs]);
  });
  test('no pair of the non-interruptive list interrupts', async () => {
    const { code, out } = await attune('verify', 'interactions', join(GOLD, 'onc_non_interruptive_sample.json'));
    expect([code, out[0].results[0].critical]).toEqual([0, 0]);
  });
  test('every context case passes', async () => {
    const { code, out } = await attune('verify', 'context', join(GOLD, 'context_cases_sample.json'));
    expect([code, out[0].results[0].failures]).toEqual([0, []]);
  });
});

describe('verify context', () => {
  const one = (changes: object) => ({
    cases: [{ id: 'A', meds: ['lisinopril', 'spironolactone'], labs: { K: 6.2 }, age: 70, expect: 'HIGH', ...changes }],
  });
  test('reads potassium by its short name, and what it means reaches the tier', async () => {
    expect((await attune('verify', 'context', file(one({})), '--values')).out).toEqual([
      { file: 'list.json', id: 'A', expect: 'HIGH', got: 'critical' },
    ]);
  });
  test('falls short when the tier does not meet the expectation', async () => {
    const { code, out } = await attune('verify', 'context', file(one({ labs: { '2823-3': 4.1 } })));
    expect(code).toBe(1);
    expect(out[0].results[0]).toMatchObject({ cases: 1, passed: 0, failures: [{ id: 'A', expect: 'HIGH' }] });
  });
  test('a dose in the words of the medicine reaches the cap of a label', async () => {
    const cap = (dose: string, expectation: string) =>
      file({ cases: [{ id: 'B', meds: [`simvastatin ${dose}`, 'amlodipine'], expect: expectation }] });
    expect((await attune('verify', 'context', cap('20 mg', 'LOW'))).code).toBe(0);
    expect((await attune('verify', 'context', cap('40 mg', 'MODERATE'))).code).toBe(0);
  });
  test('a medicine that was stopped long ago takes no part', async () => {
    const meds = ['simvastatin', 'clarithromycin (stopped 60 days ago)'];
    expect((await attune('verify', 'context', file({ cases: [{ id: 'C', meds, expect: 'no alert' }] }))).code).toBe(0);
  });
  test('says which words it did not understand', async () => {
    const { err } = await attune('verify', 'context', file(one({ labs: { K: 6.2, XYZ: 1 }, hx: ['loves music'] })));
    expect(err).toContain('not understood: lab XYZ');
    expect(err).toContain('not understood: history loves music');
  });
});
