/** The part of the library that the first number needs: it is read before anything else, so it travels alone. */
import type { Library } from '../../models/engine/library.ts';

/** The kidney equations and the value sets that they name; everything else left out. It carries the digest of the whole. */
export function firstKnowledge(library: Library): Library {
  const risk = library.risk.filter(({ provides }) => provides === 'derived.egfr');
  const words = new Set(JSON.stringify(risk).match(/[\w-]+/g));
  const valueSets = library.valueSets.filter(({ id }) => words.has(id));
  const { version, digest, drugTable, site } = library;
  const emptied = Object.fromEntries(
    Object.entries(library).map(([part, value]) => [part, Array.isArray(value) ? [] : {}]),
  );
  // The rest of a library is lists and tables, which may be empty.
  return { ...library, ...emptied, version, digest, drugTable, ...(site && { site }), risk, valueSets };
}
