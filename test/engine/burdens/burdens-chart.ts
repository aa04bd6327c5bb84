/** A library of burdens as the loader reads them, and what one of them says of a short chart. */
import type { Burden } from '../../../models/engine/burdens/burden.ts';
import { evaluateBurdens } from '../../../models/engine/burdens/evaluate.ts';
import type { Evaluation } from '../../../models/engine/evaluation.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import type { Library } from '../../../models/engine/library.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import {
  agrees,
  type Case,
  type Chart,
  casesBeside,
  factsOf,
  knowledge,
  NOW,
  library as withoutBurdens,
} from '../interactions-chart.ts';

export const burdens = knowledge<Burden>('burdens');
export const library: Library = { ...withoutBurdens, burdens };

/** What every burden says of these facts. */
export function evaluationsOf(facts: Facts, of: Library = library): readonly Evaluation[] {
  const resolver = createResolver({ facts, library: of, now: NOW });
  return evaluateBurdens({ facts, library: of, resolver, now: NOW });
}

/** What one burden, alone in the library, says of a short chart. */
export function said(burden: Burden, chart: Chart): Evaluation {
  const [evaluation] = evaluationsOf(factsOf(chart), { ...library, burdens: [burden] });
  if (!evaluation) throw new Error(`no evaluation of ${burden.id}`);
  return evaluation;
}

/** A case may also say what the count adds up to. */
export type BurdenCase = Case & { readonly expect: { readonly count?: number } };

export function casesOf(burden: Burden): readonly BurdenCase[] {
  return casesBeside('burdens', burden.id);
}

/** Does the burden say what the case wants, with the count that it wants? */
export function holds(burden: Burden, { chart, expect: wanted }: BurdenCase): boolean {
  const evaluation = said(burden, chart);
  if (!agrees(evaluation, wanted)) return false;
  if (wanted.count === undefined) return true;
  return evaluation.status === 'finding' && evaluation.finding.detail.endsWith(`; together ${wanted.count}.`);
}
