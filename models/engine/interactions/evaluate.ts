/** Drug–drug interactions in the light of this patient: the bare pair's tier, changed by what is known. */

import { profileOf } from '../drugs/profiles.ts';
import type { Evaluation, EvaluationBasis, Missing } from '../evaluation.ts';
import type { Facts, Ingredient } from '../facts/facts.ts';
import type { Library } from '../library.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import { entriesOf } from './entries.ts';
import { findingOf } from './finding.ts';
import { type Held, leadingInteractions } from './lead.ts';
import { counts, matchInteractions } from './match.ts';
import type { InteractionScene } from './modifiers.ts';

export type { InteractionScene } from './modifiers.ts';

const ALL = { id: 'interactions', kind: 'interaction', title: 'Interactions', version: '1.0.0' } as const;
const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };

/**
 * One evaluation an interaction that the patient has, and one about all the others. FHIRPath runs only for pairs that
 * the patient has.
 */
export function evaluateInteractions(scene: InteractionScene): Evaluation[] {
  const { facts, library, now } = scene;
  if (facts.patient.deceased) return [silent('deceased', 'The patient has died.')];
  if (facts.patient.replaced) return [silent('record-replaced', 'This record was replaced by another.')];
  const held = leadingInteractions(matchInteractions(facts, library, now), library);
  return [...held.map((each) => judge(each, scene)), allOthers(scene)];
}

function judge(held: Held, scene: InteractionScene): Evaluation {
  const { id, interaction } = held;
  const head = { id, kind: 'interaction', title: interaction.title, version: interaction.version } as const;
  try {
    return { ...head, status: 'finding', finding: findingOf(held, scene) };
  } catch {
    // The cause may quote the chart; the code alone is safe to show and to log.
    return {
      ...head,
      status: 'failure',
      error: { code: 'interaction-failed', message: 'This interaction could not be checked.' },
    };
  }
}

function silent(
  code: 'deceased' | 'record-replaced' | 'medicine-not-taken',
  text: string,
  basis = NOTHING,
): Extract<Evaluation, { status: 'not-applicable' }> {
  return { ...ALL, status: 'not-applicable', because: { code, text }, basis };
}

/** No other pair on the list: said only of a list that was read in full, of drugs that the library knows. */
function allOthers({ facts, library }: InteractionScene): Evaluation {
  const state = worstState(facts.sources, ['medications']);
  const lacking = readInFull(state)
    ? unknownDrugs(facts, library)
    : [absentBySource({ fact: 'medication', label: 'Medication list', required: true }, state)];
  if (lacking.length > 0)
    return { ...ALL, status: 'data-required', missing: lacking, basis: { ...NOTHING, missing: lacking } };
  const unresolved = facts.medication.filter((medicine) => counts(medicine) && medicine.resolution === 'unresolved');
  const missing = unresolved.map(({ text }) => unread(text, 'not recognised', false));
  const text = `${entriesOf(library).count} interactions checked; none other among these medicines.`;
  return silent('medicine-not-taken', text, { ...NOTHING, missing });
}

/** Recognised, but neither an ingredient profile nor an interaction speaks of them: nothing was checked. */
function unknownDrugs({ medication }: Facts, library: Library): readonly Missing[] {
  const entries = entriesOf(library);
  const isKnown = ({ rxcui }: Ingredient) => profileOf(rxcui, library) || entries.placesOf(rxcui).length > 0;
  return medication
    .filter((medicine) => counts(medicine) && !medicine.ingredients.every(isKnown))
    .map(({ text }) => unread(text, 'the library knows nothing of this drug', true));
}

function unread(medicine: string, because: string, required: boolean): Missing {
  return { path: 'medication', label: medicine, absence: 'unread', text: `${medicine}: ${because}`, required };
}
