import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RegressionModel } from '../../models/engine/library.ts';
import { refusalOf } from '../../models/engine/risk/assess.ts';
import { scoreRegression } from '../../models/engine/risk/regression.ts';
import { loadLibrary } from '../../server/library.ts';

const { library } = await loadLibrary({ dir: 'models' });
const equations = library.risk.filter((model): model is RegressionModel => model.kind === 'regression');

/** A creatinine clearance is not indexed: great weight and a tiny creatinine give a number nobody has. */
const LARGEST: Readonly<Record<string, number>> = { '1': 1, 'mL/min': 4000, '{index}': 3e6 };

/** Any value a model may be given: within its published range, within its ages, or one of its codes. */
function anyInputs(model: RegressionModel) {
  const entries = model.inputs.map(({ name, range, codes }) => {
    if (codes) return [name, fc.constantFrom(...Object.values(codes))] as const;
    const [from, to] = name === 'age' ? (model.population.age ?? [18, 100]) : (range ?? [0.2, 15]);
    return [name, fc.double({ min: from, max: to, noNaN: true })] as const;
  });
  return fc.record(Object.fromEntries(entries));
}

describe.each(equations.map((model) => [model.id, model] as const))('%s', (_id, model) => {
  test('gives a possible number for every input it accepts', () => {
    fc.assert(
      fc.property(anyInputs(model), (values) => {
        fc.pre(refusalOf(model, values) === undefined);
        for (const { unit, value } of scoreRegression(model, values)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(LARGEST[unit] ?? 400);
        }
      }),
    );
  });
  test('does not answer when any input is missing that it cannot do without', () => {
    const needed = model.inputs.filter(({ missing }) => !missing).map(({ name }) => name);
    fc.assert(
      fc.property(anyInputs(model), fc.constantFrom(...needed), (values, gone) => {
        const { [gone]: _, ...rest } = values;
        expect(() => scoreRegression(model, rest)).toThrow();
      }),
    );
  });
});

test('smoking never lowers a PREVENT risk of total cardiovascular disease, nor does diabetes where HbA1c does not stand for it', () => {
  for (const model of equations.filter(({ id }) => id.startsWith('prevent-')))
    fc.assert(
      fc.property(
        anyInputs(model),
        fc.constantFrom('smoking', ...(model.inputs.some(({ name }) => name === 'hba1c') ? [] : ['dm'])),
        (values, factor) => {
          const of = (present: number) =>
            scoreRegression(model, { ...values, [factor]: present })[0]?.value ?? Number.NaN;
          expect(of(1)).toBeGreaterThan(of(0));
        },
      ),
    );
});
