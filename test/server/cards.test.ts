import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../server/cli.ts';
import { sha256 } from '../../server/library/canonical.ts';
import { chaiOf } from '../../server/library/card-chai.ts';
import { parseFormula } from '../../server/library/formula.ts';
import { SOURCE_ATTRIBUTES } from '../../server/library/source-attributes.ts';
import { type LoadedLibrary, loadLibrary } from '../../server/library.ts';
import { createNodeRuntime } from '../../server/ort.ts';

// Without declarations of its own: named here as far as it is used.
const { JSDOM } = (await import('jsdom' as string)) as {
  JSDOM: new (html: string) => { readonly window: { readonly DOMParser: typeof DOMParser } };
};

let loaded: LoadedLibrary;
let dir: string;
beforeAll(async () => {
  loaded = await loadLibrary({ dir: 'models' });
  dir = mkdtempSync(join(tmpdir(), 'export-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function attune(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    stdin: async () => '',
  };
  return { code: await run(argv, terminal), out: out.join('\n'), err: err.join('\n') };
}

describe('every model’s card', () => {
  test('has each of its 31 or 13 source attributes in its Markdown, by number', async () => {
    for (const id of ['hidden-albuminuria', 'qsofa', 'kfre-4']) {
      const { code, out } = await attune('card', id);
      expect(code).toBe(0);
      const kind = loaded.library.risk.find((risk) => risk.id === id)?.card.kind ?? 'predictive';
      for (const name of Object.keys(SOURCE_ATTRIBUTES[kind]))
        expect(out).toMatch(new RegExp(`^\\| ${name} \\| .+ \\| .+ \\|$`, 'm'));
    }
    expect(Object.keys(SOURCE_ATTRIBUTES.predictive)).toHaveLength(31);
    expect(Object.keys(SOURCE_ATTRIBUTES['evidence-based'])).toHaveLength(13);
  });
  test('as a CHAI card is well-formed XML with every required element of the v0.2 schema, in its order', async () => {
    const { out } = await attune('card', 'hidden-albuminuria', '--format', 'chai');
    expect(out).toContain('<ModelName>Hidden albuminuria</ModelName>');
    for (const model of loaded.library.risk) {
      const card = JSON.parse(new TextDecoder().decode(loaded.files.get(model.cardUrl ?? '')?.bytes));
      const { documentElement } = new new JSDOM('').window.DOMParser().parseFromString(chaiOf(model, card), 'text/xml');
      expect(documentElement.namespaceURI).toBe('https://mc.chai.org/v0.2/schema.xsd');
      expect(names(documentElement)).toEqual([
        'BasicInfo',
        'ReleaseInfo',
        'ModelSummary',
        'UsesAndDirections',
        'Warnings',
        'TrustIngredients',
        'KeyMetrics',
        'Resources',
        'Bibliography',
      ]);
      for (const [path, children] of Object.entries(REQUIRED))
        expect(names(child(documentElement, path)), path).toEqual(children);
      for (const leaf of documentElement.querySelectorAll('*'))
        if (leaf.children.length === 0) expect(leaf.textContent?.trim(), leaf.tagName).not.toBe('');
    }
  });
  test('as JSON is what the browser gets', async () => {
    const { out } = await attune('card', 'hidden-albuminuria', '--format', 'json');
    const model = loaded.library.risk.find(({ id }) => id === 'hidden-albuminuria');
    expect(sha256(out)).toBe(model?.cardSha256);
  });
  test('is not made up for a model that is not there, nor in a format that is not', async () => {
    expect((await attune('card', 'no-such-model')).code).toBe(2);
    expect((await attune('card', 'qsofa', '--format', 'pdf')).code).toBe(2);
  });
});

describe('an exported model', () => {
  test.each(['ckd-epi-2021-creatinine', 'prevent-base-10yr', 'hidden-albuminuria'])(
    '%s is the very file that runs, with its columns in order',
    async (id) => {
      const file = join(dir, `${id}.onnx`);
      const { code, out } = await attune('export', id, '--out', file);
      expect(code).toBe(0);
      const description = JSON.parse(out);
      expect(JSON.parse(readFileSync(join(dir, `${id}.json`), 'utf8'))).toEqual(description);
      expect(sha256(readFileSync(file))).toBe(description.sha256);
      const model = loaded.library.risk.find((risk) => risk.id === id);
      const expected =
        model?.kind === 'onnx' ? model.sha256 : model?.kind === 'regression' ? model.twin?.sha256 : undefined;
      expect(description.sha256).toBe(expected);
      const { input, outputs } = description.tensors;
      expect(input.dims[1]).toBe(description.columns.length);
      const runtime = await createNodeRuntime({ load: async () => readFileSync(file) });
      const data = Float64Array.from(description.columns, () => 1);
      const row = { dtype: input.dtype, dims: [1, data.length], data };
      const answer = await runtime.predict({ id, url: file, sha256: description.sha256 }, { [input.name]: row });
      for (const { name } of outputs) expect(Object.keys(answer)).toContain(name);
    },
  );
  test('tells each column of a trained model as a formula that means the same as the manifest’s', async () => {
    const { out } = await attune('export', 'hidden-albuminuria', '--out', join(dir, 'again.onnx'));
    const model = loaded.library.risk.find(({ id }) => id === 'hidden-albuminuria');
    if (model?.kind !== 'onnx') throw new Error('not trained');
    const { columns, inputs } = JSON.parse(out);
    for (const [index, feature] of model.features.entries()) {
      expect(columns[index].name).toBe(feature.name);
      expect(parseFormula(columns[index].formula)).toEqual(feature.formula);
    }
    expect(inputs.find(({ name }: { name: string }) => name === 'hba1c').loinc).toContain('4548-4');
  });
  test('does not exist for a score that is added up, and that is said', async () => {
    const { code, err } = await attune('export', 'qsofa', '--out', join(dir, 'qsofa.onnx'));
    expect(code).toBe(1);
    expect(err).toContain('added up');
  });
});

function names(element: Element | undefined): readonly string[] {
  return [...(element?.children ?? [])].map(({ tagName }) => tagName);
}
function child(root: Element, path: string): Element | undefined {
  return path
    .split('/')
    .reduce<Element | undefined>(
      (element, name) => [...(element?.children ?? [])].find(({ tagName }) => tagName === name),
      root,
    );
}

/** From v0.2/schema.xsd: the children that must be there, in order, and the optional one that we give. */
const METRIC = [
  'MetricGoal',
  'Results',
  'Interpretation',
  'TestType',
  'TestingDataDescription',
  'ValidationProcessAndJustification',
];
const REQUIRED = {
  BasicInfo: ['ModelName', 'ModelDeveloper', 'DeveloperContact'],
  ReleaseInfo: ['ReleaseStage', 'ReleaseDate', 'ReleaseVersion', 'GlobalAvailability', 'RegulatoryApproval'],
  ModelSummary: ['Summary', 'Keywords'],
  UsesAndDirections: [
    'IntendedUseAndWorkflow',
    'PrimaryIntendedUsers',
    'HowToUse',
    'TargetedPatientPopulation',
    'CautionedOutOfScopeSettings',
  ],
  Warnings: ['KnownRisksAndLimitations', 'KnownBiasesOrEthicalConsiderations', 'ClinicalRiskLevel'],
  'TrustIngredients/AISystemFacts': [
    'OutcomesAndOutputs',
    'ModelType',
    'InputDataSource',
    'OutputAndInputDataTypes',
    'DevelopmentDataCharacterization',
    'BiasMitigationApproaches',
    'OngoingMaintenance',
  ],
  'TrustIngredients/TransparencyInformation': ['FundingSource', 'StakeholdersConsulted'],
  'KeyMetrics/UsefulnessUsabilityEfficacy': METRIC,
  'KeyMetrics/FairnessEquity': METRIC,
  'KeyMetrics/SafetyReliability': METRIC,
  Resources: ['PeerReviewedPublications', 'PatientConsentOrDisclosure'],
};
