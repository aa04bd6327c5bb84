/** `observation.<key>`: the newest usable value, or why there is none. */
import type { Input } from '../evaluation.ts';
import { ANALYTE_BY_KEY } from '../facts/analytes.ts';
import type { CodedFact, Facts, ObservationFact } from '../facts/facts.ts';
import type { Resolved, Scene } from '../resolve.ts';
import { absentBySource, type Binding, missing, readInFull, worstState } from './absence.ts';
import { before, inWords } from './period.ts';
import { inUnit } from './unit.ts';

/** The queries an observation comes with: its analyte's category; coded answers are social history or a survey. */
function sourcesOf(key: string, { sources }: Facts): readonly string[] {
  const category = ANALYTE_BY_KEY.get(key)?.category;
  if (category !== undefined) return [category];
  const ids = key === 'smoking-status' ? ['social-history', 'survey'] : ['social-history'];
  // Not every EHR has both; one that was never asked for takes nothing away from the other.
  const asked = ids.filter((id) => sources.some((source) => source.id === id));
  return asked.length > 0 ? asked : ids;
}

/** The newest value in the unit asked for. An extreme newest value is not fed on, and no older one takes its place. */
export function resolveObservation(scene: Scene, binding: Binding, key: string): Resolved {
  const { facts, now } = scene;
  const newest = facts.observation[key]?.[0] ?? facts.coded[key]?.[0];
  if (!newest) return nothing(scene, binding, key);
  const input = 'unit' in newest ? measured(binding, newest, key) : coded(binding, newest);
  if (!input)
    return {
      state: 'absent',
      missing: missing(binding, 'unread', `recorded in a unit that does not convert to ${binding.unit}`),
    };
  if ('extreme' in newest && newest.extreme)
    return {
      state: 'absent',
      missing: missing(binding, 'extreme', 'the newest value is extreme and must be verified first', input),
    };
  if (binding.maxAge && newest.effective.end < before(now, binding.maxAge))
    return { state: 'absent', missing: missing(binding, 'stale', `older than ${inWords(binding.maxAge)}`, input) };
  return {
    state: 'known',
    value: input.value,
    input: withDoubts(scene, input, { newest, from: sourcesOf(key, facts) }),
  };
}

function measured(binding: Binding, fact: ObservationFact, key: string): Input | undefined {
  const unit = binding.unit ?? fact.unit;
  const value = inUnit(fact, unit, key);
  if (value === undefined) return undefined;
  const note = unit !== fact.unit ? `converted from ${fact.value} ${fact.unit}` : noteOfOriginal(fact);
  return {
    path: binding.fact,
    label: binding.label,
    value,
    unit,
    ...(fact.comparator ? { comparator: fact.comparator } : {}),
    effective: fact.effective,
    sources: [fact.source],
    ...(note ? { note } : {}),
  };
}

function noteOfOriginal({ original, unit }: ObservationFact): string | undefined {
  return original && original.unit !== unit ? `converted from ${original.value} ${original.unit}` : undefined;
}

function coded(binding: Binding, fact: CodedFact): Input {
  return {
    path: binding.fact,
    label: binding.label,
    value: fact.value,
    effective: fact.effective,
    sources: [fact.source],
  };
}

/** Says when a newer value may exist: the list came in part, or a later entry could not be read. */
function withDoubts(
  { facts }: Scene,
  input: Input,
  { newest, from }: { readonly newest: ObservationFact | CodedFact; readonly from: readonly string[] },
): Input {
  const unread = facts.unread.some(
    ({ path, effective }) => path === input.path && effective !== undefined && effective.start > newest.effective.end,
  );
  const reports = facts.sources.filter(({ id }) => from.includes(id));
  const states = reports.map(({ state }) => state);
  // A list that came newest first lacks older entries only.
  const partial = reports.some(
    ({ state, since }) => state === 'incomplete' && (since === undefined || newest.effective.start < since.start),
  );
  const unreadable = states.some((state) => state === 'refused' || state === 'failed');
  const doubts = [
    ...(input.note ? [input.note] : []),
    ...(unread ? ['a newer entry could not be read'] : []),
    ...(partial ? ['the list arrived in part; a newer value may exist'] : []),
    ...(unreadable ? ['another place where it is filed could not be read; a newer value may exist there'] : []),
  ];
  return doubts.length > 0 ? { ...input, note: doubts.join('; ') } : input;
}

function nothing({ facts, now }: Scene, binding: Binding, key: string): Resolved {
  const unread = facts.unread.filter(({ path }) => path === binding.fact);
  const from = sourcesOf(key, facts);
  const state = worstState(facts.sources, from);
  if (state === 'incomplete' && binding.maxAge && unread.length === 0) {
    const oldest = before(now, binding.maxAge);
    const reports = facts.sources.filter(({ id }) => from.includes(id));
    // Older entries are missing, but none of them would have counted.
    if (reports.every(({ state, since }) => readInFull(state) || (since !== undefined && since.start <= oldest)))
      return { state: 'absent', missing: missing(binding, 'empty', `none in the last ${inWords(binding.maxAge)}`) };
  }
  if (unread.length > 0 && readInFull(state))
    return {
      state: 'absent',
      missing: missing(binding, 'unread', `in the chart, but not readable (${unread[0]?.reason})`),
    };
  return { state: 'absent', missing: absentBySource(binding, state) };
}
