/** Drug–drug interactions in the light of this patient: the bare pair's tier, changed by what is known. */
import type { Evaluation, EvaluationBasis, Missing } from '../evaluation.ts';
import type { Interaction } from '../library.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import { findingOf } from './finding.ts';
import { counts, matchInteractions, type Pair } from './match.ts';
import type { InteractionScene } from './modifiers.ts';

export type { InteractionScene } from './modifiers.ts';

/** One evaluation per interaction of the library. FHIRPath runs only for pairs that the patient has. */
export function evaluateInteractions(scene: InteractionScene): Evaluation[] {
  return matchInteractions(scene.facts, scene.library).map(({ interaction, pair }) => {
    const head = {
      id: interaction.id,
      kind: 'interaction',
      title: interaction.title,
      version: interaction.version,
    } as const;
    try {
      return { ...head, ...judge(interaction, pair, scene) };
    } catch {
      // The cause may quote the chart; the code alone is safe to show and to log.
      return {
        ...head,
        status: 'failure',
        error: { code: 'interaction-failed', message: 'This interaction could not be checked.' },
      };
    }
  });
}

type Judgement = Evaluation extends infer E
  ? E extends Evaluation
    ? Omit<E, 'id' | 'kind' | 'title' | 'version'>
    : never
  : never;

function judge(interaction: Interaction, pair: Pair | undefined, scene: InteractionScene): Judgement {
  const { patient } = scene.facts;
  if (patient.deceased) return silent('deceased', 'The patient has died.');
  if (patient.replaced) return silent('record-replaced', 'This record was replaced by another.');
  if (!pair) return withoutPair(interaction, scene);
  return { status: 'finding', finding: findingOf(interaction, pair, scene) };
}

const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };

function silent(code: 'deceased' | 'record-replaced' | 'medicine-not-taken', text: string, basis = NOTHING): Judgement {
  return { status: 'not-applicable', because: { code, text }, basis };
}

/** No pair on the list: said only of a list that was read in full; else the list itself is what is missing. */
function withoutPair({ object, precipitant }: Interaction, { facts }: InteractionScene): Judgement {
  const state = worstState(facts.sources, ['medications']);
  if (!readInFull(state)) {
    const list = absentBySource({ fact: 'medication', label: 'Medication list', required: true }, state);
    return { status: 'data-required', missing: [list], basis: { ...NOTHING, missing: [list] } };
  }
  const unresolved = facts.medication.filter((medicine) => counts(medicine) && medicine.resolution === 'unresolved');
  const missing = unresolved.map(
    ({ text }): Missing => ({
      path: 'medication',
      label: text,
      absence: 'unread',
      text: `${text}: not recognised`,
      required: false,
    }),
  );
  return silent('medicine-not-taken', `Not taken together: ${object.label} and ${precipitant.label}.`, {
    ...NOTHING,
    missing,
  });
}
