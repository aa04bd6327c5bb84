/** Burdens: what several medicines do together, one card each, where pairs alone would be many cards or none. */
import type { Evaluation, EvaluationBasis, Judgement, Missing } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import { counts } from '../interactions/match.ts';
import type { Library } from '../library.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import type { Resolver } from '../resolve.ts';
import type { Burden } from './burden.ts';
import { contributionsOf, loadOf } from './contributions.ts';
import { basisWith, findingOf } from './finding.ts';
import { judgeFacts } from './patient-facts.ts';
import { couldHold, tierOf, undecided } from './tier.ts';

/** What the evaluation of burdens works on. */
export interface BurdenScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/** One evaluation per burden of the library; one that fails does not stop the rest. */
export function evaluateBurdens(scene: BurdenScene): Evaluation[] {
  const taken = scene.facts.medication.filter(counts);
  return (scene.library.burdens ?? []).map((burden) => {
    const head = { id: burden.id, kind: 'burden', title: burden.title, version: burden.version } as const;
    try {
      return { ...head, ...judge(burden, taken, scene) };
    } catch {
      // The cause may quote the chart; the code alone is safe to show and to log.
      return {
        ...head,
        status: 'failure',
        error: { code: 'burden-failed', message: 'This burden could not be counted.' },
      };
    }
  });
}

const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };

/** Whether it may speak, what adds up, then the tiers in order: the first that is reached speaks. */
function judge(burden: Burden, taken: readonly MedicationFact[], scene: BurdenScene): Judgement {
  const { facts, library } = scene;
  if (facts.patient.deceased) return silent('deceased', 'The patient has died.');
  if (facts.patient.replaced) return silent('record-replaced', 'This record was replaced by another.');
  const load = loadOf(contributionsOf(burden, taken, library));
  if (!couldHold(burden, load)) return tooLittle(burden, load.medicines, facts);
  if (burden.silentInComfortCare && comfortCare(scene.resolver))
    return silent('comfort-care', 'Quiet in comfort care, where this effect is often wanted.');
  const judged = judgeFacts(burden, load.contributions, scene);
  const tier = tierOf(burden, load, judged);
  if (tier) return { status: 'finding', finding: findingOf({ burden, tier, load, judged, facts }) };
  const list = medicationListMissing(facts);
  const open = new Set(undecided(burden, load, judged));
  const basis = basisWith({ load, judged: judged.filter((one) => one.truth !== 'unknown' || open.has(one)), facts });
  return list ? wanting(list, basis) : silent('threshold-not-met', 'Too little adds up to say anything.', basis);
}

function silent(
  code: 'deceased' | 'record-replaced' | 'comfort-care' | 'medicine-not-taken' | 'threshold-not-met',
  text: string,
  basis = NOTHING,
): Judgement {
  return { status: 'not-applicable', because: { code, text }, basis };
}

function wanting(list: Missing, basis: EvaluationBasis): Judgement {
  return { status: 'data-required', missing: [list], basis: { ...basis, missing: [list, ...basis.missing] } };
}

/** Said only of a list that was read in full; else the list itself is what is missing. */
function tooLittle({ title }: Burden, medicines: number, facts: Facts): Judgement {
  const list = medicationListMissing(facts);
  if (list) return wanting(list, NOTHING);
  const unread = facts.medication.filter((medicine) => counts(medicine) && medicine.resolution === 'unresolved');
  const missing = unread.map(
    ({ text }): Missing => ({
      path: 'medication',
      label: text,
      absence: 'unread',
      text: `${text}: not recognised`,
      required: false,
    }),
  );
  const basis = { ...NOTHING, missing };
  return medicines === 0
    ? silent('medicine-not-taken', `${title}: no medicine that adds to it.`, basis)
    : silent('threshold-not-met', `${title}: too little adds up to say anything.`, basis);
}

/** The medication list, where it did not arrive in full. */
export function medicationListMissing({ sources }: Facts): Missing | undefined {
  const state = worstState(sources, ['medications']);
  if (readInFull(state)) return undefined;
  return absentBySource({ fact: 'medication', label: 'Medication list', required: true }, state);
}

/** Is comfort the aim of care? A problem list that cannot tell is no reason for silence. */
export function comfortCare(resolver: Resolver): boolean {
  const aim = resolver.resolve({ fact: 'condition.comfort-care', label: 'Comfort care', required: false });
  return aim.state === 'known' && aim.value === 'yes';
}
