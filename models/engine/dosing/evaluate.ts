/** The pharmacokinetic models of the library on one patient: what the levels will be, or why nobody can say. */
import type { Evaluation, EvaluationBasis, Finding, Input, Judgement, Missing, Outcome } from '../evaluation.ts';
import type { Facts, MedicationFact } from '../facts/facts.ts';
import type { Library, PharmacokineticModel } from '../library.ts';
import type { Resolver } from '../resolve.ts';
import { applicability } from '../risk/applicability.ts';
import { gatherInputs } from '../risk/inputs.ts';
import { type Choice, type Course, courseOf } from './course.ts';
import { type Gathered, gatherCourse } from './gather.ts';
import { steadiness } from './steady-creatinine.ts';

/** What the evaluation works on. `now` in ms since the epoch. */
export interface DosingScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  readonly now: number;
}

/** A course that may be shown, or what is said instead. */
export type Ready =
  | { readonly status: 'ready'; readonly course: Course; readonly gathered: Gathered; readonly basis: EvaluationBasis }
  | Exclude<Judgement, { status: 'finding' }>;

/** One evaluation a model. */
export function evaluateDosing(scene: DosingScene): Evaluation[] {
  return (scene.library.pharmacokinetics ?? []).map((model) => {
    const head = { id: model.id, kind: 'dosing', title: model.title, version: model.version } as const;
    const ready = readyCourse(model, scene);
    return ready.status === 'ready'
      ? { ...head, status: 'finding', finding: findingOf(model, ready) }
      : { ...head, ...ready };
  });
}

/** Who it is for, whether the kidney holds still, what was given: then the course. */
export function readyCourse(model: PharmacokineticModel, { facts, resolver, now }: DosingScene): Ready {
  const { basis, values, missing, outside } = gatherInputs(model.inputs, resolver);
  const silent = (code: 'medicine-not-taken' | 'input-outside-range' | 'excluded-condition', text: string): Ready => ({
    status: 'not-applicable',
    because: { code, text },
    basis,
  });
  const gathered = gatherCourse(model, facts, now);
  if (gathered.given.length === 0 && !facts.medication.some((medicine) => byVein(medicine, model)))
    return silent('medicine-not-taken', `No ${model.drug.name} given or ordered into a vein.`);
  const fit = applicability(model.population, facts, resolver);
  if (fit.applies === 'no') return { status: 'not-applicable', because: fit.because, basis };
  if (outside) return { status: 'not-applicable', because: outside, basis };
  const kidney = steadiness(facts.observation.creatinine ?? [], now);
  if (kidney.is === 'moving')
    return silent(
      'excluded-condition',
      `Creatinine is moving: ${kidney.from.value} mg/dL on ${kidney.from.effective.text}, ${kidney.to.value} mg/dL on ${kidney.to.effective.text}. No clearance can be told from it.`,
    );
  const wanted: readonly Missing[] = [
    ...(fit.applies === 'unknown' ? fit.missing : []),
    ...missing,
    ...gathered.missing,
  ];
  const unchecked = fit.applies === 'yes' ? fit.unchecked : fit.missing;
  const shown = { ...basis, missing: [...basis.missing, ...unchecked, ...gathered.missing] };
  if (wanted.length > 0) return { status: 'data-required', missing: wanted, basis: shown };
  try {
    const course = courseOf(model, { values, ...gathered });
    return {
      status: 'ready',
      course,
      gathered,
      basis: { ...shown, used: [...basis.used, ...evidenceOf(model, gathered)] },
    };
  } catch (error) {
    const code =
      error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'engine-error';
    return { status: 'failure', error: { code, message: `${model.title} gives no course here (${code})` } };
  }
}

/** Words that say a form is for a vein. Vancomycin capsules act in the gut and give no level. */
const VEIN = /\b(inject\w*|intravenous\w*|iv|ivpb|infusion|vial|premix\w*)\b/i;

function byVein(
  { ingredients, state, text, dosageText = '' }: MedicationFact,
  { drug }: PharmacokineticModel,
): boolean {
  return (
    (state === 'active' || state === 'planned') &&
    ingredients.some(({ rxcui }) => rxcui === drug.rxcui) &&
    VEIN.test(`${text} ${dosageText}`)
  );
}

