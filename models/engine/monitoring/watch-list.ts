/** Every test that the patient's medicines ask for: when it was last done, where it stands, and whether its value asks for something now. */
import { membersOf, partOf, takesPart } from '../drugs/participant.ts';
import type { Input } from '../evaluation.ts';
import type { Facts, MedicationFact, Promised } from '../facts/facts.ts';
import type { Library, WatchCheck, WatchedMedicine, WatchLimit } from '../library.ts';
import type { Citation } from '../measured.ts';
import type { Resolved, Resolver } from '../resolve.ts';
import { labelOf } from '../rules/view.ts';
import { type Standing, standingOf } from './schedule.ts';

/** What the watch list is made of. `now` in ms since the epoch. */
export interface WatchScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  readonly now: number;
}

/** A value beyond a limit of the medicine's own schedule. */
export interface Beyond {
  readonly limit: WatchLimit;
  readonly input: Input;
  readonly citation: Citation;
}

/** One test for one medicine. */
export interface Watched {
  readonly entry: string;
  /** The ingredients' names. */
  readonly medicine: string;
  readonly medicines: readonly MedicationFact[];
  readonly check: WatchCheck;
  readonly label: string;
  readonly standing: Standing;
  /** The newest result, whatever its age. */
  readonly last?: Input;
  readonly beyond?: Beyond;
  readonly citation: Citation;
  /** What the clinician said in an earlier launch, with what became of it. */
  readonly promise?: Promised & { readonly kept: 'open' | 'done' | 'overdue' };
}

/** A value older than this says nothing about now. */
const LIMIT_AGE = 'P1Y';

/** In the order of the library; a medicine that is paused, stopped or acts only on the spot asks for nothing. */
export function watchList(scene: WatchScene): readonly Watched[] {
  const { facts, library } = scene;
  const taken = facts.medication.filter(({ state }) => state === 'active');
  return (library.monitoring ?? []).flatMap(({ medicines }) =>
    medicines.flatMap((entry) => {
      const members = membersOf(entry.medicine, library);
      const matching = taken.filter((medicine) => takesPart(medicine, members));
      if (matching.length === 0) return [];
      const names = [...new Set(matching.flatMap((medicine) => partOf(medicine, members).map(({ name }) => name)))];
      return entry.checks.map((check) => watched({ entry, check, matching, names }, scene));
    }),
  );
}

interface Asked {
  readonly entry: WatchedMedicine;
  readonly check: WatchCheck;
  readonly matching: readonly MedicationFact[];
  readonly names: readonly string[];
}

function watched({ entry, check, matching, names }: Asked, { facts, library, resolver, now }: WatchScene): Watched {
  const label = labelOf(check.fact, library);
  const resolved = resolver.resolve({ fact: check.fact, label, required: false });
  const last = newest(resolved);
  const starts = matching.flatMap(({ start }) => (start ? [start.start] : []));
  // Of several products the latest start asks for the most; one without a date leaves all of them unknown.
  const start = starts.length === matching.length ? Math.max(...starts) : undefined;
  const beyond = beyondOf(entry, check, { resolver, library });
  const promise = facts.promised?.filter(({ path }) => path === check.fact).sort((a, b) => b.made - a.made)[0];
  return {
    entry: entry.id,
    medicine: names.join(' and '),
    medicines: matching,
    check,
    label,
    standing: standingOf(check, { start, last: last?.effective?.end, now }),
    ...(last ? { last } : {}),
    ...(beyond ? { beyond } : {}),
    citation: citationOf(entry, check.cite),
    ...(promise ? { promise: { ...promise, kept: keptOf(promise, last?.effective?.end, now) } } : {}),
  };
}

function newest(resolved: Resolved): Input | undefined {
  return resolved.state === 'known' ? resolved.input : resolved.missing.last;
}

/** Done when a result is newer than the promise; else open until its day has passed. */
function keptOf({ made, due }: Promised, last: number | undefined, now: number): 'open' | 'done' | 'overdue' {
  if (last !== undefined && last > made) return 'done';
  return now > due ? 'overdue' : 'open';
}

function beyondOf(
  entry: WatchedMedicine,
  { limits = [] }: WatchCheck,
  { resolver, library }: Pick<WatchScene, 'resolver' | 'library'>,
): Beyond | undefined {
  for (const limit of limits) {
    const { fact, unit } = limit;
    const resolved = resolver.resolve({
      fact,
      unit,
      label: labelOf(fact, library),
      maxAge: LIMIT_AGE,
      required: false,
    });
    if (resolved.state !== 'known' || typeof resolved.value !== 'number') continue;
    if (isBeyond(limit, resolved.value, resolved.input.comparator))
      return { limit, input: resolved.input, citation: citationOf(entry, limit.cite) };
  }
  return undefined;
}

/** A censored value crosses a limit only where its bound settles it. */
function isBeyond({ above, below }: WatchLimit, value: number, comparator: Input['comparator']): boolean {
  if (above !== undefined)
    return comparator?.startsWith('<') ? false : value > above || (comparator === '>' && value >= above);
  if (below !== undefined)
    return comparator?.startsWith('>') ? false : value < below || (comparator === '<' && value <= below);
  return false;
}

function citationOf({ id, citations }: WatchedMedicine, key: string): Citation {
  const found = citations[key];
  if (!found) throw new RangeError(`${id} has no citation ${key}`);
  return found;
}
