/** The steps every risk model goes through before it may give a number. */
import type { EvaluationBasis, Missing, Outcome, Reason } from '../evaluation.ts';
import { requireSelfTest } from '../explain/self-test.ts';
import { evaluateExpression } from '../expression.ts';
import type { Facts } from '../facts/facts.ts';
import type { PointsModel, RegressionModel, RiskModel } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import { applicability } from './applicability.ts';
import { gatherInputs, withMissing } from './inputs.ts';
import { scorePoints } from './points.ts';
import { scoreRegression } from './regression.ts';

type Silent =
  | { readonly status: 'not-applicable'; readonly because: Reason; readonly basis: EvaluationBasis }
  | { readonly status: 'data-required'; readonly missing: readonly Missing[]; readonly basis: EvaluationBasis };

/** A model that may speak: the numbers its formulas use, and their basis. */
export interface Ready {
  readonly status: 'ready';
  readonly values: Readonly<Record<string, number>>;
  readonly basis: EvaluationBasis;
}

/** A model that has spoken. */
export interface Scored {
  readonly status: 'scored';
  readonly values: Readonly<Record<string, number>>;
  readonly outcomes: readonly Outcome[];
  readonly basis: EvaluationBasis;
}

/** Who it is for, then what it needs: silent with the reason, wanting data, or ready to be scored. */
export function prepare(model: RiskModel, facts: Facts, resolver: Resolver): Silent | Ready {
  const { values, basis: inputs, missing, outside } = gatherInputs(model.inputs, resolver);
  const fit = applicability(model.population, facts, resolver);
  if (fit.applies === 'no') return { status: 'not-applicable', because: fit.because, basis: inputs };
  if (outside) return { status: 'not-applicable', because: outside, basis: inputs };
  const wanted = [...(fit.applies === 'unknown' ? fit.missing : []), ...missing];
  const unchecked = fit.applies === 'yes' ? fit.unchecked : fit.missing;
  const basis = { ...inputs, missing: distinct([...inputs.missing, ...unchecked]) };
  if (wanted.length > 0) return { status: 'data-required', missing: distinct(wanted), basis };
  const refused = refusalOf(model, values);
  if (refused !== undefined)
    return { status: 'not-applicable', because: { code: 'input-outside-range', text: refused }, basis };
  return { status: 'ready', values, basis };
}

/**
 * The numbers of a score or an equation for one patient, or why there are none.
 * @throws SelfTestError when the model does not give its example's answer here; else as the scoring functions
 */
export function assess(model: PointsModel | RegressionModel, facts: Facts, resolver: Resolver): Silent | Scored {
  requireSelfTest(model);
  const prepared = prepare(model, facts, resolver);
  if (prepared.status !== 'ready') return prepared;
  const outcomes =
    model.kind === 'points' ? scorePoints(model, prepared.values) : scoreRegression(model, prepared.values);
  return { ...prepared, status: 'scored', outcomes };
}

/** Why the equation is not for these inputs together, if it is not. */
export function refusalOf(model: RiskModel, values: Readonly<Record<string, number>>): string | undefined {
  if (!model.refuse) return undefined;
  const scope = withMissing(model.inputs, values);
  return model.refuse.find(({ when }) => evaluateExpression(when, scope) !== 0)?.because;
}

/** One line per path: the age that decides applicability is usually an input too. */
function distinct(missing: readonly Missing[]): readonly Missing[] {
  return missing.filter(({ path }, index) => missing.findIndex((other) => other.path === path) === index);
}
