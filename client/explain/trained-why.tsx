/** Why a trained model's number: the parts that its own graph gives beside it, one bar an input. */
import { useEffect, useState } from 'preact/hooks';
import type { Finding, Outcome } from '../../models/engine/evaluation.ts';
import type { OnnxModel } from '../../models/engine/library.ts';
import type { InputContribution } from '../../models/engine/risk/contributions.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { running } from '../state.ts';
import { outcomeText, valueText } from '../ui/measured.tsx';
import { BarTable } from './bars.tsx';
import './explain.css';

/** How many parts are shown; the rest stands in one line. */
const SHOWN = 7;

type Asked = 'asking' | 'failed' | readonly InputContribution[];

export function TrainedWhy({ model, finding }: { model: OnnxModel; finding: Finding }) {
  const [parts, setParts] = useState<Asked>('asking');
  useEffect(() => {
    let gone = false;
    const asked = running.value?.parts({ id: model.id, values: valuesOf(model.inputs, finding.basis) });
    void (asked ?? Promise.reject(new Error('ended'))).then(
      (found) => gone || setParts(found),
      () => gone || setParts('failed'),
    );
    return () => {
      gone = true;
    };
  }, [model, finding]);
  const [outcome] = finding.outcomes ?? [];
  if (!outcome) return null;
  if (parts === 'asking') return <p>Asking the model.</p>;
  if (parts === 'failed') return <p>Model unavailable: it did not say what its number is made of.</p>;
  const largest = parts.slice(0, SHOWN);
  const rest = parts.slice(SHOWN);
  const sumOf = (some: readonly InputContribution[]) => some.reduce((total, { logOdds }) => total + logOdds, 0);
  return (
    <div class="explain">
      <BarTable
        caption="Factors of the odds, against the average of its training"
        first={{ label: 'Average of its training', text: outcomeText(without(outcome, sumOf(parts))) }}
        groups={[
          {
            title: 'What moves the odds',
            bars: largest.map(({ names, label, logOdds }) => ({
              label,
              detail: names.map((name) => ownText(name, model, finding)).join('; '),
              value: logOdds,
            })),
          },
          { title: 'The rest', bars: rest.length > 0 ? [{ label: `${rest.length} others`, value: sumOf(rest) }] : [] },
        ]}
        last={{ label: 'This patient', text: outcomeText(outcome) }}
        written={factorText}
      />
      <p class="caption">
        The model’s own parts, from the graph that gave the number; the factors multiply. They say what the model
        counts, not what causes the finding.
      </p>
      <p class="caption">
        <b>Limit.</b> {finding.limitation}
      </p>
    </div>
  );
}

/** The chance that is left when the parts are taken away: that of someone average in every input. */
function without(outcome: Outcome, logOdds: number): Outcome {
  return { ...outcome, value: 1 / (1 + ((1 - outcome.value) / outcome.value) * Math.exp(logOdds)) };
}

/** Log odds as a factor of the odds: `×1.40`. */
export function factorText(logOdds: number): string {
  return `×${Math.exp(logOdds).toFixed(2)}`;
}

function ownText(name: string, model: OnnxModel, finding: Pick<Finding, 'basis'>): string {
  const binding = model.inputs.find((input) => input.name === name);
  const own = finding.basis.used.find(({ path }) => path === binding?.fact);
  return own ? valueText(own) : '';
}
