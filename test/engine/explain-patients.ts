/** People who do not exist, for the equations that can be explained. */
import fc from 'fast-check';
import type { RegressionModel } from '../../models/engine/library.ts';
import { loadLibrary } from '../../server/library.ts';

export const { library } = await loadLibrary({ dir: 'models' });

/** Every equation that names a reference person. */
export const explained = library.risk.filter(
  (model): model is RegressionModel => model.kind === 'regression' && model.reference !== undefined,
);

/** An equation of the library by its id. */
export function equation(id: string): RegressionModel {
  const model = library.risk.find((candidate) => candidate.id === id);
  if (model?.kind !== 'regression') throw new Error(`${id} is no equation`);
  return model;
}

/** Any person the equation accepts; optional inputs are there or not. */
export function personFor(model: RegressionModel): fc.Arbitrary<Record<string, number>> {
  const [from, to] = model.population.age ?? [18, 90];
  const entries = model.inputs.map(({ name, fact, codes, range, whatIf, required }) => {
    const [low, high] = whatIf ? [whatIf.min, whatIf.max] : (range ?? [from, to]);
    const value =
      fact === 'patient.age'
        ? fc.integer({ min: from, max: to })
        : name === 'diagnosis_age'
          ? fc.integer({ min: 20, max: 40 })
          : codes
            ? fc.constantFrom(...Object.values(codes))
            : fc.double({ min: low, max: Math.min(high, 300), noNaN: true });
    return [name, required ? value : fc.option(value, { nil: undefined })] as const;
  });
  return fc
    .record(Object.fromEntries(entries))
    .map((person) =>
      Object.fromEntries(
        Object.entries(person).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    );
}

/** The woman at whose cholesterol the statin term raises PREVENT's risk. */
export const womanWithHighCholesterol = {
  age: 55,
  sex: 1,
  sbp: 130,
  total_c: 280,
  hdl: 45,
  egfr: 85,
  bmi: 28,
  smoking: 0,
  dm: 0,
  bp_tx: 0,
  statin: 1,
};
