import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../server/cli.ts';
import { answer } from '../../server/commands/verify-pgx.ts';
import { loadLibrary } from '../../server/library.ts';

const SAMPLE = '../shared/gold/pgx_cases_sample.json';
const TABLES = '../shared/knowledge/drugs/cpic_recommendations.json';
const dir = mkdtempSync(join(tmpdir(), 'pgx-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function verify(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(['verify', 'pgx', ...argv], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stdin: async () => '',
  });
  return { code, out: out.map((line) => JSON.parse(line)), err: err.join('\n') };
}

const CASE = {
  id: 'X1',
  rxcui: '2670',
  gene_results: { CYP2D6: '0.0' },
  population: 'general',
  expected_classification: 'Strong',
  expected_category: 'avoid_or_alternative',
};

describe('verify pgx', () => {
  it('prints counts a file, or with --values a line a case', async () => {
    const file = join(dir, 'one.json');
    writeFileSync(file, JSON.stringify({ cases: [CASE] }));
    expect(await verify(file)).toMatchObject({
      code: 0,
      out: [{ results: [{ file: basename(file), cases: 1, classification: 1, category: 1 }] }],
    });
    expect((await verify(file, '--values')).out).toEqual([
      { file: basename(file), id: 'X1', got_classification: 'Strong', got_category: 'avoid_or_alternative' },
    ]);
  });
  it('falls short, and says where, when a classification differs', async () => {
    const file = join(dir, 'wrong.json');
    writeFileSync(file, JSON.stringify({ cases: [{ ...CASE, expected_classification: 'Optional' }] }));
    expect((await verify(file)).code).toBe(1);
  });
  it('has no answer for a drug without guidance or an allele status that is not asked about', async () => {
    const file = join(dir, 'none.json');
    writeFileSync(file, JSON.stringify({ cases: [{ ...CASE, rxcui: '161' }] }));
    expect((await verify(file, '--values')).out).toMatchObject([{ got_classification: null, got_category: null }]);
  });
  it('without a file is bad usage', async () => {
    expect((await verify()).code).toBe(2);
  });
});

describe.skipIf(!existsSync(SAMPLE))('the published sample', () => {
  it('agrees in every classification and in nine of ten machine-made categories', async () => {
    const { code, out } = await verify(SAMPLE);
    expect(code).toBe(0);
    const [{ results }] = out as [{ results: [{ cases: number; classification: number; category: number }] }];
    expect(results[0].classification).toBe(results[0].cases);
    expect(results[0].category).toBeGreaterThanOrEqual(0.9 * results[0].cases);
  });
});

describe.skipIf(!existsSync(TABLES))('every row of CPIC’s tables', () => {
  it('is found with its strength of recommendation', async () => {
    const { library } = await loadLibrary({ dir: 'models' });
    if (!library.genes) throw new Error('no gene guidance');
    const { rows } = JSON.parse(readFileSync(TABLES, 'utf8')) as {
      rows: readonly {
        rxcui: string;
        drug: string;
        lookup: Record<string, string>;
        population: string;
        classification: string;
      }[];
    };
    const wrong: string[] = [];
    for (const row of rows) {
      const words = Object.values(row.lookup);
      const got = answer(
        { ...CASE, rxcui: row.rxcui, gene_results: row.lookup, population: row.population },
        library.genes,
      );
      if (got.classification !== row.classification)
        wrong.push(`${row.drug} ${words.join('/')} ${row.population}: ${got.classification}`);
    }
    expect(rows).toHaveLength(2115);
    expect(wrong).toEqual([]);
  });
});
