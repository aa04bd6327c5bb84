/** What a model may ask the clinician: for the form that opens on request. */
import type { FactPath } from '../facts/facts.ts';
import type { Ask, RiskModel } from '../library.ts';

/** One question; its answer is kept as `Facts.asked[<last segment of path>]`, a word of the choices or a number in `unit`. */
export interface Question extends Ask {
  readonly path: FactPath;
  readonly unit?: string;
  /** The model gives no number before it is answered. */
  readonly required: boolean;
}

/** Every question of a model once, the one that it is offered by first. */
export function questionsOf({ population, inputs }: RiskModel): readonly Question[] {
  const gates = (population.onlyWith ?? []).flatMap(({ facts: [path], ask }) =>
    path && ask ? [{ ...ask, path, required: true }] : [],
  );
  const asked = inputs.flatMap(({ fact: path, ask, unit, required }) =>
    ask ? [{ ...ask, path, required, ...(unit ? { unit } : {}) }] : [],
  );
  const opening = (population.onlyWith ?? []).flatMap(({ facts }) => facts);
  const first = asked.filter(({ path }) => opening.includes(path));
  const questions = [...gates, ...first, ...asked];
  return questions.filter(({ path }, index) => questions.findIndex((other) => other.path === path) === index);
}
