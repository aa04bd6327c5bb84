/** Missing companion therapy. What is not on a list can only be missed when the list was read in full. */
import { comfortCare, medicationListMissing } from '../burdens/evaluate.ts';
import { membersOf, partOf, takesPart } from '../drugs/participant.ts';
import type { Evaluation, EvaluationBasis, Finding, Judgement, Missing } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import { counts } from '../interactions/match.ts';
import type { Library } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import { basisOf, listedInput } from '../rules/basis.ts';
import { type Answer, ask } from '../rules/question.ts';
import { ageInDays, type Seen } from '../rules/view.ts';
import type { Companion, CompanionFor } from './companion.ts';
import { milligramsADay } from './daily-most.ts';
import { headline } from './evaluate.ts';
import { namesOf } from './names.ts';

/** What the evaluation of companions works on. */
export interface CompanionScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/** One evaluation per companion of the library; one that fails does not stop the rest. */
export function evaluateCompanions(scene: CompanionScene): Evaluation[] {
  return (scene.library.companions ?? []).map((companion) => {
    const head = { id: companion.id, kind: 'companion', title: companion.title, version: companion.version } as const;
    try {
      return { ...head, ...judge(companion, scene) };
    } catch {
      // The cause may quote the chart; the code alone is safe to show and to log.
      return {
        ...head,
        status: 'failure',
        error: { code: 'companion-failed', message: 'This companion could not be checked.' },
      };
    }
  });
}

const NOTHING: EvaluationBasis = { used: [], stale: [], missing: [], excluded: [] };

/** Whether it is asked for, whether it is there, whether its absence can be told; then the facts it depends on. */
function judge(companion: Companion, scene: CompanionScene): Judgement {
  const { facts, library } = scene;
  if (facts.patient.deceased) return silent('deceased', 'The patient has died.');
  if (facts.patient.replaced) return silent('record-replaced', 'This record was replaced by another.');
  const asking = askingFor(companion, scene);
  const list = medicationListMissing(facts);
  if (asking.length === 0)
    return list
      ? wanting([list])
      : silent('medicine-not-taken', 'No medicine that calls for it, or not so long or so much.');
  if (comfortCare(scene.resolver)) return silent('comfort-care', 'Quiet in comfort care: prevention is not the aim.');
  const members = membersOf(companion.without, library);
  if (facts.medication.some((medicine) => may(medicine) && takesPart(medicine, members)))
    return silent('other', `There is ${companion.without.label} on the list.`);
  const hidden = list ?? unidentified(facts);
  if (hidden) return wanting([hidden]);
  const { truth, seen } = answerOf(companion, scene);
  if (truth === 'not-met') return silent('threshold-not-met', 'No risk that calls for it.', basisOf(seen.resolved));
  if (truth === 'unknown') return wanting(basisOf(seen.resolved).missing);
  return { status: 'finding', finding: findingOf(companion, asking, seen, facts) };
}

function silent(
  code: 'deceased' | 'record-replaced' | 'comfort-care' | 'medicine-not-taken' | 'threshold-not-met' | 'other',
  text: string,
  basis = NOTHING,
): Judgement {
  return { status: 'not-applicable', because: { code, text }, basis };
}

function wanting(missing: readonly Missing[]): Judgement {
  return { status: 'data-required', missing, basis: { ...NOTHING, missing } };
}

/** A medicine that calls for the companion, by the name of the ingredient that does. */
interface Asking {
  readonly name: string;
  readonly medicine: MedicationFact;
}

/** The medicines that call for it; none unless each of `for` is taken, long and high enough. */
function askingFor(companion: Companion, { facts, library, now }: CompanionScene): readonly Asking[] {
  const taken = facts.medication.filter(counts);
  const sides = companion.for.map((wanted) => {
    const members = membersOf(wanted.medicine, library);
    const asking = taken
      .filter((medicine) => (wanted.asNeeded || !medicine.asNeeded) && longEnough(medicine, wanted, now))
      .flatMap((medicine) => partOf(medicine, members).map((ingredient) => ({ ...ingredient, medicine })));
    const enough = new Set(asking.map(({ rxcui }) => rxcui)).size >= (wanted.count ?? 1) && highEnough(asking, wanted);
    return enough ? asking : [];
  });
  return sides.every((side) => side.length > 0) ? sides.flat() : [];
}

function longEnough({ start, state }: MedicationFact, { days }: CompanionFor, now: number): boolean {
  if (days === undefined) return true;
  return state === 'active' && start !== undefined && ageInDays(start, now) >= days;
}

/** The dose of a combination is not that of one ingredient and adds nothing. */
function highEnough(
  asking: readonly { readonly rxcui: string; readonly medicine: MedicationFact }[],
  { dose }: CompanionFor,
) {
  if (!dose) return true;
  const sum = asking.reduce((total, { rxcui, medicine }) => {
    const milligrams = medicine.ingredients.length === 1 ? milligramsADay(medicine) : undefined;
    return total + (milligrams ?? 0) * (dose.factors[rxcui] ?? 0);
  }, 0);
  return sum >= dose.least;
}

/** A companion that is planned or paused is thought of. */
function may({ state }: MedicationFact): boolean {
  return state !== 'stopped' && state !== 'recently-stopped';
}

/** One entry nobody could identify may be the very companion. */
function unidentified({ medication }: Facts): Missing | undefined {
  const count = medication.filter((medicine) => counts(medicine) && medicine.resolution === 'unresolved').length;
  if (count === 0) return undefined;
  const text = `Companion therapy: ${count} listed ${count === 1 ? 'medicine' : 'medicines'} could not be identified`;
  return { path: 'medication', label: 'Medication list', absence: 'unread', text, required: true };
}

function answerOf(companion: Companion, scene: CompanionScene): Answer {
  const { when, needs = [], maxAge } = companion;
  return ask(companion, { when, needs, maxAge }, scene);
}

function findingOf(companion: Companion, asking: readonly Asking[], seen: Seen, facts: Facts): Finding {
  const names = namesOf(asking);
  const inputs = [...new Set(asking.map(({ medicine }) => medicine))].map((medicine) => listedInput(medicine, facts));
  const basis = basisOf(seen.resolved);
  return {
    indicator: companion.indicator,
    summary: headline(companion.summary, names, inputs.length),
    detail: companion.because,
    because: inputs.slice(0, 2),
    action: { kind: 'note', text: companion.action.replaceAll('{medicines}', names) },
    logic: [
      ...inputs.map(({ label, value }) => ({ text: `Takes ${label}`, held: 'met', value: String(value) }) as const),
      { text: `No ${companion.without.label} on the list`, held: 'met' },
    ],
    basis: { ...basis, used: [...inputs, ...basis.used] },
    limitation: companion.limitation,
    citations: companion.citations,
    ...(companion.mergeKey ? { mergeKey: companion.mergeKey } : {}),
  };
}
