import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GeneAlleles } from '../../../models/engine/genes/knowledge.ts';
import { readDiplotype } from '../../../models/engine/genes/phenotype.ts';

const { genes } = JSON.parse(readFileSync('models/genes/alleles.json', 'utf8')) as {
  genes: Readonly<Record<string, GeneAlleles>>;
};
const TABLES = '../shared/knowledge/drugs/pgx_gene_tables.json';

function read(gene: string, diplotype: string) {
  const table = genes[gene];
  if (!table) throw new Error(gene);
  return readDiplotype(diplotype, table);
}

describe('a diplotype', () => {
  it.each([
    ['CYP2D6', '*1/*1', '2.0', 'Normal Metabolizer'],
    ['CYP2D6', '*1/*4', '1.0', 'Intermediate Metabolizer'],
    ['CYP2D6', '*4/*10', '0.25', 'Intermediate Metabolizer'],
    ['CYP2D6', '*4/*5', '0.0', 'Poor Metabolizer'],
    ['CYP2D6', '*1/*10', '1.25', 'Normal Metabolizer'],
    ['CYP2D6', '*1/*2x2', '3.0', 'Ultrarapid Metabolizer'],
    ['CYP2D6', '*1xN/*2', '≥4.0', 'Ultrarapid Metabolizer'],
    ['CYP2D6', '*4xN/*4', '0.0', 'Poor Metabolizer'],
    ['CYP2D6', '*1/*36+*10', '1.25', 'Normal Metabolizer'],
    ['CYP2D6', '*2.001/*1.001', '2.0', 'Normal Metabolizer'],
    ['CYP2C9', '*2/*3', '0.5', 'Poor Metabolizer'],
    ['CYP2C9', '*1/*7', 'n/a', 'Indeterminate'],
    ['DPYD', '*1/*2A', '1.0', 'Intermediate Metabolizer'],
    ['DPYD', 'c.1905+1G>A/c.2846A>T', '0.5', 'Poor Metabolizer'],
    ['CYP2C19', '*2/*17', undefined, 'Intermediate Metabolizer'],
    ['CYP2C19', '*17/*1', undefined, 'Rapid Metabolizer'],
    ['SLCO1B1', '*1/*5', undefined, 'Decreased Function'],
    ['TPMT', '*1/*3A', undefined, 'Intermediate Metabolizer'],
    ['UGT1A1', '*28/*28', undefined, 'Poor Metabolizer'],
    ['CYP3A5', '*3/*3', undefined, 'Poor Metabolizer'],
  ])('%s %s is %s, %s', (gene, diplotype, score, phenotype) => {
    expect(read(gene, diplotype)).toEqual({ phenotype, ...(score === undefined ? {} : { score }) });
  });
  it('with an allele that no table has is not read, and is not normal', () => {
    expect(read('CYP2D6', '*1/*999')).toBeUndefined();
    expect(read('CYP2C19', 'wild type')).toBeUndefined();
    expect(read('CYP2D6', '*1')).toBeUndefined();
  });
});

describe.skipIf(!existsSync(TABLES))('the published sample of diplotypes', () => {
  it('gives the published phenotype for every pair of its genes', () => {
    const published = JSON.parse(readFileSync(TABLES, 'utf8')).genes as Record<
      string,
      { sample_diplotypes: Record<string, [string, string | null]> }
    >;
    const wrong: string[] = [];
    let compared = 0;
    for (const [gene, { sample_diplotypes }] of Object.entries(published))
      for (const [diplotype, [phenotype]] of Object.entries(sample_diplotypes)) {
        compared += 1;
        const got = read(gene, diplotype)?.phenotype;
        if (got !== phenotype) wrong.push(`${gene} ${diplotype}: ${got ?? 'not read'}, published ${phenotype}`);
      }
    expect(compared).toBeGreaterThan(1000);
    expect(wrong).toEqual([]);
  });
});
