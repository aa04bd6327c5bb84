/** `condition.<valueSetId>`: is a problem of that kind active? `history.<valueSetId>`: was it ever listed? */
import { comfortCareOf } from '../facts/care.ts';
import type { CareFact, ConditionFact, Facts, ProcedureFact } from '../facts/facts.ts';
import { inValueSet } from '../facts/value-sets.ts';
import type { When } from '../measured.ts';
import type { Resolved, Scene } from '../resolve.ts';
import { absentBySource, type Binding, missing, readInFull, worstState } from './absence.ts';
import { before } from './period.ts';

/** The value set of comfort care, for which code status, orders, flags and consents count as well as the problem list. */
const COMFORT_CARE = 'comfort-care';
/** A procedure done this recently says what the patient has now (dialysis); the limit is ours. */
const RECENT = 'P90D';

type Present = ConditionFact | ProcedureFact | CareFact;

/** What was done tells of the past; what is being done, or was done lately, of the present. */
function proceduresMeaning({ procedure = [] }: Facts, now: number, ever: boolean): readonly ProcedureFact[] {
  return procedure.filter(
    ({ status, performed }) =>
      ever || status === 'in-progress' || (performed !== undefined && performed.end >= before(now, RECENT)),
  );
}

/** Where it stands is said when that is not the problem list. */
function said(fact: Present): string {
  if ('performed' in fact || 'status' in fact) return `${fact.text} (procedure)`;
  if ('aim' in fact) return `${fact.text} (aim of care)`;
  return fact.category === 'encounter-diagnosis' ? `${fact.text} (diagnosis of an encounter)` : fact.text;
}

function dateOf(fact: Present): When | undefined {
  if ('performed' in fact) return fact.performed;
  if ('onset' in fact) return fact.onset;
  return 'effective' in fact ? fact.effective : undefined;
}

/** `yes` with its sources as soon as one entry matches; `no` only when the problem list was read in full. */
export function resolveCondition(
  { facts, library, now }: Scene,
  binding: Binding,
  { id, ever }: { readonly id: string; readonly ever: boolean },
): Resolved {
  const valueSet = library.valueSets.find((candidate) => candidate.id === id);
  if (!valueSet)
    return { state: 'absent', missing: missing(binding, 'not-asked', `the library has no value set ${id}`) };
  const comfort = id === COMFORT_CARE ? comfortCareOf(facts.care ?? []) : undefined;
  const present: readonly Present[] = [
    ...facts.condition.filter(({ active, codings }) => (ever || active) && inValueSet(codings, valueSet)),
    // A palliative procedure alone is not the aim of care: what is, `comfortCareOf` decides.
    ...(id === COMFORT_CARE ? [] : proceduresMeaning(facts, now, ever)).filter(({ codings }) =>
      inValueSet(codings, valueSet),
    ),
    ...(comfort === undefined ? [] : [comfort]),
  ];
  const common = { path: binding.fact, label: binding.label };
  if (present.length > 0) {
    const onset = present.map(dateOf).find((date) => date !== undefined);
    return {
      state: 'known',
      value: 'yes',
      input: {
        ...common,
        value: 'yes',
        sources: present.map((condition) => condition.source),
        note: present.map(said).join('; '),
        ...(onset ? { effective: onset } : {}),
      },
    };
  }
  const state = worstState(facts.sources, ['conditions']);
  if (!readInFull(state)) return { state: 'absent', missing: absentBySource(binding, state) };
  // What is hidden may be the very problem; a "no" would then be a guess.
  if (facts.unread.some(({ source, reason }) => reason === 'restricted' && source.startsWith('Condition/')))
    return {
      state: 'absent',
      missing: missing(binding, 'unread', 'a part of the problem list is restricted in the EHR'),
    };
  return {
    state: 'known',
    value: 'no',
    input: { ...common, value: 'no', sources: [], note: 'not on the problem list' },
  };
}
