/** `medication.<drugClassId or rxcui>`: does the patient take it now, by a route that reaches the whole body? */
import type { Resolved, Scene } from '../resolve.ts';
import { absentBySource, type Binding, missing, readInFull, worstState } from './absence.ts';
import { ingredientsOf, takenNow } from './membership.ts';

/** `yes` with its sources as soon as one active medicine matches; `no` only when the medication list was read in full. */
export function resolveMedication({ facts, library }: Scene, binding: Binding, id: string): Resolved {
  const rxcuis = ingredientsOf(id, library);
  if (!rxcuis)
    return { state: 'absent', missing: missing(binding, 'not-asked', `the library has no drug class ${id}`) };
  const taken = facts.medication.filter((medication) => takenNow(medication, rxcuis));
  const common = { path: binding.fact, label: binding.label };
  if (taken.length > 0) {
    const start = taken.find((medication) => medication.start)?.start;
    return {
      state: 'known',
      value: 'yes',
      input: {
        ...common,
        value: 'yes',
        sources: taken.flatMap((medication) => medication.sources),
        note: taken.map((medication) => medication.text).join('; '),
        ...(start ? { effective: start } : {}),
      },
    };
  }
  const state = worstState(facts.sources, ['medications']);
  if (!readInFull(state)) return { state: 'absent', missing: absentBySource(binding, state) };
  const unknown = facts.medication.filter(
    ({ state: is, resolution }) => is === 'active' && resolution === 'unresolved',
  ).length;
  // One entry nobody could identify may be the very drug; a "no" would then be a guess.
  if (unknown > 0)
    return {
      state: 'absent',
      missing: missing(
        binding,
        'unread',
        `${unknown} listed ${unknown === 1 ? 'medicine' : 'medicines'} could not be identified`,
      ),
    };
  return {
    state: 'known',
    value: 'no',
    input: { ...common, value: 'no', sources: [], note: 'not on the medication list' },
  };
}
