/** Today: extreme values to verify, every critical, up to three others, and what a quiet screen does not cover. */

import { OutcomeFace } from '../review/outcome.tsx';
import {
  arrivals,
  belongs,
  chart,
  firstNumber,
  latest,
  running,
  sources,
  today,
  trouble,
  unsettled,
} from '../state.ts';
import { Face, Skeleton } from '../ui/face.tsx';
import { clockText } from '../ui/when.ts';
import { Card } from './card.tsx';
import { FirstNumber } from './first-number.tsx';

/** Once painted, nothing in it moves; late criticals take the row above it, the others wait behind a button. */
export function Today() {
  const judgement = today.value;
  const ready = belongs(judgement) ? judgement : undefined;
  return (
    <section class="today" aria-label="Today">
      <Earlier />
      {belongs(firstNumber.value) && firstNumber.value && <FirstNumber evaluation={firstNumber.value.evaluation} />}
      {!ready && (trouble.value ? <Trouble code={trouble.value} /> : <Waiting />)}
      {ready && (
        <>
          <LateCriticals />
          <div class="today-head">
            <h2>{heading(ready.prioritised.today.length)}</h2>
            <NewButton />
          </div>
          {ready.prioritised.today.length === 0 && <NothingToRaise />}
          {ready.prioritised.today.map((recommendation, index) => (
            <Card key={recommendation.id} recommendation={recommendation} unfolded={index === 0} />
          ))}
        </>
      )}
    </section>
  );
}

const counted = ['Nothing', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

function heading(count: number): string {
  return count === 0 ? 'Today' : `${counted[count] ?? count} for today`;
}

/** Writes that an earlier launch left in doubt or unsaved come first: nothing is lost. */
function Earlier() {
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
        <p>This covers only what Attune knows.</p>
      </Face>
    );
  }
  return (
    <Face face="incomplete" title={`Checked ${at}: nothing to raise in what could be checked`}>
      <p>{`${count} ${count === 1 ? 'thing was' : 'things were'} not checked; see below.`}</p>
    </Face>
  );
}

function Waiting() {
  const slow = sources.value.filter((source) => source.slow);
  const left = sources.value.filter(({ report }) => report.state === 'pending');
  const read = sources.value.length - left.length;
  return (
    <>
      {slow.length > 0 && (
        <Face face="slow" level={2} title={`${slow.map(({ label }) => label).join(', ')}: slow to arrive`}>
          <p>Nothing has been checked yet. Going on leaves this out, and says so.</p>
          <div class="buttons">
            <button type="button" onClick={() => running.value?.goOnWithout()}>
              Go on without
            </button>
          </div>
        </Face>
      )}
      <Skeleton
        label={left.length > 0 ? `Reading the chart, ${read} of ${sources.value.length}` : 'Checking what was read'}
      />
      <Skeleton label="" />
    </>
  );
}

function Trouble({ code }: { code: string }) {
  return (
    <Face face="error" level={2} title="Attune could not check this chart" code={code}>
      <p>
        The chart was read, but no rule, interaction or model has been run. Reload, or open Attune again from the chart.
      </p>
      <div class="buttons">
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    </Face>
  );
}
