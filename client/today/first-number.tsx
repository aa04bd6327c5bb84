/** The first thing painted: kidney function, with its unit and the date of the creatinine behind it. */
import { useEffect } from 'preact/hooks';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { withdrawn } from '../state.ts';
import { Measured, Predicted } from '../ui/measured.tsx';
import { markPainted } from '../ui/painted.ts';
import { dateText } from '../ui/when.ts';

/** One row; when there is no number, the reason stands in its place. */
export function FirstNumber({ evaluation }: { evaluation: Evaluation }) {
  const hasNumber = evaluation.status === 'finding';
  useEffect(() => {
    if (hasNumber) markPainted('attune:first-number');
  }, [hasNumber]);
  const taken = withdrawn.value.get(evaluation.id);
  return (
    <section class="first-number" aria-label="Kidney function">
      {taken !== undefined ? <p>eGFR withdrawn: {taken}</p> : <Line evaluation={evaluation} />}
    </section>
  );
}

function Line({ evaluation }: { evaluation: Evaluation }) {
  const now = Date.now();
  switch (evaluation.status) {
    case 'finding': {
      const outcome = evaluation.finding.outcomes?.[0];
      const creatinine = evaluation.finding.basis.used.find(({ path }) => path === 'observation.creatinine');
      if (!outcome) return <p>{evaluation.finding.summary}</p>;
      return (
        <>
          <p>
            eGFR <Predicted of={outcome} />
          </p>
          <p class="caption">
            {creatinine ? (
              <>
                creatinine <Measured of={creatinine} />, {dateText(creatinine.effective, now)}
              </>
            ) : (
              'date not known'
            )}
          </p>
        </>
      );
    }
    case 'not-applicable':
      return <p class="caption">eGFR: {evaluation.because.text}</p>;
    case 'data-required':
      return <p class="caption">No eGFR: {evaluation.missing.map(({ text }) => text).join('; ')}</p>;
    case 'failure':
      return <p class="caption">No eGFR: {evaluation.error.message}</p>;
  }
}
