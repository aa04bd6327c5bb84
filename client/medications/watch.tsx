/** What the medicines ask to be watched: one line a test, late ones first. */
import type { Evaluation } from '../../models/engine/evaluation.ts';
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
              <span class="row-side">{stateOf(evaluation)}</span>
            </li>
          ))}
      </ul>
    </>
  );
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
