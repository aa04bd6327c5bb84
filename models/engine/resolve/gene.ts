/** `gene.<symbol>`: the newest diplotype on file, in one spelling. No result is no result, never "normal". */
import type { Reference } from '../measured.ts';
import type { Resolved, Scene } from '../resolve.ts';
import { absentBySource, type Binding, missing, readInFull, worstState } from './absence.ts';

/** Complement of a base, for laboratories that report VKORC1 on the other strand. */
const OTHER_STRAND: Readonly<Record<string, string>> = { C: 'G', T: 'A', G: 'G', A: 'A' };

/** The diplotype as a word: `*1/*2` with the lower allele first; of VKORC1 `G/A` at −1639 (rs9923231). */
export function resolveGene({ facts }: Scene, binding: Binding, gene: string): Resolved {
  const found = facts.gene?.find((result) => result.gene === gene && result.diplotype !== undefined);
  const common = { path: binding.fact, label: binding.label };
  if (found?.diplotype === undefined) {
    const state = worstState(facts.sources, ['genes']);
    return {
      state: 'absent',
      missing: readInFull(state)
        ? missing(binding, 'empty', `no ${gene} result on file`)
        : absentBySource(binding, state),
    };
  }
  const value = spelled(gene, found.diplotype);
  const sources: readonly Reference[] = [found.source];
  const note = value === found.diplotype ? {} : { note: `the laboratory writes ${found.diplotype}` };
  const input = { ...common, value, sources, ...note, ...(found.effective ? { effective: found.effective } : {}) };
  return { state: 'known', value, input };
}

/** One spelling for one genotype; words that cannot be read are kept as they are. */
export function spelled(gene: string, diplotype: string): string {
  return (gene === 'VKORC1' ? atMinus1639(diplotype) : starAlleles(diplotype)) ?? diplotype;
}

function starAlleles(diplotype: string): string | undefined {
  const alleles = diplotype.match(/\*\d+[A-Z]?(?:x\d+)?/g);
  if (alleles?.length !== 2) return undefined;
  return [...alleles].sort((a, b) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10)).join('/');
}

/** Two bases, on either strand; a genotype that mixes the strands is not read. */
function atMinus1639(diplotype: string): string | undefined {
  const bases = /(?:^|[^A-Za-z0-9])([ACGT])\s?[/|>]?\s?([ACGT])(?![A-Za-z])/.exec(
    diplotype.replace(/-?1639\s?G\s?>\s?A/g, ''),
  );
  const [, a, b] = bases ?? [];
  if (!a || !b || /[GA]/.test(a) !== /[GA]/.test(b)) return undefined;
  const [first, second] = [OTHER_STRAND[a], OTHER_STRAND[b]];
  return first === second ? `${first}/${second}` : 'G/A';
}
