/** What a published equation says for other values: which inputs may be tried, and the numbers that follow. */
import type { Finding, Input, Outcome } from '../../models/engine/evaluation.ts';
import { isChangeable } from '../../models/engine/explain/equation.ts';
import type { InputBinding, RegressionModel } from '../../models/engine/library.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { scoreRegression } from '../../models/engine/risk/regression.ts';

/** An input that may be tried, where the chart has it now. */
export interface Trial {
  readonly binding: InputBinding;
  readonly limits: { readonly min: number; readonly max: number; readonly step: number };
  readonly chart: number;
  readonly input: Input;
}

/** Measured inputs whose manifest allows trying; an assumed or missing value is nothing to start from. */
export function trials(model: RegressionModel, finding: Pick<Finding, 'basis'>): readonly Trial[] {
  const values = valuesOf(model.inputs, finding.basis);
  return model.inputs.flatMap((binding) => {
    const chart = values[binding.name];
    const input = finding.basis.used.find(({ path }) => path === binding.fact);
    if (!isChangeable(binding) || chart === undefined || !input) return [];
    const measured = input.effective !== undefined && input.sources.length > 0;
    return measured ? [{ binding, limits: binding.whatIf, chart, input }] : [];
  });
}

/** The equation on the chart's values with some replaced, by input name: the same function that made the chart's number. */
export function simulate(
  model: RegressionModel,
  finding: Pick<Finding, 'basis'>,
  changed: Readonly<Record<string, number>>,
): readonly Outcome[] {
  return scoreRegression(model, { ...valuesOf(model.inputs, finding.basis), ...changed });
}
