/** `condition.<valueSetId>`: is a problem of that kind active? `history.<valueSetId>`: was it ever listed? */
import { inValueSet } from '../facts/value-sets.ts';
import type { Resolved, Scene } from '../resolve.ts';
import { absentBySource, type Binding, missing, readInFull, worstState } from './absence.ts';

/** `yes` with its sources as soon as one entry matches; `no` only when the problem list was read in full. */
export function resolveCondition(
  { facts, library }: Scene,
  binding: Binding,
  { id, ever }: { readonly id: string; readonly ever: boolean },
): Resolved {
  const valueSet = library.valueSets.find((candidate) => candidate.id === id);
  if (!valueSet)
    return { state: 'absent', missing: missing(binding, 'not-asked', `the library has no value set ${id}`) };
  const present = facts.condition.filter(
    (condition) => (ever || condition.active) && inValueSet(condition.codings, valueSet),
  );
  const common = { path: binding.fact, label: binding.label };
  if (present.length > 0) {
    const onset = present.find((condition) => condition.onset)?.onset;
    return {
      state: 'known',
      value: 'yes',
      input: {
        ...common,
        value: 'yes',
        sources: present.map((condition) => condition.source),
        note: present.map((condition) => condition.text).join('; '),
        ...(onset ? { effective: onset } : {}),
      },
    };
  }
  const state = worstState(facts.sources, ['conditions']);
  if (!readInFull(state)) return { state: 'absent', missing: absentBySource(binding, state) };
  return {
    state: 'known',
    value: 'no',
    input: { ...common, value: 'no', sources: [], note: 'not on the problem list' },
  };
}
