/** `taking.<drugClassId or rxcui>`: for how many days a medicine has been taken; 0 when it is planned. */
import type { Resolved, Scene } from '../resolve.ts';
import { absentBySource, type Binding, missing, readInFull, worstState } from './absence.ts';
import { ingredientsOf } from './membership.ts';

const MS_PER_DAY = 86_400_000;

/** Days (`d`) since the first known start. A start that nobody wrote down is unknown, never today. */
export function resolveTaking({ facts, library, now }: Scene, binding: Binding, id: string): Resolved {
  const rxcuis = ingredientsOf(id, library);
  if (!rxcuis)
    return { state: 'absent', missing: missing(binding, 'not-asked', `the library has no drug class ${id}`) };
  const taken = facts.medication.filter(
    ({ state, ingredients }) =>
      (state === 'active' || state === 'planned') && ingredients.some(({ rxcui }) => rxcuis.has(rxcui)),
  );
  if (taken.length === 0) {
    const state = worstState(facts.sources, ['medications']);
    const absent = readInFull(state)
      ? missing(binding, 'empty', 'not on the medication list')
      : absentBySource(binding, state);
    return { state: 'absent', missing: absent };
  }
  const active = taken.filter(({ state }) => state === 'active');
  const starts = active.flatMap(({ start }) => (start ? [start] : []));
  const [first] = [...starts].sort((a, b) => a.start - b.start);
  if (active.length > 0 && (!first || starts.length < active.length))
    return { state: 'absent', missing: missing(binding, 'empty', 'its start date is not on the medication list') };
  const value = first ? Math.max(0, Math.floor((now - first.start) / MS_PER_DAY)) : 0;
  const input = {
    path: binding.fact,
    label: binding.label,
    value,
    unit: 'd',
    sources: taken.flatMap(({ sources }) => sources),
    note: first ? `since ${first.text}` : 'planned, not started',
    ...(first ? { effective: first } : {}),
  };
  return { state: 'known', value, input };
}
