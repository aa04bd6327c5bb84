/** A calculated value and what it was made of. */
import type { Input } from '../../models/engine/evaluation.ts';

/** Each calculated value is followed by its parts; an input that serves twice is listed once. */
export function withParts(inputs: readonly Input[]): readonly Input[] {
  const all = inputs.flatMap((input) => [input, ...(input.from ?? [])]);
  return all.filter((input, index) => all.findIndex(({ path }) => path === input.path) === index);
}
