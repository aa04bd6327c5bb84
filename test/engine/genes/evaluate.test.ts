import { beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../../models/engine/evaluation.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { evaluateGenes, genesIfPrescribed } from '../../../models/engine/genes/evaluate.ts';
import type { Library } from '../../../models/engine/library.ts';
import { loadLibrary } from '../../../server/library.ts';
import { on } from '../interactions-chart.ts';
import { gene, NOW, patient, takes } from './scene.ts';

let library: Library;
beforeAll(async () => {
  library = (await loadLibrary({ dir: 'models' })).library;
});

const CODEINE = takes('2670', 'codeine');
const CLOPIDOGREL = takes('32968', 'clopidogrel');
const ABACAVIR = takes('190521', 'abacavir');
const CARBAMAZEPINE = takes('2002', 'carbamazepine');

function said(facts: Facts, id: string): Evaluation | undefined {
  return evaluateGenes({ facts, library, now: NOW }).find((evaluation) => evaluation.id === `gene/${id}`);
}
function finding(facts: Facts, id: string) {
  const evaluation = said(facts, id);
  if (evaluation?.status !== 'finding') throw new Error(`${id}: ${evaluation?.status ?? 'nothing'}`);
  return evaluation.finding;
}

describe('a gene result of a drug that is taken', () => {
  it('codeine in a poor metaboliser: will not relieve pain, a warning', () => {
    const found = finding(patient({ medicines: [CODEINE], genes: [gene('CYP2D6', { diplotype: '*4/*4' })] }), '2670');
    expect(found).toMatchObject({ indicator: 'warning', summary: 'Avoid codeine: it is unlikely to relieve pain' });
    expect(found.detail).toContain('CYP2D6 poor metaboliser (*4/*4)');
  });
  it('codeine in a normal metaboliser: silent, and the reason says the result', () => {
    expect(
      said(patient({ medicines: [CODEINE], genes: [gene('CYP2D6', { diplotype: '*1/*2' })] }), '2670'),
    ).toMatchObject({
      status: 'not-applicable',
      because: { text: 'CYP2D6 normal metaboliser (*1/*2): Use codeine at the usual dose.' },
    });
  });
  it('codeine in an ultrarapid metaboliser is critical for a child (boxed), a warning for an adult', () => {
    const genes = [gene('CYP2D6', { diplotype: '*1/*1x3' })];
    expect(finding(patient({ medicines: [CODEINE], genes, age: 9 }), '2670').indicator).toBe('critical');
    expect(finding(patient({ medicines: [CODEINE], genes, age: 40 }), '2670').indicator).toBe('warning');
  });
  it('clopidogrel in a CYP2C19 poor metaboliser is critical, on an opened label', () => {
    const found = finding(
      patient({ medicines: [CLOPIDOGREL], genes: [gene('CYP2C19', { diplotype: '*2/*3' })] }),
      '32968',
    );
    expect(found.indicator).toBe('critical');
    expect(found.citations[0]).toMatchObject({ basis: 'opened', opened: '2026-11-23' });
  });
  it('clopidogrel in an intermediate metaboliser is a warning: no label boxes it', () => {
    const found = finding(
      patient({ medicines: [CLOPIDOGREL], genes: [gene('CYP2C19', { diplotype: '*1/*2' })] }),
      '32968',
    );
    expect(found.indicator).toBe('warning');
  });
  it('abacavir with HLA-B*57:01 is critical; with another allele tested it stays silent', () => {
    const positive = gene('HLA-B', { allele: '*57:01', phenotype: 'Positive' });
    expect(finding(patient({ medicines: [ABACAVIR], genes: [positive] }), '190521').indicator).toBe('critical');
    const other = gene('HLA-B', { allele: '*15:02', phenotype: 'Positive' });
    expect(said(patient({ medicines: [ABACAVIR], genes: [other] }), '190521')).toBeUndefined();
  });
  it('full HLA typing answers for every allele that guidance asks about', () => {
    const typed = [gene('HLA-B', { diplotype: '*57:01/*44:03' })];
    expect(finding(patient({ medicines: [ABACAVIR], genes: typed }), '190521').indicator).toBe('critical');
    expect(said(patient({ medicines: [CARBAMAZEPINE], genes: typed }), '2002')?.status).toBe('not-applicable');
  });
  it('carbamazepine with HLA-B*15:02 is critical when it is new, a matter of care after a year without a reaction', () => {
    const genes = [gene('HLA-B', { allele: '*15:02', phenotype: 'Positive' })];
    expect(finding(patient({ medicines: [CARBAMAZEPINE], genes }), '2002').indicator).toBe('critical');
    const long = takes('2002', 'carbamazepine', { start: on('2025-11-01') });
    expect(finding(patient({ medicines: [long], genes }), '2002')).toMatchObject({
      indicator: 'info',
      summary: 'Taken for over 3 months without a reaction: carbamazepine with care',
    });
  });
  it('a laboratory’s older word gives way to today’s rules, and is quoted', () => {
    const genes = [gene('CYP2D6', { diplotype: '*1/*4', phenotype: 'Normal Metabolizer' })];
    const found = said(patient({ medicines: [CODEINE], genes }), '2670');
    expect(found).toMatchObject({
      status: 'not-applicable',
      because: { text: expect.stringContaining('intermediate metaboliser') },
    });
    expect(JSON.stringify(found)).toContain('the laboratory says Normal Metabolizer');
  });
  it('a phenotype without a score takes the most cautious of the rows it leaves open, and says so', () => {
    const genes = [gene('DPYD', { phenotype: 'Poor Metabolizer' })];
    const found = finding(patient({ medicines: [takes('4492', 'fluorouracil')], genes }), '4492');
    expect(found.summary).toBe('Avoid fluorouracil');
    expect(found.limitation).toContain('most cautious');
  });
  it('among rows of equal caution the lowest score decides: phenytoin in an intermediate metaboliser', () => {
    const genes = [gene('CYP2C9', { phenotype: 'Intermediate Metabolizer' })];
    const found = finding(patient({ medicines: [takes('8183', 'phenytoin')], genes }), '8183');
    expect(found.summary).toBe('Load phenytoin as usual; maintain about 25 % lower');
    expect(found.limitation).toContain('most cautious');
  });
  it('and advice to raise a dose never wins over advice to hold it: atomoxetine in a child', () => {
    const genes = [gene('CYP2D6', { phenotype: 'Intermediate Metabolizer' })];
    const found = finding(patient({ medicines: [takes('38400', 'atomoxetine')], genes, age: 10 }), '38400');
    expect(found.summary).toBe('Start atomoxetine at 0.5 mg/kg/day and stay there 2 weeks');
  });
  it('a phenotype that spans advice to reduce and the usual dose gets the reduction', () => {
    const genes = [gene('CYP2C9', { phenotype: 'Intermediate Metabolizer' })];
    const found = finding(patient({ medicines: [takes('41493', 'meloxicam')], genes }), '41493');
    expect(found.summary).toBe('Start meloxicam at half the lowest dose');
  });
  it('of clopidogrel’s indications the most cautious speaks while the chart does not tell, and the others are named', () => {
    const genes = [gene('CYP2C19', { diplotype: '*1/*2' })];
    const found = finding(patient({ medicines: [CLOPIDOGREL], genes }), '32968');
    expect(found.summary).toContain('clopidogrel');
    expect(found.limitation).toContain('The advice differs for: ');
  });
  it('an allele that nobody knows says nothing of the usual dose', () => {
    const genes = [gene('CYP2D6', { diplotype: '*1/*999' })];
    expect(said(patient({ medicines: [CODEINE], genes }), '2670')).toBeUndefined();
  });
  it('a result for one of two genes speaks for that one, and the other is named as not tested', () => {
    const genes = [gene('TPMT', { diplotype: '*3A/*3A' })];
    const found = finding(patient({ medicines: [takes('1256', 'azathioprine')], genes }), '1256');
    expect(found.summary).toBe('Choose an immunosuppressant other than azathioprine');
    expect(found.limitation).toContain('No result on file for NUDT15: not taken as normal.');
  });
  it('says nothing without a result, after death, or of a cream', () => {
    expect(evaluateGenes({ facts: patient({ medicines: [CODEINE] }), library, now: NOW })).toEqual([]);
    const genes = [gene('CYP2D6', { diplotype: '*4/*4' })];
    expect(
      evaluateGenes({ facts: patient({ medicines: [CODEINE], genes, deceased: true }), library, now: NOW }),
    ).toEqual([]);
    const cream = takes('3638', 'doxepin', { route: 'topical' });
    expect(evaluateGenes({ facts: patient({ medicines: [cream], genes }), library, now: NOW })).toEqual([]);
  });
  it('knowledge that was not fetched is a failure, never silence', () => {
    const { genes: _, ...without } = library;
    const facts = patient({ medicines: [CODEINE], genes: [gene('CYP2D6', { diplotype: '*4/*4' })] });
    expect(evaluateGenes({ facts, library: without, now: NOW })).toMatchObject([
      { status: 'failure', error: { code: 'knowledge-absent' } },
    ]);
  });
});

describe('other medicines change what a gene means', () => {
  const PAROXETINE = takes('32937', 'paroxetine');
  it('codeine in a normal metaboliser on paroxetine works as in a poor one, in words', () => {
    const genes = [gene('CYP2D6', { diplotype: '*1/*1' })];
    const found = finding(patient({ medicines: [CODEINE, PAROXETINE], genes }), '2670');
    expect(found.summary).toBe('Avoid codeine: it is unlikely to relieve pain');
    expect(found.detail).toContain(
      'CYP2D6 normal metaboliser (*1/*1), working as poor metaboliser because of paroxetine',
    );
  });
  it('the convention is recalled, so it leads to no dose', () => {
    const genes = [gene('CYP2D6', { diplotype: '*1/*1' })];
    const atomoxetine = takes('38400', 'atomoxetine');
    const found = finding(patient({ medicines: [atomoxetine, PAROXETINE], genes }), '38400');
    expect(found.summary).toBe('Do not dose atomoxetine by the CYP2D6 gene result alone');
    expect(`${found.summary} ${found.detail}`).not.toMatch(/\d+ ?(mg|%)/);
    expect(found.citations).toContainEqual(expect.objectContaining({ basis: 'recalled' }));
  });
  it('a drug is not its own inhibitor', () => {
    const genes = [gene('CYP2D6', { diplotype: '*1/*1' })];
    expect(said(patient({ medicines: [PAROXETINE], genes }), '32937')?.status).toBe('not-applicable');
  });
});

describe('what if it were prescribed', () => {
  const simvastatin = { rxcui: '36567', name: 'simvastatin' };
  const asked = (facts: Facts) => genesIfPrescribed({ facts, library, now: NOW }, simvastatin);
  it('no result is no result', () => {
    expect(asked(patient({ medicines: [] }))).toEqual({ status: 'no-result', genes: ['SLCO1B1'] });
  });
  it('a result gives the advice before the drug is ordered', () => {
    expect(asked(patient({ medicines: [], genes: [gene('SLCO1B1', { diplotype: '*5/*5' })] }))).toMatchObject({
      status: 'advised',
      judgement: { indicator: 'warning', do: 'Choose a statin other than simvastatin' },
    });
  });
  it('a drug without guidance has none', () => {
    expect(
      genesIfPrescribed(
        { facts: patient({ medicines: [] }), library, now: NOW },
        { rxcui: '161', name: 'acetaminophen' },
      ),
    ).toEqual({ status: 'no-guidance' });
  });
});
