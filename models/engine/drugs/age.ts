/** How old the knowledge of drugs is. Past its expiry every check of medicines says so: what is new since then is not in it. */
import type { Evaluation } from '../evaluation.ts';
import type { Library } from '../library.ts';

/** RxNorm appears monthly and labels change as often; two years is our limit. */
const MONTHS = 24;

/** The last moment (ms since the epoch) at which the drug table counts as current. */
export function expiryOf({ drugTable: { asOf } }: Pick<Library, 'drugTable'>): number {
  const date = new Date(`${asOf}T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + MONTHS);
  return date.getTime();
}

/** Nothing while it is current; else what no list of medicines may be read to have been checked against. */
export function drugKnowledgeAge(library: Library, now: number): readonly Evaluation[] {
  if (!library.drugTable.asOf || now <= expiryOf(library)) return [];
  const missing = {
    path: 'medication',
    label: 'Drug knowledge',
    absence: 'stale',
    text: `drug knowledge is of ${library.drugTable.asOf} and has expired: newer medicines and warnings are not in it`,
    required: true,
  } as const;
  return [
    {
      id: 'drug-knowledge-age',
      kind: 'interaction',
      title: 'Medicines together',
      version: library.version,
      status: 'data-required',
      missing: [missing],
      basis: { used: [], stale: [], missing: [missing], excluded: [] },
    },
  ];
}
