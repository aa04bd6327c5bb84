/** What an explanation costs: contributions, 500 repeats, the smallest change, and the self-test of all models. */
import { resolve } from 'node:path';
import { contributions } from '../../models/engine/explain/contributions.ts';
import { remeasured } from '../../models/engine/explain/remeasured.ts';
import { requireSelfTest } from '../../models/engine/explain/self-test.ts';
import { smallestChange } from '../../models/engine/explain/smallest-change.ts';
import type { RegressionModel } from '../../models/engine/library.ts';
import { loadLibrary } from '../../server/library.ts';
import { type Row, timed } from './table.ts';

const person = {
  age: 58,
  sex: 1,
  total_c: 245,
  hdl: 46,
  sbp: 156,
  dm: 1,
  smoking: 1,
  egfr: 58,
  bmi: 31,
  bp_tx: 1,
  statin: 1,
};

/** Rows for PREVENT base, the equation with the most at stake. */
export async function explainRows(): Promise<Row[]> {
  const { library } = await loadLibrary({ dir: resolve(import.meta.dirname, '../../models') });
  const model = library.risk.find(({ id }) => id === 'prevent-base-10yr') as RegressionModel;
  const [decision] = model.decisions ?? [];
  if (!model.reference || !decision) throw new Error('PREVENT names a reference person and published tiers');
  const asked = { model, values: person, reference: model.reference.values, outcome: 'total_cvd' };
  return [
    {
      what: 'contributions of PREVENT, eight parts, exact',
      measured: await timed(30, 5, () => contributions(asked)),
      budget: 25,
      unit: 'ms',
    },
    {
      what: '500 repeats of PREVENT',
      measured: await timed(30, 5, () => remeasured({ ...asked, draws: 500, seed: 1 })),
      budget: 30,
      unit: 'ms',
    },
    {
      what: 'smallest change of PREVENT, pairs searched in full',
      measured: await timed(10, 2, () => smallestChange({ ...asked, decision })),
      budget: 100,
      unit: 'ms',
    },
    {
      what: 'self-test of every score and equation, once',
      measured: await timed(20, 3, () => {
        // A copy has not passed yet: each round runs every example again.
        for (const each of library.risk) if (each.kind !== 'onnx') requireSelfTest({ ...each });
      }),
      budget: 5,
      unit: 'ms',
    },
  ];
}
