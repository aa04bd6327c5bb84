/** What-if: other values in the published equation. Simulated, marked as such everywhere, never written anywhere. */
import { useMemo, useState } from 'preact/hooks';
import type { Finding } from '../../models/engine/evaluation.ts';
import type { RegressionModel } from '../../models/engine/library.ts';
import { Icon } from '../ui/icon.tsx';
import { horizonText, outcomeText, valueText } from '../ui/measured.tsx';
import { simulate, type Trial, trials } from './simulate.ts';

/** Sliders over measured inputs, the chart's value ticked, and the difference in percentage points. */
export function WhatIf({ model, finding }: { model: RegressionModel; finding: Finding }) {
  const offered = useMemo(() => trials(model, finding), [model, finding]);
  const [changed, setChanged] = useState<Readonly<Record<string, number>>>({});
  if (offered.length === 0) return <p class="caption">No what-if: none of its changeable inputs was measured.</p>;
  const simulated = simulate(model, finding, changed);
  const moved = Object.keys(changed).length > 0;
  return (
    <section class="what-if" aria-label={`Simulated: ${model.title}`}>
      <header>
        <p class="what-if-tag">
          <Icon name="swap" /> Simulated, not saved
        </p>
        <button type="button" class="quiet" disabled={!moved} onClick={() => setChanged({})}>
          Reset to chart
        </button>
      </header>
      <h5>What the equation says for a person with these values</h5>
      {offered.map((trial) => (
        <Slider
          key={trial.binding.name}
          trial={trial}
          value={changed[trial.binding.name] ?? trial.chart}
          change={(value) => setChanged({ ...changed, [trial.binding.name]: value })}
        />
      ))}
      <ul class="rows" aria-live="polite">
        {simulated.map((outcome) => {
          const chart = finding.outcomes?.find(({ id }) => id === outcome.id);
          return (
            <li class="row" key={outcome.id}>
              <span class="row-main">
                {outcome.title} <small>{horizonText(outcome.horizon)}</small>
              </span>
              <span class="row-side">
                <span class="measured">
                  {chart && `${outcomeText(chart)}\u00a0→\u00a0`}
                  <b>{outcomeText(outcome)}</b>
                </span>
                {chart && <small>{difference(outcome.value - chart.value, outcome.unit)}</small>}
              </span>
            </li>
          );
        })}
      </ul>
      <p class="caption">Tick: chart value. This is the equation’s difference, not the effect of treatment.</p>
    </section>
  );
}

function Slider({ trial, value, change }: { trial: Trial; value: number; change: (value: number) => void }) {
  const { binding, limits, chart, input } = trial;
  const shown = { value, path: binding.fact, ...(binding.unit ? { unit: binding.unit } : {}) };
  const words = binding.codes ? wordOf(binding.codes, value) : undefined;
  const at = Math.min(Math.max((chart - limits.min) / (limits.max - limits.min), 0), 1);
  const text = words === undefined ? valueText(shown) : value === chart ? valueText(input) : words;
  return (
    <label class="slider">
      <span class="slider-head">
        <span>{binding.label}</span>
        <span>
          <b>{text}</b> <small>{value === chart ? 'as chart' : `chart ${valueText(input)}`}</small>
        </span>
      </span>
      <span class="slider-track">
        <input
          type="range"
          min={limits.min}
          max={limits.max}
          step={value === chart ? 'any' : limits.step}
          value={value}
          aria-valuetext={`${text}, simulated`}
          onInput={(event) => change(rounded(Number(event.currentTarget.value), limits))}
        />
        <svg class="slider-tick" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <line x1={at * 100} x2={at * 100} y1="0" y2="10" />
        </svg>
      </span>
    </label>
  );
}

/** A step of the manifest; the chart's own value is not on the grid and stays reachable by Reset. */
function rounded(value: number, { min, step }: Trial['limits']): number {
  return Number((min + Math.round((value - min) / step) * step).toFixed(6));
}

function wordOf(codes: Readonly<Record<string, number>>, value: number): string | undefined {
  const words = Object.entries(codes).flatMap(([word, code]) => (code === value ? [word] : []));
  return words.length > 0 ? words.join(' or ') : undefined;
}

function difference(delta: number, unit: string): string {
  if (unit !== '1') return '';
  const points = Math.abs(delta * 100).toFixed(1);
  if (points === '0.0') return 'no difference';
  return `${delta > 0 ? '+' : '−'}${points}\u00a0pp`;
}