function evidenceOf({ drug, level }: PharmacokineticModel, { given, measured }: Gathered): readonly Input[] {
  const doses = given.map(
    ({ start, dose, source }, index): Input => ({
      path: `given[${index}]`,
      label: `${drug.name} given`,
      value: dose?.value ?? 'amount not read',
      unit: dose?.unit ?? '1',
      effective: start,
      sources: [source],
    }),
  );
  const levels = measured.map(
    ({ value, unit, effective, source }): Input => ({
      path: level,
      label: `${drug.name} level`,
      value,
      unit,
      effective,
      sources: [source],
    }),
  );
  return [...levels, ...doses];
}

function findingOf(model: PharmacokineticModel, { course, basis }: Extract<Ready, { status: 'ready' }>): Finding {
  const { current, levels, choices } = course;
  const [low, high] = model.target.area;
  const off = current && (current.area.value < low || current.area.value > high);
  const [best] = [...choices].sort(
    (a, b) => Math.abs(a.area.value - (low + high) / 2) - Math.abs(b.area.value - (low + high) / 2),
  );
  return {
    // Without a level it is the population that is off target, not this patient.
    indicator: off && levels.length > 0 ? 'warning' : 'info',
    summary: summaryOf(model, course),
    detail: `${detailOf(model, course)} Target: ${low} to ${high} mg·h/L for ${model.target.for}.`,
    because: basis.used.filter(({ path }) => path === model.level || path === 'observation.creatinine').slice(0, 2),
    ...(off && best && levels.length > 0
      ? { action: { kind: 'note', text: `Weigh ${inWords(best)}; confirm with a level. Not an order.` } }
      : {}),
    outcomes: current ? outcomesOf(current) : [],
    logic: [
      {
        text: `Area of 24 h between ${low} and ${high} mg·h/L on the present regimen`,
        held: current ? (off ? 'not-met' : 'met') : 'unknown',
        ...(current ? { value: areaInWords(current) } : {}),
      },
    ],
    basis,
    limitation: model.limitation,
    citations: [...model.citations, ...model.target.citations, ...model.regimens.citations],
    preference: { family: `${model.drug.name}-course`, order: model.order },
    mergeKey: `${model.drug.name}-course-${model.id}`,
  };
}

function summaryOf({ drug, target }: PharmacokineticModel, { current, levels }: Course): string {
  if (!current)
    return `${capital(drug.name)}: see which regimens are predicted to reach an AUC of ${target.area.join('–')} mg·h/L`;
  const [low, high] = target.area;
  const area = Math.round(current.area.value);
  const known =
    levels.length > 0
      ? `from ${levels.length} ${levels.length === 1 ? 'level' : 'levels'}`
      : 'predicted without a level';
  const verb = area < low ? 'Review a low' : area > high ? 'Review a high' : 'Keep watching';
  return `${verb} ${drug.name} exposure: AUC ${area} mg·h/L in 24 h, ${known}`;
}

function detailOf({ drug }: PharmacokineticModel, { current, choices }: Course): string {
  const now = current ? `On ${regimenInWords(current)}: ${areaInWords(current)}. ` : '';
  if (choices.length === 0) return `${now}No usual regimen of ${drug.name} is predicted to reach it.`;
  return `${now}Predicted to reach it: ${choices.map(inWords).join('; ')}.`;
}

function outcomesOf({ area, trough }: Choice): readonly Outcome[] {
  return [
    { id: 'area', title: 'AUC in 24 h at steady state', value: area.value, unit: 'mg.h/L' },
    { id: 'trough', title: 'Trough at steady state', value: trough.value, unit: 'mg/L' },
  ];
}

/** `1,250 mg every 12 h over 2.1 h (AUC 480, 8 in 10 between 360 and 640)` */
function inWords(choice: Choice): string {
  return `${regimenInWords(choice)} (AUC ${areaInWords(choice)})`;
}

function regimenInWords({ regimen: { mg, every, hours } }: Choice): string {
  return `${mg} mg every ${every} h over ${Number(hours.toFixed(1))} h`;
}

function areaInWords({ area: { value, low, high } }: Choice): string {
  return `${Math.round(value)} mg·h/L, 8 in 10 between ${Math.round(low)} and ${Math.round(high)}`;
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
