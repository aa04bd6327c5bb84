import { describe, expect, it } from 'vitest';
import { lab, read } from '../facts/charts.ts';

/** The gene facts of a chart with one Observation named after the gene. */
function chartOf(gene: string, words: string) {
  return read([
    { ...lab({ id: 'g', valueQuantity: undefined }), code: { text: `${gene} phenotype` }, valueString: words },
  ]).gene;
}

describe('a laboratory’s words for a gene', () => {
  it.each([
    ['G6PD', 'Deficient', 'Deficient'],
    ['G6PD', 'Not deficient', 'Normal'],
    ['G6PD', 'No G6PD deficiency detected', 'Normal'],
    ['G6PD', 'Normal activity', 'Normal'],
    ['G6PD', 'Deficient with CNSHA', 'Deficient with CNSHA'],
    ['SLCO1B1', 'Possible decreased function', 'Possible Decreased Function'],
    ['SLCO1B1', 'Poor Function', 'Poor Function'],
    ['TPMT', 'Possible intermediate metabolizer', 'Possible Intermediate Metabolizer'],
    ['CYP2C19', 'Likely poor metaboliser', 'Likely Poor Metabolizer'],
    ['CYP2D6', 'extensive metaboliser', 'Normal Metabolizer'],
    [
      'MT-RNR1',
      'Increased risk of aminoglycoside-induced hearing loss',
      'increased risk of aminoglycoside-induced hearing loss',
    ],
    ['RYR1', 'Malignant hyperthermia susceptible', 'Malignant Hyperthermia Susceptibility'],
    ['NAT2', 'Slow acetylator', 'Poor Metabolizer'],
  ])('%s: %s is %s', (gene, words, phenotype) => {
    expect(chartOf(gene, words)).toMatchObject([{ gene, phenotype }]);
  });
  it.each([
    ['RYR1', 'Not associated with malignant hyperthermia susceptibility'],
    ['SLCO1B1', 'See report'],
  ])('%s: %s is no phenotype', (gene, words) => {
    expect((chartOf(gene, words) ?? []).every(({ phenotype }) => phenotype === undefined)).toBe(true);
  });
});
