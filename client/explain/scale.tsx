/** Reference, patient and band on one axis from zero. The sentences beside it say the same. */
import { outcomeText } from '../ui/measured.tsx';
import type { Explanation } from './explanation.ts';

/** Ends of the axis, as probabilities: the first that holds everything. */
const ends = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

export function Scale({ explanation }: { explanation: Explanation }) {
  const { contributions, band, decision, outcome } = explanation;
  const highest = Math.max(contributions.patient, contributions.reference, band?.high ?? 0);
  const end = ends.find((candidate) => candidate >= highest) ?? 1;
  const x = (value: number) => (value / end) * 100;
  const thresholds = (decision?.tiers ?? []).filter(({ from }) => from > 0 && from < end);
  const at = (value: number) => outcomeText({ ...outcome, value });
  return (
    <figure class="scale">
      <svg viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
        <line class="scale-axis" x1="0" x2="100" y1="10" y2="10" />
        {band && <line class="scale-band" x1={x(band.low)} x2={x(band.high)} y1="10" y2="10" />}
        {thresholds.map(({ from }) => (
          <line class="scale-threshold" key={from} x1={x(from)} x2={x(from)} y1="0" y2="20" />
        ))}
        <line class="scale-reference" x1={x(contributions.reference)} x2={x(contributions.reference)} y1="4" y2="16" />
        <line class="scale-point" x1={x(contributions.patient)} x2={x(contributions.patient)} y1="10" y2="10" />
      </svg>
      <figcaption>
        <span>0 %</span>
        <span>
          Short line: reference. Dot: this patient.{band && ' Bar: if measured again.'}
          {thresholds.length > 0 && ` Dashed: ${thresholds.map(({ from }) => at(from)).join(', ')}.`}
        </span>
        <span>{at(end)}</span>
      </figcaption>
    </figure>
  );
}
