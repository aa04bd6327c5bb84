/** `derived.<name>`: the first outcome of the risk model that provides it. */
import type { Input } from '../evaluation.ts';
import { SelfTestError } from '../explain/self-test.ts';
import type { PointsModel, RegressionModel } from '../library.ts';
import type { When } from '../measured.ts';
import type { Resolved, Resolver, Scene } from '../resolve.ts';
import { assess } from '../risk/assess.ts';
import { type Binding, missing } from './absence.ts';
import { before, inWords } from './period.ts';

/**
 * The derived value with its unit. It is as old as the oldest measured input, since it cannot be newer than
 * what it was made of; its sources are those of its inputs.
 */
export function resolveDerived(scene: Scene, resolver: Resolver, binding: Binding): Resolved {
  const model = scene.library.risk.find(({ provides }) => provides === binding.fact);
  if (!model) return { state: 'absent', missing: missing(binding, 'not-asked', 'no model of the library gives it') };
  if (model.kind === 'onnx')
    return {
      state: 'absent',
      missing: missing(binding, 'not-asked', 'given by a trained model, which other models do not build on'),
    };
  const result = assessed(model, scene, resolver);
  switch (result.status) {
    case 'unavailable':
      return { state: 'absent', missing: missing(binding, 'failed', `${model.title} is unavailable`) };
    case 'not-applicable':
      return { state: 'absent', missing: missing(binding, 'empty', result.because.text) };
    case 'data-required': {
      const [first] = result.missing;
      return {
        state: 'absent',
        missing: missing(
          binding,
          first?.absence ?? 'empty',
          result.missing.map(({ text }) => text).join('; '),
          first?.last,
        ),
      };
    }
    case 'scored': {
      const [outcome] = result.outcomes;
      if (!outcome) return { state: 'absent', missing: missing(binding, 'failed', `${model.id} gave no value`) };
      if (binding.unit && binding.unit !== outcome.unit)
        return {
          state: 'absent',
          missing: missing(binding, 'unread', `given in ${outcome.unit}, wanted in ${binding.unit}`),
        };
      const effective = oldest(result.basis.used);
      const input: Input = {
        path: binding.fact,
        label: binding.label,
        value: outcome.value,
        unit: outcome.unit,
        ...(effective ? { effective } : {}),
        sources: sourcesOf(result.basis.used),
        note: `calculated by ${model.title}`,
        from: result.basis.used,
      };
      if (binding.maxAge && effective && effective.end < before(scene.now, binding.maxAge))
        return { state: 'absent', missing: missing(binding, 'stale', `older than ${inWords(binding.maxAge)}`, input) };
      return { state: 'known', value: outcome.value, input };
    }
  }
}

/** A model that failed its self-test gives nothing to build on; whatever asked for it says so and stays without. */
function assessed(
  model: PointsModel | RegressionModel,
  scene: Scene,
  resolver: Resolver,
): ReturnType<typeof assess> | { readonly status: 'unavailable' } {
  try {
    return assess(model, scene.facts, resolver);
  } catch (error) {
    if (error instanceof SelfTestError) return { status: 'unavailable' };
    throw error;
  }
}

/** What was measured comes before who the patient is: the first source is the one that people open. */
function sourcesOf(inputs: readonly Input[]): readonly string[] {
  const measured = inputs.filter(({ path }) => path.startsWith('observation.'));
  return [...new Set([...measured, ...inputs].flatMap(({ sources }) => sources))];
}

/** The oldest date among the measured inputs. */
function oldest(inputs: readonly Input[]): When | undefined {
  const dates = inputs.flatMap(({ effective, path }) =>
    effective && path.startsWith('observation.') ? [effective] : [],
  );
  return dates.reduce<When | undefined>((first, date) => (!first || date.end < first.end ? date : first), undefined);
}
