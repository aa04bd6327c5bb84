/** Clinical rules: FHIRPath over the facts that a rule declares it needs. An unknown input is wanted data, never "no". */
import type { Evaluation, EvaluationBasis, Finding, Input, Judgement, LogicLine } from '../evaluation.ts';
import type { FactPath, Facts } from '../facts/facts.ts';
import type { Library, Rule } from '../library.ts';
import { ingredientsOf } from '../resolve/membership.ts';
import type { Binding, Resolver } from '../resolve.ts';
import { applicability } from '../risk/applicability.ts';
import { basisOf, medicineInput } from './basis.ts';
import { truthOf } from './fhirpath.ts';
import { look, placeOf } from './view.ts';

/** What the evaluation of rules works on. */
export interface RuleScene {
  readonly facts: Facts;
  readonly library: Library;
  readonly resolver: Resolver;
  /** ms since the epoch */
  readonly now: number;
}

/** One evaluation per rule of the library; a rule that fails does not stop the rest. */
export function evaluateRules(scene: RuleScene): Evaluation[] {
  return scene.library.rules.map((rule) => {
    const head = { id: rule.id, kind: 'rule', title: rule.title, version: rule.version } as const;
    try {
      return { ...head, ...judge(rule, scene) };
    } catch {
      // The cause may quote the chart; the code alone is safe to show and to log.
      return {
        ...head,
        status: 'failure',
        error: { code: 'rule-failed', message: 'This rule could not be evaluated.' },
      };
    }
  });
}

/** Whom it is for, whether it concerns this patient, then its tiers in order: the first that holds speaks. */
function judge(rule: Rule, scene: RuleScene): Judgement {
  const seen = look(rule.needs.map(bindingOf), scene.resolver, scene.now);
  const basis = basisOf(seen.resolved);
  const fit = applicability(rule.population, scene.facts, scene.resolver);
  if (fit.applies === 'no') return { status: 'not-applicable', because: fit.because, basis };
  const concerned = truthOf(rule.concerns.expression, seen.view);
  if (concerned === 'not-met')
    return { status: 'not-applicable', because: { code: 'medicine-not-taken', text: rule.concerns.because }, basis };
  if (fit.applies === 'unknown') return wanting({ ...basis, missing: [...fit.missing, ...basis.missing] });
  if (concerned === 'unknown') return wanting(basis, rule.concerns.expression);
  for (const [index, tier] of rule.tiers.entries()) {
    const truth = truthOf(tier.expression, seen.view);
    if (truth === 'unknown') return wanting(basis, tier.expression);
    if (truth === 'met') return { status: 'finding', finding: findingOf(rule, index, basis, scene) };
  }
  const text = `None of its limits is reached: ${rule.tiers.map((tier) => tier.text).join('; ')}`;
  return { status: 'not-applicable', because: { code: 'threshold-not-met', text }, basis };
}

function bindingOf(need: Rule['needs'][number]): Binding {
  return { ...need, required: true };
}

/** Wants what the expression that stayed open names; all that is missing when it names none of it. */
function wanting(basis: EvaluationBasis, expression = ''): Judgement {
  const named = basis.missing.filter(({ path }) => expression.includes(placeOf(path).join('.')));
  return { status: 'data-required', missing: named.length > 0 ? named : basis.missing, basis };
}

function findingOf(rule: Rule, held: number, basis: EvaluationBasis, scene: RuleScene): Finding {
  const tier = rule.tiers[held];
  if (!tier) throw new RangeError(`no tier ${held}`);
  return {
    indicator: tier.indicator,
    summary: tier.summary,
    detail: tier.detail,
    because: rule.shown.flatMap((path) => shownInput(path, basis, scene)).slice(0, 2),
    ...(tier.action ? { action: { kind: 'note', text: tier.action } } : {}),
    logic: logicOf(rule, held, basis),
    basis,
    limitation: rule.limitation,
    citations: [...tier.citations, ...rule.citations],
    ...(rule.mergeKey ? { mergeKey: rule.mergeKey } : {}),
  };
}

/** A medicine is shown as the chart has it, with its dose; everything else as it was used. */
function shownInput(path: FactPath, basis: EvaluationBasis, { facts, library }: RuleScene): readonly Input[] {
  const dot = path.indexOf('.');
  if (path.slice(0, dot) !== 'medication') return basis.used.filter((input) => input.path === path);
  const rxcuis = ingredientsOf(path.slice(dot + 1), library);
  const medicine = facts.medication.find(
    ({ state, ingredients }) => state === 'active' && ingredients.some(({ rxcui }) => rxcuis?.has(rxcui)),
  );
  return medicine ? [medicineInput(path, medicine)] : [];
}

/** The rule's conditions in words: those before the one that held did not hold; those after were not asked. */
function logicOf(rule: Rule, held: number, basis: EvaluationBasis): readonly LogicLine[] {
  const values = basis.used
    .filter(({ value }) => typeof value === 'number')
    .map(
      ({ label, value, unit }) =>
        `${label} ${Math.round(Number(value) * 100) / 100}${unit && unit !== 'a' ? ` ${unit}` : ''}`,
    )
    .join('; ');
  return rule.tiers.slice(0, held + 1).map((tier, index) => ({
    text: tier.text,
    held: index === held ? 'met' : 'not-met',
    ...(values ? { value: values } : {}),
  }));
}
