/** Which tier of a burden holds, and which unknown facts could change it. */
import type { Burden, BurdenFact, BurdenTier } from './burden.ts';
import { type Load, loadOf } from './contributions.ts';
import { holding, type JudgedFact } from './patient-facts.ts';

/** The first tier that the medicines and the facts that hold reach. */
export function tierOf({ tiers }: Burden, load: Load, judged: readonly JudgedFact[]): BurdenTier | undefined {
  const held = holding(judged, ({ truth }) => truth === 'met');
  const met = new Set(judged.filter(({ truth }) => truth === 'met').map(({ fact }) => fact.id));
  return tiers.find((tier) => byMedicines(tier, load) && byFacts(tier, load, { held, met }));
}

/** Could any tier hold with these medicines, whatever the facts? Spares the facts where none could. */
export function couldHold({ tiers }: Burden, load: Load): boolean {
  return tiers.some((tier) => byMedicines(tier, load));
}

/** Do the medicines whose part is documented reach the tier by themselves? A `critical` must not rest on recall. */
export function restsOnSources(tier: BurdenTier, load: Load): boolean {
  return byMedicines(tier, loadOf(load.contributions.filter(({ sourced }) => sourced)));
}

function byMedicines({ medicines = 1, weight = 0, of = {} }: BurdenTier, load: Load): boolean {
  return (
    load.medicines >= medicines &&
    load.weight >= weight &&
    Object.entries(of).every(([id, least]) => (load.of[id] ?? 0) >= least)
  );
}

function byFacts(
  { total = 0, all = [], any, unless = [] }: BurdenTier,
  { weight }: Load,
  { held, met }: { readonly held: readonly BurdenFact[]; readonly met: ReadonlySet<string> },
): boolean {
  return (
    weight + held.reduce((sum, fact) => sum + fact.weight, 0) >= total &&
    all.every((id) => met.has(id)) &&
    (any === undefined || any.some((id) => met.has(id))) &&
    !unless.some((id) => met.has(id))
  );
}

/** The unknown facts that, if they held, would give another indicator. */
export function undecided(burden: Burden, load: Load, judged: readonly JudgedFact[]): readonly JudgedFact[] {
  const now = tierOf(burden, load, judged)?.indicator;
  return judged.filter((one) => {
    if (one.truth !== 'unknown') return false;
    const supposed = judged.map((other) => (other === one ? { ...other, truth: 'met' as const } : other));
    return tierOf(burden, load, supposed)?.indicator !== now;
  });
}
