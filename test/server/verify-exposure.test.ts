import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../server/cli.ts';

const SAMPLE = '../shared/gold/auc_ratios_sample.json';
const dir = mkdtempSync(join(tmpdir(), 'exposure-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function verify(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(['verify', 'exposure', ...argv], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stdin: async () => '',
  });
  return { code, out: out.map((line) => JSON.parse(line)), err: err.join('\n') };
}
function fileOf(name: string, rows: readonly object[]): string {
  const file = join(dir, name);
  writeFileSync(file, JSON.stringify({ rows }));
  return file;
}

const ROW = {
  id: 'R1',
  victim: 'metoprolol',
  victim_rxcui: '6918',
  perpetrator: 'paroxetine',
  perp_rxcui: '32937',
  aucr_obs: 4,
};

describe('verify exposure', () => {
  it('prints counts a file, or with --values a line a row', async () => {
    const file = fileOf('one.json', [ROW]);
    expect(await verify(file)).toMatchObject({
      code: 0,
      out: [{ results: [{ file: basename(file), rows: 1, predicted: 1, within2: 1, declined: [] }] }],
    });
    const [line] = (await verify(file, '--values')).out;
    expect(line).toEqual({ file: basename(file), id: 'R1', aucr_obs: 4, got: expect.closeTo(4, 0) });
  });
  it('falls short when fewer than nine of ten predictions are within twofold', async () => {
    expect((await verify(fileOf('far.json', [{ ...ROW, aucr_obs: 40 }]))).code).toBe(1);
  });
  it('falls short when it declines more than it may, and says why for each row', async () => {
    const rows = [
      { ...ROW, id: 'A', victim: 'dextrorphan', victim_rxcui: null, is_metabolite_or_enantiomer: true },
      { ...ROW, id: 'B', victim: 'nobodyknowsin', victim_rxcui: null },
      { ...ROW, id: 'C', perpetrator: 'nobodyknowsin', perp_rxcui: null },
      { ...ROW, id: 'D', victim: 'eliglustat', victim_rxcui: '1547220', perpetrator: 'rifampin', perp_rxcui: '9384' },
      { ...ROW, id: 'E', perpetrator: null, perp_rxcui: null, genotype: 'CYP2C19 PM vs EM' },
    ];
    const { code } = await verify(fileOf('declined.json', rows));
    expect(code).toBe(1);
    const { out } = await verify(join(dir, 'declined.json'), '--values');
    expect(out.map(({ got, declined }) => [got, declined])).toEqual([
      [null, 'a metabolite or enantiomer without parameters of its own'],
      [null, 'object without parameters'],
      [null, 'precipitant without parameters'],
      [null, 'the induction of its extraction in the gut wall is not described'],
      [null, 'the gene’s pathway is not among the object’s'],
    ]);
  });
  it('reads genotypes, regimens and the way round a set gives its ratios', async () => {
    const alone = { ...ROW, perpetrator: null, perp_rxcui: null };
    const rows = [
      { ...alone, id: 'PM', genotype: 'CYP2D6 PM vs EM', aucr_obs: 4.9 },
      {
        ...alone,
        id: 'PM inverted',
        set: 'OSP_DDGI',
        kind: 'gene_effect',
        genotype: 'CYP2D6 PM vs NM/reference (no perpetrator)',
        aucr_obs: 0.2,
      },
      { ...ROW, id: 'PM on the inhibitor', genotype: 'CYP2D6 AS0', aucr_obs: 1 },
      {
        id: 'SD',
        victim: 'rosuvastatin',
        victim_rxcui: '301542',
        perpetrator: 'rifampicin',
        perp_rxcui: '9384',
        perp_regimen: 'SD',
        aucr_obs: 4,
      },
      {
        id: 'MD',
        victim: 'rosuvastatin',
        victim_rxcui: '301542',
        perpetrator: 'rifampicin',
        perp_rxcui: '9384',
        perp_regimen: 'MD',
        aucr_obs: 0.7,
      },
    ];
    const { out } = await verify(fileOf('genotypes.json', rows), '--values');
    for (const { id, got, aucr_obs } of out) expect(Math.abs(Math.log(got / aucr_obs)), id).toBeLessThan(Math.log(1.6));
  });
});

describe.skipIf(!existsSync(SAMPLE))('the published sample', () => {
  it('is predicted for at least six rows in ten, nine of ten of them within twofold', async () => {
    const { code, out } = await verify(SAMPLE);
    expect(code).toBe(0);
    const [{ results }] = out as [
      { results: [{ rows: number; predicted: number; within2: number; declined: { count: number }[] }] },
    ];
    const [{ rows, predicted, within2, declined }] = results;
    expect(predicted / rows).toBeGreaterThanOrEqual(0.6);
    expect(within2 / predicted).toBeGreaterThanOrEqual(0.9);
    expect(predicted + declined.reduce((sum, { count }) => sum + count, 0)).toBe(rows);
  });
});
