/** How a model's number, its kind and its limit are put in few words. */
import type { Evaluation, EvaluationBasis, Outcome } from '../../models/engine/evaluation.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import type { When } from '../../models/engine/measured.ts';
import { horizonText, outcomeText } from '../ui/measured.tsx';
import type { Entry } from './arrange.ts';

export const kindWord: Readonly<Record<RiskModel['kind'], string>> = {
  regression: 'Equation',
  points: 'Points',
  onnx: 'Learned',
};

/** What the number is about; its horizon stands beside the number and is not said twice. */
export function outcomeName({ title, horizon }: Pick<Outcome, 'title' | 'horizon'>): string {
  const match = /^(\d+)-year risk of (.+)$/.exec(title);
  const about = match?.[2];
  if (!about || horizon !== `P${match[1]}Y`) return title;
  return about.charAt(0).toUpperCase() + about.slice(1);
}

/** `over 10 years`; nothing for what is not a prediction. */
export function whenText({ horizon }: Pick<Outcome, 'horizon'>): string {
  return horizon ? `over ${horizonText(horizon)}` : '';
}

/** A model's title without the horizon, which stands beside the number. */
export function modelName({ title }: Pick<RiskModel, 'title'>): string {
  return title.replace(/, \d+-year risk$/, '');
}

/** The oldest measurement behind a number: it is no newer than that. */
export function oldestOf({ used }: EvaluationBasis): When | undefined {
  const dates = used
    .flatMap((input) => [input, ...(input.from ?? [])])
    .flatMap(({ path, effective }) => (path.startsWith('observation.') && effective ? [effective] : []));
  return dates.reduce<When | undefined>((first, date) => (!first || date.end < first.end ? date : first), undefined);
}

/** The first outcome of a model that gives a number. */
export function firstOutcome(evaluation: Evaluation | undefined): Outcome | undefined {
  return evaluation?.status === 'finding' ? evaluation.finding.outcomes?.[0] : undefined;
}

/** `2 more (17 %, 24 %)`: where models of one question disagree it is seen before anything is opened. */
export function othersText(others: readonly Entry[], withdrawn: ReadonlySet<string>): string {
  const numbers = others.flatMap(({ model, evaluation }) => {
    const outcome = withdrawn.has(model.id) ? undefined : firstOutcome(evaluation);
    return outcome ? [outcomeText(outcome)] : [];
  });
  const said = numbers.length > 0 ? ` (${numbers.join(', ')})` : '';
  return `${others.length} more${said}`;
}

/** What fits on two lines under a number. */
const ONE_LINE = 160;

/** The first sentence of a limitation, of a long one its first clause; the whole stands under Details. */
export function firstSentence(text: string): string {
  const sentence = /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text;
  const [clause = sentence] = sentence.split('; ');
  return sentence.length <= ONE_LINE || clause === sentence ? sentence : `${clause}.`;
}
