/** The engine: everything the library has to say of one patient at one moment. */
import { evaluateAllergies } from './allergies/evaluate.ts';
import { evaluateBurdens } from './burdens/evaluate.ts';
import { evaluateCautions } from './cautions/evaluate.ts';
import { evaluateDoses } from './doses/evaluate.ts';
import { evaluateDosing } from './dosing/evaluate.ts';
import { drugKnowledgeAge } from './drugs/age.ts';
import { evaluateCompanions } from './duplicates/companions.ts';
import { evaluateDuplicates } from './duplicates/evaluate.ts';
import type { Evaluation, EvaluationKind } from './evaluation.ts';
import { evaluateExposure } from './exposure/evaluate.ts';
import { extremeValues } from './extreme-values.ts';
import type { Facts } from './facts/facts.ts';
import { evaluateGenes } from './genes/evaluate.ts';
import { evaluateInjuries } from './injury/evaluate.ts';
import { evaluateInteractions } from './interactions/evaluate.ts';
import type { Library } from './library.ts';
import { evaluateMonitoring } from './monitoring/evaluate.ts';
import { createResolver } from './resolve.ts';
import { evaluateRisk, failureOf } from './risk/evaluate.ts';
import { evaluateOnnx } from './risk/onnx.ts';
import { evaluateRules } from './rules/evaluate.ts';
import type { Runtime } from './runtime.ts';

/**
 * Extreme values, risk models, interactions and rules, in that order. A piece that fails says so and stops nothing else.
 * @param now milliseconds since the epoch
 */
export async function evaluate(
  facts: Facts,
  library: Library,
  runtime: Runtime,
  now: number,
): Promise<readonly Evaluation[]> {
  const resolver = createResolver({ facts, library, now });
  const scene = { facts, library, resolver, now };
  const found = [
    ...guarded('extreme-value', () => extremeValues(facts, now)),
    ...guarded('risk', () => evaluateRisk(facts, library, now, resolver)),
    ...(await evaluateTrained({ facts, library, runtime, resolver })),
    ...guarded('interaction', () => [...drugKnowledgeAge(library, now), ...evaluateInteractions(scene)]),
    ...guarded('burden', () => evaluateBurdens(scene)),
    ...guarded('duplicate', () => evaluateDuplicates(scene)),
    ...guarded('companion', () => evaluateCompanions(scene)),
    ...guarded('allergy', () => evaluateAllergies(scene)),
    ...guarded('caution', () => evaluateCautions(scene)),
    ...guarded('dosing', () => evaluateDosing(scene)),
    ...guarded('dose', () => evaluateDoses(scene)),
    ...guarded('monitoring', () => evaluateMonitoring(scene)),
    ...guarded('injury', () => evaluateInjuries(scene)),
    ...guarded('gene', () => evaluateGenes(scene)),
    ...guarded('rule', () => evaluateRules(scene)),
  ];
  // A dose is never named beside a contraindication, so this comes last and sees what the others found.
  return [...found, ...guarded('exposure', () => evaluateExposure({ facts, library, others: found }))];
}

/** The trained models of the library, one after the other: the runtime has one thread. */
export async function evaluateTrained(scene: {
  readonly facts: Facts;
  readonly library: Library;
  readonly runtime: Runtime;
  readonly resolver: ReturnType<typeof createResolver>;
}): Promise<readonly Evaluation[]> {
  const evaluations: Evaluation[] = [];
  for (const model of scene.library.risk) {
    if (model.kind === 'onnx') evaluations.push(await evaluateOnnx(model, scene));
  }
  return evaluations;
}

function guarded(kind: EvaluationKind, run: () => readonly Evaluation[]): readonly Evaluation[] {
  try {
    return run();
  } catch (error) {
    return [failureOf({ id: kind, kind, title: TITLES[kind], version: '0' }, error)];
  }
}

const TITLES: Readonly<Record<EvaluationKind, string>> = {
  'extreme-value': 'Extreme values',
  risk: 'Risk models',
  interaction: 'Interactions',
  allergy: 'Allergies',
  caution: 'Medicines and the state of the patient',
  burden: 'Burdens of medicines together',
  duplicate: 'Duplicate therapy',
  companion: 'Missing companion therapy',
  dosing: 'Levels and doses',
  monitoring: 'Monitoring of medicines',
  injury: 'Organ injuries',
  dose: 'Doses by kidney and liver',
  gene: 'Gene guidance',
  exposure: 'Predicted exposure',
  rule: 'Rules',
};
