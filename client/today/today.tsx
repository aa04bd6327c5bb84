/** Today while it is being made: the first number, how far the chart has been read, and then what `settled.tsx` brings. */

import { belongs, firstNumber, parts, running, sources, today, trouble } from '../state.ts';
import { Face, Skeleton } from '../ui/face.tsx';
import { FirstNumber } from './first-number.tsx';

/** Keeps its place from the first paint on: what comes later fills it and moves nothing that is read already. */
export function Today() {
  const judgement = today.value;
  const ready = belongs(judgement) ? judgement : undefined;
  const settled = parts.value;
  return (
    <section class="today" aria-label="Today">
      {settled && <settled.Earlier />}
      {belongs(firstNumber.value) && firstNumber.value && <FirstNumber evaluation={firstNumber.value.evaluation} />}
      {!(ready && settled) && (trouble.value ? <Trouble code={trouble.value} /> : <Waiting />)}
      {ready && settled && <settled.Cards judgement={ready} />}
    </section>
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
