/** Scores and equations on one patient: no ONNX, no FHIRPath, so that the first number needs neither. */
import type { Evaluation } from '../evaluation.ts';
import type { Facts } from '../facts/facts.ts';
import type { Library, RiskModel } from '../library.ts';
import { createResolver, type Resolver } from '../resolve.ts';
import { assess } from './assess.ts';
import { findingOf } from './finding.ts';

/** What every evaluation of a risk model begins with. */
export function headOf({ id, title, version }: RiskModel): Pick<Evaluation, 'id' | 'kind' | 'title' | 'version'> {
  return { id, kind: 'risk', title, version };
}

/** A failure that says what, never whose: the code of the error, and no value. */
export function failureOf(head: Pick<Evaluation, 'id' | 'kind' | 'title' | 'version'>, error: unknown): Evaluation {
  const coded =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'engine-error';
  return {
    ...head,
    status: 'failure',
    error: { code: coded, message: `${head.title} could not be evaluated (${coded})` },
  };
}

/** Every score and equation of the library; one that fails does not stop the rest. `now` in ms since the epoch. */
export function evaluateRisk(
  facts: Facts,
  library: Library,
  now: number,
  resolver: Resolver = createResolver({ facts, library, now }),
): readonly Evaluation[] {
  return library.risk.flatMap((model) => {
    if (model.kind === 'onnx') return [];
    try {
      const result = assess(model, facts, resolver);
      if (result.status !== 'scored') return [{ ...headOf(model), ...result }];
      return [{ ...headOf(model), status: 'finding' as const, finding: findingOf(model, result) }];
    } catch (error) {
      return [failureOf(headOf(model), error)];
    }
  });
}
