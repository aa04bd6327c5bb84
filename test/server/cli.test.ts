import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../server/cli.ts';

const BUNDLE = 'fixtures/patients/ckd4-metformin/bundle.json';
const VECTORS = '../shared/vectors';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function attune(...argv: string[]) {
  return attuneWith('', ...argv);
}
async function attuneWith(stdin: string, ...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stdin: async () => stdin,
  });
  return { code, out: out.map((line) => parsed(line)), err: err.join('\n') };
}
function parsed(line: string) {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

describe('evaluate', () => {
  test('prints one line for a Bundle, in the shape of the contract', async () => {
    const { code, out } = await attune('evaluate', BUNDLE, '--now', '2026-11-20T09:00:00Z');
    expect(code).toBe(0);
    expect(out).toHaveLength(1);
    expect(Object.keys(out[0])).toEqual([
      'source',
      'patient',
      'facts',
      'unread',
      'evaluations',
      'recommendations',
      'notChecked',
      'library',
    ]);
    expect(out[0].facts).toContainEqual(
      expect.objectContaining({ path: 'patient.age', value: 78, source: expect.stringMatching(/^Patient\//) }),
    );
    expect(out[0].facts).toContainEqual(
      expect.objectContaining({
        path: 'derived.egfr',
        unit: 'mL/min/{1.73_m2}',
        source: expect.stringMatching(/^Observation/),
        effective: expect.any(String),
      }),
    );
    for (const fact of out[0].facts.filter(
      ({ path }: { path: string }) => path.startsWith('observation.') && !path.endsWith('-status'),
    ))
      expect(fact).toMatchObject({
        unit: expect.any(String),
        effective: expect.any(String),
        source: expect.stringMatching(/^Observation\//),
      });
    expect(out[0].recommendations[0]).toMatchObject({
      indicator: 'critical',
      summary: expect.stringContaining('metformin'),
    });
    expect(out[0].library.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
  test('reads NDJSON from standard input, one Bundle a line', async () => {
    const line = JSON.stringify(JSON.parse(readFileSync(BUNDLE, 'utf8')));
    const { code, out } = await attuneWith(`${line}\n${line}\n`, 'evaluate', '-', '--now', 'last');
    expect(code).toBe(0);
    expect(out.map(({ source }) => source)).toEqual(['stdin:1', 'stdin:2']);
  });
  test('tells the rest when one line cannot be read, and exits 1', async () => {
    const line = JSON.stringify(JSON.parse(readFileSync(BUNDLE, 'utf8')));
    const { code, out, err } = await attuneWith(
      `${line}\n{"resourceType":\n{"resourceType":"Patient"}\n${line}\n`,
      'evaluate',
      '-',
      '--now',
      'last',
    );
    expect(code).toBe(1);
    expect(out).toHaveLength(2);
    expect(err).toContain('stdin:2: not JSON');
    expect(err).toContain('stdin:3: not a FHIR Bundle');
  });
  test('--now last is the Bundle’s newest dated entry, whatever its other dates look like', async () => {
    const observation = (effectiveDateTime: string) => ({
      resource: { resourceType: 'Observation', id: 'o', status: 'final', effectiveDateTime },
    });
    const patient = { resource: { resourceType: 'Patient', id: 'p', gender: 'male', birthDate: '1950-06-15' } };
    const entry = [patient, observation('soon'), observation('2001-06-14'), observation('1999')];
    const { out } = await attuneWith(
      JSON.stringify({ resourceType: 'Bundle', entry }),
      'evaluate',
      '-',
      '--now',
      'last',
    );
    expect(out[0].facts).toContainEqual(expect.objectContaining({ path: 'patient.age', value: 50 }));
  });
  test('says of a Bundle without a patient that nothing was checked', async () => {
    const { code, out } = await attuneWith('{"resourceType":"Bundle","type":"collection"}', 'evaluate', '-');
    expect(code).toBe(0);
    expect(out).toMatchObject([
      { patient: null, evaluations: [], notChecked: [{ reason: 'the Bundle holds no Patient' }] },
    ]);
  });
  test('says which file is not there', async () => {
    expect(await attune('evaluate', join(dir, 'none.json'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT'),
    });
  });
  test.each([[['evaluate']], [['evaluate', BUNDLE, '--now', 'yesterday']], [['evaluate', BUNDLE, '--nwo', 'last']]])(
    '%j is bad usage',
    async (argv) => {
      expect(await attune(...argv)).toMatchObject({ code: 2, out: [] });
    },
  );
});

describe.skipIf(!existsSync(VECTORS))('verify models on the published cases', () => {
  test('all that is shipped passes, and nothing else is claimed', async () => {
    const { code, out } = await attune('verify', 'models', VECTORS);
    expect(code).toBe(0);
    const results = Object.fromEntries(out[0].results.map((result: { file: string }) => [result.file, result]));
    expect(results['prevent.json']).toMatchObject({ status: 'passed', cases: 265, passed: 1325, failures: [] });
    const files = readdirSync(VECTORS).filter((name) => name.endsWith('.json'));
    for (const file of files)
      expect(results[file]).toMatchObject({ file, status: 'passed', notShipped: 0, failures: [] });
  });
  test('--values prints every case, from which the summary is computed', async () => {
    const { out } = await attune('verify', 'models', VECTORS, '--values');
    const vectors = JSON.parse(readFileSync(join(VECTORS, 'prevent.json'), 'utf8'));
    const lines = out.filter(({ file }) => file === 'prevent.json');
    expect(lines).toHaveLength(vectors.cases.length);
    for (const [index, one] of vectors.cases.entries()) {
      expect(lines[index].case).toBe(index);
      for (const [output, value] of Object.entries(one.expected))
        expect(lines[index].got[output]).toBeCloseTo(value as number, 9);
    }
  });
});

describe('verify models', () => {
  test('fails, and shows the case, when an expected value is off by more than the tolerance', async () => {
    const wrong = {
      model: 'x',
      tolerance: { abs: 1e-9 },
      cases: [{ input: { age: 50, sex: 'female', scr: 1 }, expected: { ckd_epi_2021_cr: 68.64 } }],
    };
    writeFileSync(join(dir, 'ckd_epi.json'), JSON.stringify(wrong));
    const { code, out } = await attune('verify', 'models', dir);
    expect(code).toBe(1);
    expect(out[0].results).toMatchObject([
      { file: 'ckd_epi.json', status: 'failed', passed: 0, failures: [{ case: 0, output: 'ckd_epi_2021_cr' }] },
    ]);
  });
  test('fails when the band has another word, and names the tolerance a value is held to', async () => {
    const input = { age: 40, sex: 'female', loop_diuretic: false, potassium: 4.2, qtc_ms: 420, acute_mi: false };
    const wrong = {
      model: 'x',
      tolerance: { abs: 0 },
      cases: [
        {
          input: { ...input, sepsis: false, heart_failure: false, qt_drug_count: 0 },
          expected: { tisdale: 1, band: 'moderate' },
        },
      ],
    };
    writeFileSync(join(dir, 'tisdale.json'), JSON.stringify(wrong));
    const { code, out } = await attune('verify', 'models', dir);
    rmSync(join(dir, 'tisdale.json'));
    expect(code).toBe(1);
    expect(out[0].results.find(({ file }: { file: string }) => file === 'tisdale.json')).toMatchObject({
      status: 'failed',
      passed: 1,
      failures: [{ output: 'band', got: 'low', expected: 'moderate' }],
    });
  });
  test('an input that is not given is refused, not guessed', async () => {
    const lacking = {
      model: 'x',
      tolerance: { abs: 1e-9 },
      cases: [{ input: { age: 50, sex: 'female' }, expected: { ckd_epi_2021_cr: 68.6 } }],
    };
    writeFileSync(join(dir, 'ckd_epi.json'), JSON.stringify(lacking));
    const { out } = await attune('verify', 'models', dir, '--values');
    expect(out).toEqual([{ file: 'ckd_epi.json', case: 0, got: { ckd_epi_2021_cr: null } }]);
  });
});

describe('other commands', () => {
  test('validate finds nothing wrong with the library that ships', async () => {
    expect(await attune('validate', 'models')).toMatchObject({ code: 0, out: [] });
  });
  test('validate judges a site’s own folder as it is used, over ours', async () => {
    const site = join(dir, 'site');
    mkdirSync(join(site, 'value-sets'), { recursive: true });
    const own = JSON.parse(readFileSync('models/value-sets/dialysis.json', 'utf8'));
    writeFileSync(join(site, 'value-sets/dialysis.json'), JSON.stringify(own));
    expect(await attune('validate', site)).toMatchObject({ code: 0, out: [] });
    writeFileSync(join(site, 'value-sets/dialysis.json'), JSON.stringify({ ...own, codes: [] }));
    expect(await attune('validate', site)).toMatchObject({
      code: 1,
      out: expect.arrayContaining([
        expect.stringMatching(/^value-sets\/dialysis.json:1 {2}codes {2}expected .+; found \[\]; try /),
      ]),
    });
    expect(await attune('validate', join(dir, 'nowhere'))).toMatchObject({ code: 2 });
  });
  test('no command, or an unknown one, shows the usage', async () => {
    expect(await attune()).toMatchObject({ code: 2, err: expect.stringContaining('usage: attune') });
    expect(await attune('evalute')).toMatchObject({ code: 2, err: expect.stringContaining('usage: attune') });
  });
  test('an audit store that is not there is not called intact', async () => {
    expect(await attune('audit', 'verify', '--data', dir)).toMatchObject({ code: 2, out: [] });
  });
});
