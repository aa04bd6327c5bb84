/** Knowledge that travels apart from the library and is fetched only for the patients it is about. */
import type { ExposureKnowledge } from './exposure/knowledge.ts';
import type { Facts } from './facts/facts.ts';
import type { GeneKnowledge } from './genes/knowledge.ts';
import type { Library } from './library.ts';

/** Where a part is fetched, and the SHA-256 (hex) of its bytes, which the library's digest covers. */
export interface ApartFile {
  readonly url: string;
  readonly sha256: string;
}

/** The parts, as parsed from their files. */
export interface Apart {
  readonly genes?: GeneKnowledge;
  readonly exposure?: ExposureKnowledge;
}

/** What has to be fetched before `evaluate` for this patient, and is not there yet. */
export function apartWanted(facts: Facts, library: Library): readonly (keyof Apart)[] {
  const { apart } = library;
  if (!apart) return [];
  const tested = (facts.gene ?? []).length > 0;
  const several =
    facts.medication.filter(({ ingredients, state }) => ingredients.length > 0 && state !== 'stopped').length > 1;
  return [
    ...(tested && !library.genes ? (['genes'] as const) : []),
    ...((tested || several) && !library.exposure ? (['exposure'] as const) : []),
  ];
}
