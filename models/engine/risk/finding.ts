/** A finding made of a model's numbers: the first advice that holds, or the number itself. */
import type { Finding, Input, LogicLine } from '../evaluation.ts';
import { evaluateExpression } from '../expression.ts';
import type { RiskModel } from '../library.ts';
import type { Scored } from './assess.ts';
import { withMissing } from './inputs.ts';
import { inWords } from './outcome.ts';
import { explainPoints } from './points.ts';

/** States the number, or gives the advice its value calls for. Advice may name outcomes in braces: `{egfr}`. */
export function findingOf(model: RiskModel, scored: Omit<Scored, 'status'>): Finding {
  const { outcomes, values, basis } = scored;
  const scope = {
    ...withMissing(model.inputs, values),
    ...Object.fromEntries(outcomes.map(({ id, value }) => [id, value])),
  };
  const advice = model.advice?.find(({ when }) => evaluateExpression(when, scope) !== 0);
  const [first] = outcomes;
  const filled = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, id) => {
      const outcome = outcomes.find((candidate) => candidate.id === id);
      return outcome ? inWords(outcome) : whole;
    });
  return {
    indicator: advice?.indicator ?? 'info',
    summary: filled(advice?.summary ?? (first ? `Review ${first.title}: {${first.id}}` : model.title)),
    detail: filled(
      advice?.detail ??
        `${model.title}: ${outcomes.map((outcome) => `${outcome.title} ${inWords(outcome)}`).join(', ')}.`,
    ),
    because: basis.used.filter(isDated).slice(0, 2),
    ...(advice?.action ? { action: { kind: 'note', text: filled(advice.action) } } : {}),
    outcomes,
    logic: logicOf(model, scored),
    basis,
    limitation: model.limitation,
    citations: model.citations,
    ...(model.preference ? { preference: model.preference } : {}),
  };
}

function isDated({ path, effective }: Input): boolean {
  return (
    effective !== undefined &&
    !path.startsWith('condition.') &&
    !path.startsWith('history.') &&
    !path.startsWith('medication.')
  );
}

function logicOf(model: RiskModel, { values, outcomes }: Omit<Scored, 'status'>): readonly LogicLine[] {
  if (model.kind === 'points') return explainPoints(model, values);
  return outcomes.map((outcome) => ({ text: outcome.title, held: 'met', value: inWords(outcome) }));
}
