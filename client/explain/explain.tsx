/** Why this number: against whom, what makes it, where a repeat could lie, the way back, and the next test. */
import { useMemo } from 'preact/hooks';
import type { Finding } from '../../models/engine/evaluation.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import type { Citation } from '../../models/engine/measured.ts';
import { Citations } from '../evidence/evidence.tsx';
import { library } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { proseText, valueText } from '../ui/measured.tsx';
import { Bars } from './bars.tsx';
import { type Explanation, explain } from './explanation.ts';
import { Scale } from './scale.tsx';
import { belowText, listText, overText, rangeText, riskText, whoText } from './words.ts';
import './explain.css';

type Explained = { explanation: Explanation; model: RiskModel };

/** The explanation of a model's first number; nothing where the model names no person to compare with. */
export function Explain({ model, finding }: { model: RiskModel; finding: Finding }) {
  const models = library.value?.risk;
  const explanation = useMemo(() => explain({ model, finding, models: models ?? [] }), [model, finding, models]);
  if (!explanation) return null;
  const { outcome, contributions, values, reference } = explanation;
  const who = whoText(model, values);
  return (
    <div class="explain">
      <p>
        {outcome.title}: <b>{riskText(outcome)}</b>. A {who} with reference values has{' '}
        <b>{riskText(outcome, contributions.reference)}</b>.
      </p>
      <Scale explanation={explanation} />
      <h6>What makes the difference</h6>
      <Bars explanation={explanation} model={model} finding={finding} reference={`Reference: ${who}`} />
      <p class="caption">
        Reference: {reference.text}. Each share is the mean over every order in which the values could be exchanged
        (Shapley), exact, {overText(outcome)}. They belong to the equation, not to causes.
      </p>
      <Again explanation={explanation} model={model} />
      <WayBack explanation={explanation} model={model} />
      <Next explanation={explanation} model={model} />
      <p class="caption">
        <b>Limit.</b> {finding.limitation}
      </p>
      <Sources explanation={explanation} />
    </div>
  );
}

/** The band of repeats: not a confidence interval. */
function Again({ explanation: { band, outcome } }: Explained) {
  if (!band) return null;
  const again = band.varied.filter(({ how }) => how === 'measured-again').map(({ label }) => label);
  const lacking = band.varied.filter(({ how }) => how === 'lacking').map(({ label, by }) => `${label} (${by.text})`);
  return (
    <>
      <h6>If measured again</h6>
      <p>
        Nine of ten repeats would give <b>{rangeText(outcome, band)}</b>.
      </p>
      <p class="caption">
        {again.length > 0 && `Varied as they vary in one person and in the laboratory: ${listText(again)}. `}
        {lacking.length > 0 && `Lacking, over what they could be: ${listText(lacking)}. `}
        {band.taken.length > 0 && `Taken as charted: ${listText(band.taken)}. `}
        Not a confidence interval: how far the equation itself is off for this person is not in it.
      </p>
    </>
  );
}

/** The smallest change, in the dashed box of everything simulated. */
function WayBack({ explanation, model }: Explained) {
  const { smallest, decision, outcome } = explanation;
  if (!smallest || !decision) {
    return <p class="caption">No published tiers for this number here, so no change is said to move one.</p>;
  }
  const written = (name: string, value: number) => {
    const binding = model.inputs.find((input) => input.name === name);
    const word = Object.entries(binding?.codes ?? {})
      .filter(([, code]) => code === value)
      .map(([text]) => text);
    if (word.length > 0) return word.join(' or ');
    return valueText({ value, path: binding?.fact ?? name, ...(binding?.unit ? { unit: binding.unit } : {}) });
  };
  return (
    <section class="what-if" aria-label={`Simulated: the smallest change, ${model.title}`}>
      <p class="what-if-tag">
        <Icon name="swap" /> Simulated, not saved
      </p>
      <h6>The smallest change that moves the tier, as the equation has it</h6>
      <p class="caption">
        Tiers: {decision.tiers.map(({ word }) => word).join(', ')}; for {decision.decides}.
      </p>
      {smallest.found === 'lowest-tier' && <p>The number is in the lowest tier.</p>}
      {smallest.found === 'none' && <p>No attainable change of one or two measured values moves it.</p>}
      {'changes' in smallest && (
        <p>
          For a person with these values and{' '}
          {smallest.changes.map(({ name, label, from, to }, index) => (
            <span key={name}>
              {index > 0 && ' and '}
              {label} <b>{written(name, to)}</b> (chart {written(name, from)})
            </span>
          ))}{' '}
          the equation says <b>{belowText(outcome, decision, smallest.value)}</b>: {smallest.tier}.
        </p>
      )}
      <p class="caption">This is the equation’s difference, not the effect of treatment.</p>
    </section>
  );
}

/** Only where a repeat could lie on the other side of a threshold. */
function Next({ explanation: { next, decision, outcome }, model }: Explained) {
  if (!next || !decision) return null;
  const { input, by } = next;
  const crossed = next.crosses.map((value) => riskText(outcome, value));
  return (
    <>
      <h6>Next best test</h6>
      <p>
        <b>{input.how === 'lacking' ? `Measure ${input.label}` : `Repeat ${input.label}`}</b>: by itself it could give{' '}
        {rangeText(outcome, next)}
        {by.id === model.id ? '' : `, with ${by.title}`}.
      </p>
      <p class="caption">
        A repeat of everything could cross {listText(crossed)}, where {decision.decides} is decided.
      </p>
    </>
  );
}

/** Where the reference, the tiers and the variation come from. */
function Sources({ explanation: { reference, decision, band } }: { explanation: Explanation }) {
  const varied = (band?.varied ?? []).flatMap(({ by }) => by.citations);
  const distinct = new Map<string, Citation>(
    [...reference.citations, ...(decision?.citations ?? []), ...varied].map((citation) => [citation.text, citation]),
  );
  return (
    <details>
      <summary>Sources of reference, tiers and variation</summary>
      <ul class="caption">
        {(band?.varied ?? []).map(({ name, label, by }) => (
          <li key={name}>
            {label}: {proseText(by.text)}
          </li>
        ))}
      </ul>
      <Citations citations={[...distinct.values()]} />
    </details>
  );
}
