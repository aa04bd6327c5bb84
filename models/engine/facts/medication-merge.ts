/** Every chart entry about the same drug by the same kind of route, merged into one medicine. */
import type { Reference } from '../measured.ts';
import type { MedicationFact } from './facts.ts';

/** One chart entry, read. */
export interface Entry extends Omit<MedicationFact, 'sources'> {
  /** A dispense or an administration: it dates the medicine; it says whether it is taken only where no order does. */
  readonly given?: true;
  readonly source: Reference;
}

/** The state that matters most comes first: what may be taken now hides what is over. */
const PRECEDENCE: readonly MedicationFact['state'][] = [
  'active',
  'on-hold',
  'unknown',
  'planned',
  'recently-stopped',
  'stopped',
];

/** Two orders of one drug are one drug. An unknown route joins the systemic entries of the same drug. */
export function mergeByDrug(entries: readonly Entry[]): readonly MedicationFact[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${drugKey(entry)}@${entry.route === 'unknown' ? 'systemic' : entry.route}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].map(merge).sort((a, b) => rank(a) - rank(b) || (a.text < b.text ? -1 : 1));
}

function drugKey({ ingredients, text }: Entry): string {
  return ingredients.length > 0 ? ingredients.map(({ rxcui }) => rxcui).join('+') : text.trim().toLowerCase();
}

function rank({ state }: Pick<MedicationFact, 'state'>): number {
  return PRECEDENCE.indexOf(state);
}

function merge(group: readonly Entry[]): MedicationFact {
  const ordered = group.filter(({ given }) => given === undefined);
  const telling = ordered.length > 0 ? ordered : group;
  const best = Math.min(...telling.map(rank));
  const current = telling
    .filter((entry) => rank(entry) === best)
    .sort((a, b) => (b.start?.start ?? 0) - (a.start?.start ?? 0));
  const [newest] = current;
  if (newest === undefined) throw new RangeError('a group without entries');
  const { source: _source, dailyDose: _dailyDose, end: _end, lastGiven: _last, given: _given, ...fact } = newest;
  const lastGiven = group.flatMap((entry) => entry.lastGiven ?? []).sort((a, b) => b.end - a.end)[0];
  const dailyDose = agreedDose(current);
  const end = newest.state === 'stopped' || newest.state === 'recently-stopped' ? latestEnd(current) : newest.end;
  return {
    ...fact,
    resolution: current.some(({ resolution }) => resolution === 'coded') ? 'coded' : newest.resolution,
    reported: current.every(({ reported }) => reported),
    asNeeded: current.every(({ asNeeded }) => asNeeded),
    route: current.find(({ route }) => route !== 'unknown')?.route ?? 'unknown',
    ...(dailyDose === undefined ? {} : { dailyDose }),
    ...(end === undefined ? {} : { end }),
    ...(lastGiven === undefined ? {} : { lastGiven }),
    sources: group.map(({ source }) => source),
  };
}

/** Orders of one drug may repeat or add to each other; which, only a dose they agree on can tell. */
function agreedDose(entries: readonly Entry[]): MedicationFact['dailyDose'] {
  const [first, ...others] = entries;
  const dose = first?.dailyDose;
  const same = others.every((entry) => entry.dailyDose?.value === dose?.value && entry.dailyDose?.unit === dose?.unit);
  return same ? dose : undefined;
}

function latestEnd(entries: readonly Entry[]): Entry['end'] {
  return entries.flatMap(({ end }) => end ?? []).sort((a, b) => b.end - a.end)[0];
}
