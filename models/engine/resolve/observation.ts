/** `observation.<key>`: the newest usable value, or why there is none. */
import type { Input } from '../evaluation.ts';
import { ANALYTE_BY_KEY } from '../facts/analytes.ts';
import type { CodedFact, ObservationFact } from '../facts/facts.ts';
import type { Resolved, Scene } from '../resolve.ts';
import { absentBySource, type Binding, missing, readInFull, worstState } from './absence.ts';
import { before, inWords } from './period.ts';
import { inUnit } from './unit.ts';

/** The query an observation comes with: its analyte's category; coded answers (smoking, pregnancy) are social history. */
function sourceOf(key: string): string {
  return ANALYTE_BY_KEY.get(key)?.category ?? 'social-history';
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
  return { state: 'known', value: input.value, input: withDoubts(scene, input, { newest, source: sourceOf(key) }) };
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
  { newest, source }: { readonly newest: ObservationFact | CodedFact; readonly source: string },
): Input {
  const unread = facts.unread.some(
    ({ path, effective }) => path === input.path && effective !== undefined && effective.start > newest.effective.end,
  );
  const partial = facts.sources.some(({ id, state }) => id === source && state === 'incomplete');
  const doubts = [
    ...(input.note ? [input.note] : []),
    ...(unread ? ['a newer entry could not be read'] : []),
    ...(partial ? ['the list arrived in part; a newer value may exist'] : []),
  ];
  return doubts.length > 0 ? { ...input, note: doubts.join('; ') } : input;
}

function nothing({ facts }: Scene, binding: Binding, key: string): Resolved {
  const unread = facts.unread.filter(({ path }) => path === binding.fact);
  const state = worstState(facts.sources, [sourceOf(key)]);
  if (unread.length > 0 && readInFull(state))
    return {
      state: 'absent',
      missing: missing(binding, 'unread', `in the chart, but not readable (${unread[0]?.reason})`),
    };
  return { state: 'absent', missing: absentBySource(binding, state) };
}
