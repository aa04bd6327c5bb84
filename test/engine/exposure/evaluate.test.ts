import { beforeAll, describe, expect, it } from 'vitest';
import { apartWanted } from '../../../models/engine/apart.ts';
import { evaluate } from '../../../models/engine/evaluate.ts';
import type { Evaluation } from '../../../models/engine/evaluation.ts';
import { evaluateExposure, exposureSums } from '../../../models/engine/exposure/evaluate.ts';
import { checkExposures } from '../../../models/engine/exposure/graph-check.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import type { Library } from '../../../models/engine/library.ts';
import { prioritise } from '../../../models/engine/prioritise.ts';
import type { Runtime } from '../../../models/engine/runtime.ts';
import { loadLibrary } from '../../../server/library.ts';
import { createNodeRuntime } from '../../../server/ort.ts';
import { gene, NOW, patient, takes } from '../genes/scene.ts';

let library: Library;
let runtime: Runtime;
beforeAll(async () => {
  const loaded = await loadLibrary({ dir: 'models' });
  library = loaded.library;
  runtime = await createNodeRuntime({
    load: async (url) => {
      const bytes = loaded.files.get(url)?.bytes;
      if (!bytes) throw new Error(url);
      return bytes;
    },
  });
});

const METOPROLOL = takes('6918', 'metoprolol');
const PAROXETINE = takes('32937', 'paroxetine');
const NORMAL = [gene('CYP2D6', { diplotype: '*1/*2' })];

