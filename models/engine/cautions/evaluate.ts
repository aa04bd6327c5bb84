/** Medicines against what is known of the patient: diseases, pregnancy, breast-feeding, age, organ function. */
import type { Evaluation, EvaluationBasis, Missing } from '../evaluation.ts';
import { counts } from '../interactions/match.ts';
import type { Caution, CautionTheme } from '../library.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import { aboutListed, type Concerned } from './about.ts';
import { type Candidate, findingsOf } from './finding.ts';
import { type CautionScene, type Judged, judge } from './judge.ts';
import { wantingOf } from './wanting.ts';

export type { CautionScene } from './judge.ts';

const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };

/**
 * One evaluation for each caution about a medicine that the patient takes, and one for all the others.
 * What could not be judged is told once for each fact that is wanting.
 */
export function evaluateCautions(scene: CautionScene): Evaluation[] {
  const themes = scene.library.cautions ?? [];
  if (themes.length === 0) return [];
  const { patient } = scene.facts;
  if (patient.deceased) return [all('deceased', 'The patient has died.')];
  if (patient.replaced) return [all('record-replaced', 'This record was replaced by another.')];
  const judged = aboutListed(scene.facts, scene.library).flatMap((concerned) => guarded(concerned, scene));
  const read = judged.filter((each): each is Judged => 'truth' in each);
  return [
    ...findingsOf(read.filter(({ truth }) => truth === 'met')).map((found) => speaking(found)),
    ...read.filter(({ truth }) => truth === 'not-met').map(silent),
    ...wantingOf(
      read.filter(({ truth }) => truth === 'unknown'),
      scene,
    ),
    ...judged.filter((each): each is Evaluation => 'status' in each),
    rest(read.length, scene),
  ];
}

/** A caution that cannot be judged says so; the others go on. */
function guarded(concerned: Concerned, scene: CautionScene): readonly (Judged | Evaluation)[] {
  try {
    const judged = judge(concerned, scene);
    return judged ? [judged] : [];
  } catch {
    // The cause may quote the chart; the code alone is safe to show and to log.
    const error = { code: 'caution-failed', message: 'This caution could not be checked.' };
    return [{ ...headOf(concerned.theme, concerned.caution), status: 'failure', error }];
  }
}

function headOf(theme: CautionTheme, { id, medicine, concern = theme.concern ?? theme.title }: Caution) {
  return { id, kind: 'caution', title: `${medicine.label}: ${concern}`, version: theme.version } as const;
}

function speaking({ judged: { theme, caution }, finding }: Candidate): Evaluation {
  return { ...headOf(theme, caution), status: 'finding', finding };
}

function silent({ theme, caution, concern, basis, comfort }: Judged): Evaluation {
  const because = comfort
    ? ({ code: 'comfort-care', text: 'Quiet in comfort care: prevention is not the aim' } as const)
    : ({ code: 'threshold-not-met', text: `Not so here: ${concern}` } as const);
  return { ...headOf(theme, caution), status: 'not-applicable', because, basis };
}

function all(code: 'deceased' | 'record-replaced' | 'medicine-not-taken', text: string, basis = NOTHING): Evaluation {
  return { ...HEAD, status: 'not-applicable', because: { code, text }, basis };
}

const HEAD = {
  id: 'cautions',
  kind: 'caution',
  title: 'Medicines and the state of the patient',
  version: '1.0.0',
} as const;

/** The cautions about medicines that are not on the list: silence is said only of a list that was read in full. */
function rest(taken: number, { facts, library }: CautionScene): Evaluation {
  const state = worstState(facts.sources, ['medications']);
  if (!readInFull(state)) {
    const list = absentBySource({ fact: 'medication', label: 'Medication list', required: true }, state);
    return { ...HEAD, status: 'data-required', missing: [list], basis: { ...NOTHING, missing: [list] } };
  }
  const unresolved = facts.medication
    .filter((medicine) => counts(medicine) && medicine.resolution === 'unresolved')
    .map(({ text }): Missing => {
      const said = `${text}: not recognised`;
      return { path: 'medication', label: text, absence: 'unread', text: said, required: false };
    });
  const others = (library.cautions ?? []).reduce((sum, { cautions }) => sum + cautions.length, 0) - taken;
  const text = `${others} other cautions are about medicines that are not on the list.`;
  return all('medicine-not-taken', text, { ...NOTHING, missing: unresolved });
}
