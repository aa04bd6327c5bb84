/** Everything that this clinician wrote into this chart from here in the last day, with the way back out. */
import type { WriteOutcome } from '../../launch/api.ts';
import { OutcomeFace } from '../review/outcome.tsx';

/** Newest first; each as its own state says, and never surer than that. */
export function Written({ outcomes }: { outcomes: readonly WriteOutcome[] }) {
  const newest = [...outcomes].sort((a, b) => b.approvedAt.localeCompare(a.approvedAt));
  return (
    <>
      {newest.map((outcome) => (
        <OutcomeFace key={outcome.approvalId} outcome={outcome} />
      ))}
      <p class="caption">Yours, about this patient, of the last 24 hours. Older entries are in the chart itself.</p>
    </>
  );
}
