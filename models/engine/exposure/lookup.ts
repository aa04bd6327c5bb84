/** Finds a drug's parameters by RxCUI, else by its name. */
import type { ExposureKnowledge, ExposureObject, ExposurePrecipitant } from './knowledge.ts';

interface Index {
  readonly objects: ReadonlyMap<string, ExposureObject>;
  readonly precipitants: ReadonlyMap<string, ExposurePrecipitant>;
}

const indexes = new WeakMap<ExposureKnowledge, Index>();

/** `undefined`: nothing is known of it, which is not the same as no effect. */
export function objectOf(
  drug: { readonly rxcui?: string | null; readonly name?: string },
  knowledge: ExposureKnowledge,
) {
  return find(indexOf(knowledge).objects, drug);
}

/** `undefined`: nothing is known of it, which is not the same as no effect. */
export function precipitantOf(
  drug: { readonly rxcui?: string | null; readonly name?: string },
  knowledge: ExposureKnowledge,
) {
  return find(indexOf(knowledge).precipitants, drug);
}

function find<T>(
  index: ReadonlyMap<string, T>,
  { rxcui, name }: { rxcui?: string | null; name?: string },
): T | undefined {
  return (rxcui ? index.get(rxcui) : undefined) ?? (name ? index.get(name.toLowerCase()) : undefined);
}

function indexOf(knowledge: ExposureKnowledge): Index {
  const known = indexes.get(knowledge);
  if (known) return known;
  const made = { objects: keyed(knowledge.objects), precipitants: keyed(knowledge.precipitants) };
  indexes.set(knowledge, made);
  return made;
}

function keyed<T extends { readonly rxcui?: string; readonly name?: string }>(
  list: readonly T[],
): ReadonlyMap<string, T> {
  return new Map(list.flatMap((each) => [each.name, each.rxcui].flatMap((key) => (key ? [[key, each] as const] : []))));
}
