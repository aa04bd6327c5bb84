/** What treatment did in trials, applied to this patient's number: never a model's own treatment term. */
import type { Finding } from '../../models/engine/evaluation.ts';
import {
  type TreatedRisk,
  type TreatmentEffects,
  treatmentEffects,
} from '../../models/engine/explain/treatment-effect.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import { Citations } from '../evidence/evidence.tsx';
import { chart, latest, library, today } from '../state.ts';
import { outcomeText, proseText, valueText } from '../ui/measured.tsx';
import { dateText } from '../ui/when.ts';
import { overText } from './words.ts';

/** The effects on this model's numbers for the patient on the screen; nothing before the medicines were read. */
export function effectsNow(model: RiskModel, finding: Pick<Finding, 'outcomes'>): TreatmentEffects {
  const facts = (latest.value ?? today.value)?.facts;
  const knowledge = library.value;
  if (!facts || !knowledge) return { shown: [], silent: [] };
  return treatmentEffects({ model, finding, facts, library: knowledge, now: chart.value?.at ?? Date.now() });
}

/** Each effect on its own; they are not added up. */
export function Treated({ effects: { shown, silent } }: { effects: TreatmentEffects }) {
  return (
    <div class="explain">
      {shown.map((risk) => (
        <Effect key={`${risk.effect.id} ${risk.outcome.id}`} risk={risk} />
      ))}
      {shown.length > 1 && <p class="caption">Each by itself: they are not added up.</p>}
      {silent.length > 0 && (
        <ul class="caption">
          {silent.map(({ effect, because }) => (
            <li key={effect.id}>
              Not shown: {effect.title}. {proseText(because)}.
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Effect({ risk: { effect, outcome, treated, fewerPerThousand, on } }: { risk: TreatedRisk }) {
  const at = (value: number) => outcomeText({ ...outcome, value });
  const people = (count: number) => String(Math.round(count));
  const { value, low, high } = fewerPerThousand;
  return (
    <section class="treated">
      <h6>{effect.title}</h6>
      <p>
        {outcome.title}:{' '}
        <b>
          {at(outcome.value)}&nbsp;→&nbsp;{at(treated.value)}
        </b>
        , <b>{people(value)} fewer per 1000</b> {overText(outcome)} (trials’ 95 % interval {people(low)} to{' '}
        {people(high)}).
      </p>
      <p class="caption">
        {ratioText(effect)} for {effect.counted}; trials ran {effect.followUp}, the ratio is taken to last.{' '}
        {on.map((input) => `${input.label} ${valueText(input)}${dated(input)}. `).join('')}
        <b>Limit.</b> {effect.limitation}
      </p>
      <details>
        <summary>Sources of this effect</summary>
        <p class="caption">For: {proseText(effect.population.text)}.</p>
        <Citations citations={effect.citations} />
      </details>
    </section>
  );
}

const measures = { 'risk-ratio': 'Risk', 'rate-ratio': 'Rate of events', 'hazard-ratio': 'Hazard' } as const;

/** `Baseline × a ratio of trials. Rate of events × 0.79 (0.77–0.81)`. */
function ratioText({ measure, ratio, interval: [low, high] }: TreatedRisk['effect']): string {
  const written = (number: number) => number.toFixed(2);
  return `The number above times what trials found: ${measures[measure].toLowerCase()} × ${written(ratio)} (${written(low)}–${written(high)})`;
}

function dated({ effective }: TreatedRisk['on'][number]): string {
  return effective ? `, ${dateText(effective, Date.now())}` : '';
}