function of(
  facts: Facts,
  rxcui: string,
  from: readonly Evaluation[] = evaluateExposure({ facts, library }),
): Evaluation {
  const found = from.find(({ id }) => id === `exposure/${rxcui}`);
  if (!found) throw new Error(`nothing of ${rxcui}`);
  return found;
}
function finding(facts: Facts, rxcui: string, from?: readonly Evaluation[]) {
  const evaluation = of(facts, rxcui, from);
  if (evaluation.status !== 'finding') throw new Error(`${rxcui}: ${evaluation.status}`);
  return evaluation.finding;
}
/** Everything the engine says of these medicines, in one text. */
async function everything(facts: Facts): Promise<string> {
  const evaluations = await evaluate(facts, library, runtime, NOW);
  return JSON.stringify(evaluations.filter(({ id }) => /^exposure\//.test(id)));
}
const DOSE_SHARE = /of the usual dose/;

describe('exposure of a patient’s medicines', () => {
  it('metoprolol with paroxetine: about fourfold, a warning, with a band and no bare number', () => {
    const found = finding(patient({ medicines: [METOPROLOL, PAROXETINE], genes: NORMAL }), '6918');
    expect(found.indicator).toBe('warning');
    expect(found.summary).toMatch(
      /^Watch for side effects of metoprolol: about [34](\.\d)? times the usual exposure \(80 % band /,
    );
    expect(found.summary.length).toBeLessThan(140);
    expect(found.mergeKey).toBe('6918/exposure');
  });
  it('phenoconversion is said in words', () => {
    const found = finding(patient({ medicines: [METOPROLOL, PAROXETINE], genes: NORMAL }), '6918');
    expect(found.detail).toContain('CYP2D6 normal metaboliser (*1/*2), working as poor because of paroxetine');
  });
  it('an unknown genotype is called unknown, never normal', () => {
    const found = finding(patient({ medicines: [METOPROLOL, PAROXETINE] }), '6918');
    expect(found.detail).toContain('CYP2D6 (genotype not known)');
    expect(`${found.summary} ${found.detail}`).not.toContain('normal');
    expect(found.limitation).toContain('CYP2D6: genotype not known');
    expect(found.basis.missing).toMatchObject([{ path: 'gene.CYP2D6', absence: 'empty' }]);
  });
  it('a poor metaboliser on an inhibitor of the same enzyme is not warned of the inhibitor', () => {
    const poor = [gene('CYP2D6', { diplotype: '*4/*4' })];
    const found = finding(patient({ medicines: [METOPROLOL, PAROXETINE], genes: poor }), '6918');
    expect(found.detail).toContain('CYP2D6 poor metaboliser (*4/*4)');
    expect(found.detail).not.toContain('working as');
  });
  it('between 0.8 and 1.25 times it stays silent and says the ratio', () => {
    expect(
      of(patient({ medicines: [takes('596', 'alprazolam'), takes('18631', 'azithromycin')] }), '596'),
    ).toMatchObject({
      status: 'not-applicable',
      because: { code: 'threshold-not-met', text: expect.stringContaining('about 1.1 times') },
    });
  });
  it('an inducer lowers: triazolam with rifampicin', () => {
    const found = finding(patient({ medicines: [takes('10767', 'triazolam'), takes('9384', 'rifampin')] }), '10767');
    expect(found.summary).toMatch(/^Watch whether triazolam still works: about (5|10) % of the usual exposure/);
    expect(found.indicator).toBe('warning');
  });
  it('an inducer and an inhibitor at once go into one sum', () => {
    const [both, alone] = [
      [takes('6960', 'midazolam'), takes('9384', 'rifampin'), takes('21212', 'clarithromycin')],
      [takes('6960', 'midazolam'), takes('9384', 'rifampin')],
    ].map(
      (medicines) =>
        exposureSums({ facts: patient({ medicines }), library }).find(({ id }) => id === 'exposure/6960')?.ratio,
    );
    expect(both).toBeGreaterThan(3 * (alone ?? Number.POSITIVE_INFINITY));
  });
  it('medicines whose effect on enzymes nobody tabulated are named', () => {
    const found = finding(patient({ medicines: [METOPROLOL, PAROXETINE, takes('999999', 'novumab')] }), '6918');
    expect(found.limitation).toContain('Not counted, effect on enzymes not known: novumab');
  });
  it('declines by name what the model does not describe', () => {
    expect(
      of(patient({ medicines: [takes('1547220', 'eliglustat'), takes('9384', 'rifampin')] }), '1547220'),
    ).toMatchObject({
      status: 'not-applicable',
      because: { text: expect.stringContaining('No prediction for eliglustat') },
    });
  });
  it('one medicine without a gene result, a cream, and the dead say nothing', () => {
    expect(evaluateExposure({ facts: patient({ medicines: [METOPROLOL] }), library })).toEqual([]);
    const cream = takes('6135', 'ketoconazole', { route: 'topical' });
    expect(
      evaluateExposure({ facts: patient({ medicines: [takes('36567', 'simvastatin'), cream] }), library }),
    ).toEqual([]);
    expect(
      evaluateExposure({ facts: patient({ medicines: [METOPROLOL, PAROXETINE], deceased: true }), library }),
    ).toEqual([]);
  });
});

describe('beside an interaction about the same medicines', () => {
  it.each([
    [
      'simvastatin with clarithromycin',
      [takes('36567', 'simvastatin'), takes('21212', 'clarithromycin')],
      'exposure/36567',
    ],
    ['warfarin with fluconazole', [takes('11289', 'warfarin'), takes('4450', 'fluconazole')], 'exposure/11289'],
    ['metoprolol with paroxetine', [METOPROLOL, PAROXETINE], 'exposure/6918'],
  ])('%s is one recommendation', async (_, medicines, id) => {
    const facts = patient({ medicines });
    const evaluations = await evaluate(facts, library, runtime, NOW);
    const { today, others } = prioritise(evaluations, facts);
    const recommendation = [...today, ...others].find(({ from }) => from.includes(id));
    expect(recommendation?.from.length).toBeGreaterThan(1);
    expect(recommendation?.from.some((each) => !each.startsWith('exposure/'))).toBe(true);
    expect(recommendation?.finding.detail).toContain('times the usual exposure');
  });
});

describe('a dose', () => {
  it('is named as a share, and as no order, where every input is measured and nothing stands against it', () => {
    const found = finding(patient({ medicines: [METOPROLOL, PAROXETINE], genes: NORMAL }), '6918');
    expect(found.detail).toMatch(
      /The usual exposure would come from about \d+–\d+ % of the usual dose: a calculation, not an order\./,
    );
  });
  it.each([
    ['codeine with paroxetine (a prodrug)', [takes('2670', 'codeine'), PAROXETINE]],
    ['clopidogrel with omeprazole (a prodrug)', [takes('32968', 'clopidogrel'), takes('7646', 'omeprazole')]],
    [
      'simvastatin with clarithromycin (contraindicated)',
      [takes('36567', 'simvastatin'), takes('21212', 'clarithromycin')],
    ],
    ['risperidone with fluoxetine (active metabolite)', [takes('35636', 'risperidone'), takes('4493', 'fluoxetine')]],
    ['warfarin with fluconazole (narrow range)', [takes('11289', 'warfarin'), takes('4450', 'fluconazole')]],
    [
      'nebivolol with fluoxetine (a parameter below grade A)',
      [takes('31555', 'nebivolol'), takes('4493', 'fluoxetine')],
    ],
  ])('is never named for %s, whatever the genes', async (_, medicines) => {
    for (const genes of [[], NORMAL, [gene('CYP2D6', { diplotype: '*4/*4' }), gene('CYP2C19', { diplotype: '*2/*2' })]])
      expect(await everything(patient({ medicines, genes }))).not.toMatch(DOSE_SHARE);
  });
  it('is not named while the genotype is unknown or changes the drug by itself', () => {
    for (const genes of [[], [gene('CYP2D6', { diplotype: '*1/*4' })]])
      expect(finding(patient({ medicines: [METOPROLOL, PAROXETINE], genes }), '6918').detail).not.toMatch(DOSE_SHARE);
  });
  it('is not named where another finding about the drug is critical', () => {
    const facts = patient({ medicines: [METOPROLOL, PAROXETINE], genes: NORMAL });
    const critical = {
      id: 'x',
      kind: 'interaction',
      title: 'x',
      version: '1.0.0',
      status: 'finding',
      finding: { ...finding(facts, '6918'), indicator: 'critical' },
    } as const;
    expect(finding(facts, '6918', evaluateExposure({ facts, library, others: [critical] })).detail).not.toMatch(
      DOSE_SHARE,
    );
  });
});

describe('the second opinion of ONNX Runtime', () => {
  const medicines = [
    METOPROLOL,
    PAROXETINE,
    takes('6960', 'midazolam'),
    takes('21212', 'clarithromycin'),
    takes('83367', 'atorvastatin'),
  ];
  it('confirms every exposure said of the patient', async () => {
    const facts = patient({ medicines, genes: NORMAL });
    expect(exposureSums({ facts, library }).length).toBeGreaterThan(2);
    expect(await checkExposures({ facts, library, runtime })).toEqual([]);
  });
  it('withdraws a number that the graph does not give', async () => {
    const facts = patient({ medicines, genes: NORMAL });
    const other: Runtime = {
      predict: async (_, { x }) => ({
        y: { dtype: 'float64', dims: [x?.dims[0] ?? 0, 1], data: new Float64Array(x?.dims[0] ?? 0) },
      }),
    };
    const verdicts = await checkExposures({ facts, library, runtime: other });
    expect(verdicts).toHaveLength(exposureSums({ facts, library }).length);
    expect(verdicts.every(({ differs }) => differs)).toBe(true);
  });
});

describe('parameters that travel apart', () => {
  it('are asked for when there is something to predict, and only then', () => {
    const { genes: _, exposure: __, ...served } = library;
    expect(apartWanted(patient({ medicines: [METOPROLOL] }), served)).toEqual([]);
    expect(apartWanted(patient({ medicines: [METOPROLOL, PAROXETINE] }), served)).toEqual(['exposure']);
    expect(apartWanted(patient({ medicines: [], genes: NORMAL }), served)).toEqual(['genes', 'exposure']);
    expect(apartWanted(patient({ medicines: [METOPROLOL, PAROXETINE], genes: NORMAL }), library)).toEqual([]);
  });
  it('and were not fetched, are a failure that is told', () => {
    const { exposure: _, ...served } = library;
    expect(
      evaluateExposure({ facts: patient({ medicines: [METOPROLOL, PAROXETINE] }), library: served }),
    ).toMatchObject([{ status: 'failure', error: { code: 'knowledge-absent' } }]);
  });
});

describe('the parameters as the browser gets them', () => {
  it('lead to the very words and numbers of the server’s', async () => {
    const { library: whole, files } = await loadLibrary({ dir: 'models' });
    const served = files.get(whole.apart?.exposure.url ?? '');
    const exposure = JSON.parse(new TextDecoder().decode(served?.bytes)) as NonNullable<Library['exposure']>;
    const medicines = [
      METOPROLOL,
      PAROXETINE,
      takes('36567', 'simvastatin'),
      takes('21212', 'clarithromycin'),
      takes('9384', 'rifampin'),
    ];
    const facts = patient({ medicines, genes: NORMAL });
    expect(evaluateExposure({ facts, library: { ...whole, exposure } })).toEqual(
      evaluateExposure({ facts, library: whole }),
    );
    expect(served?.bytes.length).toBeLessThan(JSON.stringify(whole.exposure).length * 0.8);
  });
});
