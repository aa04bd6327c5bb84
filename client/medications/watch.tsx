/** What the medicines ask to be watched: one line a test, late ones first. */
import { useState } from 'preact/hooks';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { promised, running } from '../state.ts';
import { proseText } from '../ui/measured.tsx';

/** Tests that are done are named too: a quiet line is not a missing one. */
export function WatchList({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const watched = evaluations.filter(({ kind }) => kind === 'monitoring');
  if (watched.length === 0) return null;
  const rank = ({ status }: Evaluation) => (status === 'finding' ? 0 : status === 'data-required' ? 1 : 2);
  return (
    <>
      <h4>Watched</h4>
      <ul class="rows">
        {[...watched]
          .sort((a, b) => rank(a) - rank(b))
          .map((evaluation) => (
            <li class="row" key={evaluation.id}>
              <span class="row-main">
                {proseText(headOf(evaluation))}
                <small>{proseText(detailOf(evaluation))}</small>
              </span>
              <span class="row-side">
                {stateOf(evaluation)}
                {evaluation.status === 'finding' && <WillCheck path={pathOf(evaluation)} />}
              </span>
            </li>
          ))}
      </ul>
    </>
  );
}

/** Days that are promised, in words. */
const DAYS: readonly (readonly [number, string])[] = [
  [7, '1 week'],
  [14, '2 weeks'],
  [30, '1 month'],
  [90, '3 months'],
];

/** "I will check": kept for this patient, and read back at the next launch. */
function WillCheck({ path }: { path: string }) {
  const [state, setState] = useState<'ready' | 'keeping' | 'failed'>('ready');
  const kept = promised.value.find((one) => one.path === path);
  const promise = (days: number) => {
    setState('keeping');
    void running.value?.promise(path, days).then(
      () => setState('ready'),
      () => setState('failed'),
    );
  };
  if (state === 'failed') return <small>Not kept: the server could not be reached</small>;
  if (kept)
    return (
      <button type="button" class="quiet" disabled={state === 'keeping'} onClick={() => promise(0)}>
        Promised for {dayText(kept.due)}: take back
      </button>
    );
  return (
    <label class="will-check">
      I will check in
      <select
        value=""
        disabled={state === 'keeping'}
        onChange={({ currentTarget }) => currentTarget.value !== '' && promise(Number(currentTarget.value))}
      >
        <option value="">…</option>
        {DAYS.map(([days, words]) => (
          <option key={days} value={days}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function dayText(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `monitoring/tsh` → `observation.tsh` */
function pathOf({ id }: Evaluation): string {
  return `observation.${id.slice('monitoring/'.length)}`;
}

/** The name of the test: titles end with what they are about. */
function headOf({ title }: Evaluation): string {
  return title.split(':')[0] ?? title;
}

function stateOf(evaluation: Evaluation): string {
  switch (evaluation.status) {
    case 'finding':
      return evaluation.finding.indicator === 'info' ? 'look' : 'due';
    case 'not-applicable':
      return 'in order';
    case 'data-required':
      return 'unknown';
    case 'failure':
      return 'not checked';
  }
}

function detailOf(evaluation: Evaluation): string {
  switch (evaluation.status) {
    case 'finding':
      return evaluation.finding.detail;
    case 'not-applicable':
      return evaluation.because.text;
    case 'data-required':
      return evaluation.missing.map(({ text }) => text).join('; ');
    case 'failure':
      return evaluation.error.message;
  }
}
