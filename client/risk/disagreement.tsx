/** Models of one question on two sides of a published threshold: said beside the number, before anything is opened. */
import { type Disagreement, disagreements, type Voice } from '../../models/engine/explain/disagreement.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { listText } from '../explain/words.ts';
import { withdrawn } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { outcomeText } from '../ui/measured.tsx';
import type { Entry } from './arrange.ts';
import { modelName } from './words.ts';

/** One line for each model that lies in another tier than the one shown first. */
export function Disagreements({ lead, others }: { lead: Entry; others: readonly Entry[] }) {
  const [first] = voices([lead]);
  if (!first) return null;
  return (
    <>
      {disagreements(first, voices(others)).map((found) => (
        <p class="caption" key={found.second.model.id}>
          <Icon name="swap" /> <b>The equations disagree.</b> {sentence(found)}
        </p>
      ))}
    </>
  );
}

function voices(entries: readonly Entry[]): readonly Voice[] {
  return entries.flatMap(({ model, evaluation }) => {
    if (evaluation?.status !== 'finding' || withdrawn.value.has(model.id)) return [];
    const { outcomes = [], basis } = evaluation.finding;
    return [{ model, outcomes, values: valuesOf(model.inputs, basis) }];
  });
}

/** `PREVENT base 5.2 % (borderline), Pooled Cohort Equations 9.1 % (intermediate); 7.5 % lies between …`. */
function sentence({ first, second, between, decision, tiersOf, onlyFirst, onlySecond }: Disagreement): string {
  const said = ({ model, outcome, tier }: Disagreement['first']) =>
    `${modelName(model)} ${outcomeText(outcome)} (${tier})`;
  const thresholds = listText(between.map((value) => outcomeText({ ...first.outcome, value })));
  const takes = ({ model }: Disagreement['first'], only: readonly string[]) =>
    only.length > 0 ? [`${modelName(model)} also takes ${listText(only)}`] : [];
  const why = [...takes(first, onlyFirst), ...takes(second, onlySecond)].join('; ');
  return [
    `${first.outcome.title}: ${said(first)}, ${said(second)}; ${thresholds} lies between, where ${decision.decides} is decided by ${modelName(tiersOf)}.`,
    why === '' ? 'They take the same inputs and were made from different people.' : `${why}.`,
  ].join(' ');
}
