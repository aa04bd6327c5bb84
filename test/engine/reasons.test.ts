/** What a score and a trained model say of their own number: it adds up to that number. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OnnxModel, PointsModel } from '../../models/engine/library.ts';
import { byInput, contributionsByInput } from '../../models/engine/risk/contributions.ts';
import { featureVector, predictOnnx } from '../../models/engine/risk/onnx.ts';
import { pointContributions, scorePoints } from '../../models/engine/risk/points.ts';
import type { Runtime } from '../../models/engine/runtime.ts';
import type { LoadedLibrary } from '../../server/library.ts';
import { loadLibrary } from '../../server/library.ts';
import { createNodeRuntime } from '../../server/ort.ts';

const loaded: LoadedLibrary = await loadLibrary({ dir: 'models' });
const scores = loaded.library.risk.filter((model): model is PointsModel => model.kind === 'points');
const trained = loaded.library.risk.find((model): model is OnnxModel => model.kind === 'onnx') as OnnxModel;
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ load: async (url) => loaded.files.get(url)?.bytes ?? new Uint8Array() });
});

const person = {
  age: 61,
  sex: 1,
  systolic: 148,
  egfr: 54,
  hba1c: 7.4,
  diabetes: 1,
  antihypertensive: 1,
  hypertension: 0,
  cvd: 0,
};

describe('A score', () => {
  it.each(scores.map((model) => [model.id, model] as const))(
    '%s: the items that hold add up to its points, for any person',
    (_, model) => {
      const values = fc.record(
        Object.fromEntries(
          model.inputs.map(({ name, codes, range }) => [
            name,
            codes
              ? fc.constantFrom(...Object.values(codes))
              : fc.double({ min: range?.[0] ?? 0, max: range?.[1] ?? 200, noNaN: true }),
          ]),
        ),
      );
      fc.assert(
        fc.property(values, (drawn) => {
          // What the authors let be missing is there in this person.
          const full = {
            ...Object.fromEntries(model.inputs.flatMap(({ missing }) => (missing ? [[missing.indicator, 0]] : []))),
            ...drawn,
          } as Record<string, number>;
          const { held, items, total } = pointContributions(model, full);
          expect(total).toBeCloseTo(scorePoints(model, full)[0]?.value ?? Number.NaN, 9);
          expect(held.reduce((sum, { points }) => sum + points, 0)).toBe(total);
          expect(held.length).toBeLessThanOrEqual(items);
        }),
        { numRuns: 30 },
      );
    },
  );
});

describe('The trained model', () => {
  it('gives parts that, with one constant, are the log odds of its own number', async () => {
    const logOdds = async (values: typeof person) => {
      const [outcome] = await predictOnnx(trained, featureVector(trained, values).features, runtime);
      const probability = outcome?.value ?? Number.NaN;
      return Math.log(probability / (1 - probability));
    };
    const sum = async (values: typeof person) =>
      ((await contributionsByInput(trained, values, runtime)) ?? []).reduce((total, part) => total + part.logOdds, 0);
    const others = [
      person,
      { ...person, sex: 0, hba1c: 10.4 },
      { ...person, age: 33, egfr: 118, diabetes: 0, hba1c: 5.2, systolic: 111, antihypertensive: 0 },
    ];
    const constants = await Promise.all(others.map(async (values) => (await logOdds(values)) - (await sum(values))));
    for (const constant of constants) expect(constant).toBeCloseTo(constants[0] ?? Number.NaN, 9);
  });

  it('hinges and products of one measurement are one line; no input has two, and nothing is lost', async () => {
    const lines = (await contributionsByInput(trained, person, runtime)) ?? [];
    const names = lines.map(({ names: of }) => of.join(' '));
    expect(new Set(names).size).toBe(names.length);
    expect([...names].sort()).toEqual(['age sex', 'antihypertensive', 'egfr', 'hba1c diabetes', 'systolic']);
    expect(lines.find(({ names: [first] }) => first === 'egfr')?.label).toBe('eGFR (CKD-EPI 2021)');
    const sizes = lines.map(({ logOdds }) => Math.abs(logOdds));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    const parts = trained.features.map(({ name }, index) => ({ name, logOdds: index + 1 }));
    expect(byInput(trained, parts).reduce((sum, { logOdds }) => sum + logOdds, 0)).toBe((16 * 17) / 2);
  });

  it('a graph without such an output, and a value outside its training, give no parts', async () => {
    const { contributions: _, ...tensor } = trained.tensor;
    expect(await contributionsByInput({ ...trained, tensor }, person, runtime)).toBeUndefined();
    await expect(contributionsByInput(trained, { ...person, hba1c: 22 }, runtime)).rejects.toMatchObject({
      code: 'feature-outside-range',
    });
  });
});
