/** Which face of absence a missing fact has: nobody asked, the EHR refused, the list is empty, or only part of it arrived. */
import type { Input, Missing } from '../evaluation.ts';
import type { FactPath, SourceReport, SourceState } from '../facts/facts.ts';

/** What is asked of the resolver: one fact, under the name a clinician would use for it. */
export interface Binding {
  readonly fact: FactPath;
  readonly label: string;
  /** UCUM unit the value is wanted in; absent: as the fact has it. */
  readonly unit?: string;
  /** ISO 8601 duration; a value that ended longer ago is stale. */
  readonly maxAge?: string;
  readonly required: boolean;
}

const ABSENCE_OF_STATE: Readonly<Record<SourceState, Missing['absence']>> = {
  read: 'empty',
  empty: 'empty',
  incomplete: 'incomplete',
  refused: 'refused',
  failed: 'failed',
  'not-asked': 'not-asked',
  pending: 'not-asked',
};

const WORDS: Readonly<Record<SourceState, string>> = {
  read: 'not in the chart',
  empty: 'not in the chart',
  incomplete: 'not in the part of the chart that arrived',
  refused: 'the EHR did not allow this to be read',
  failed: 'the EHR could not be read',
  'not-asked': 'not asked for',
  pending: 'not read yet',
};

/** From best to worst: the state that says most about why a fact is absent comes last. */
const WORST: readonly SourceState[] = ['read', 'empty', 'pending', 'not-asked', 'incomplete', 'failed', 'refused'];

/** The least complete state among the named sources; a source without a report was not asked. */
export function worstState(sources: readonly SourceReport[], ids: readonly string[]): SourceState {
  const states = ids.map((id) => sources.find((source) => source.id === id)?.state ?? 'not-asked');
  return states.reduce((worst, state) => (WORST.indexOf(state) > WORST.indexOf(worst) ? state : worst), 'read');
}

/** Was everything there is handed over, so that "not listed" means "no"? */
export function readInFull(state: SourceState): boolean {
  return state === 'read' || state === 'empty';
}

/** A fact that is not there because of the state of the source it would come from. */
export function absentBySource(binding: Binding, state: SourceState): Missing {
  return missing(binding, ABSENCE_OF_STATE[state], WORDS[state]);
}

/** A fact that is missing for the reason given. */
export function missing(binding: Binding, absence: Missing['absence'], reason: string, last?: Input): Missing {
  return {
    path: binding.fact,
    label: binding.label,
    absence,
    text: `${binding.label}: ${reason}`,
    required: binding.required,
    ...(last ? { last } : {}),
  };
}
