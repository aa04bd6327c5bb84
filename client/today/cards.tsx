/** Today once it is judged: extreme values to verify, every critical, up to three others, and what a quiet screen does not cover. */

import { OutcomeFace } from '../review/outcome.tsx';
import { arrivals, chart, type Judgement, latest, onnx, today, unsettled } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { clockText } from '../ui/when.ts';
import { CameFrom } from './came-from.tsx';
import { Card } from './card.tsx';

/** Once painted, nothing in it moves; late criticals take the row above it, the others wait behind a button. */
export function Cards({ judgement }: { judgement: Judgement }) {
  const { today: shown } = judgement.prioritised;
  return (
    <>
      <LateCriticals />
      <div class="today-head">
        <h2>{heading(shown.length)}</h2>
        <NewButton />
      </div>
      <CameFrom />
      {shown.length === 0 && <NothingToRaise />}
      {shown.map((recommendation, index) => (
        <Card key={recommendation.id} recommendation={recommendation} unfolded={index === 0} />
      ))}
    </>
  );
}

const counted = ['Nothing', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

function heading(count: number): string {
  return count === 0 ? 'Today' : `${counted[count] ?? count} for today`;
}

/** Writes that an earlier launch left in doubt or unsaved come first: nothing is lost. */
export function Earlier() {
  if (unsettled.value.length === 0) return null;
  return (
    <section class="earlier">
      <h2>From earlier</h2>
      {unsettled.value.map((outcome) => (
        <OutcomeFace key={outcome.approvalId} outcome={outcome} />
      ))}
    </section>
  );
}

function LateCriticals() {
  const { critical } = arrivals.value;
  if (critical.length === 0) return null;
  return (
    <section class="late" aria-live="assertive">
      <h2>Just arrived</h2>
      {critical.map((recommendation) => (
        <Card key={recommendation.id} recommendation={recommendation} unfolded={false} />
      ))}
    </section>
  );
}

function NewButton() {
  const { waiting } = arrivals.value;
  if (waiting.length === 0) return null;
  const show = () => {
    today.value = latest.value;
  };
  return (
    <button type="button" class="pill" onClick={show}>
      {waiting.length} new
    </button>
  );
}

/** Silence is only ever about what could be checked. */
function NothingToRaise() {
  const count = (latest.value ?? today.value)?.prioritised.notChecked.length ?? 0;
  const at = chart.value ? clockText(chart.value.at) : '';
  if (count === 0) {
    return (
      <Face face="checked" title={`Checked ${at}, nothing to raise`}>
        <StillComing />
        <p>This covers only what Attune knows.</p>
      </Face>
    );
  }
  return (
    <Face face="incomplete" title={`Checked ${at}: nothing to raise in what could be checked`}>
      <StillComing />
      <p>{`${count} ${count === 1 ? 'thing was' : 'things were'} not checked; see below.`}</p>
    </Face>
  );
}

/** Trained models run after Today: a quiet Today says whether they have. */
function StillComing() {
  const later = arrivals.value.waiting.length;
  if (onnx.value === 'running') return <p>Trained models are still running.</p>;
  if (later === 0) return null;
  return (
    <p>
      {later === 1 ? 'One thing has' : `${later} things have`} come since: see “{later} new”.
    </p>
  );
}
