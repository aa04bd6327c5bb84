/** The list behind "5 of 6 read": each source, its state in words, and a way to ask again. */
import { useState } from 'preact/hooks';
import type { SourceState } from '../../models/engine/facts/facts.ts';
import { opened, remarks, running, type Source, sources } from '../state.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Sheet } from '../ui/sheet.tsx';

/** Words and signs of the states; absence has four faces and a failure is a fifth. */
export const stateWords: Readonly<Record<SourceState, { word: string; icon: IconName }>> = {
  read: { word: 'read', icon: 'tick' },
  empty: { word: 'asked, the chart has none', icon: 'empty' },
  incomplete: { word: 'only part of it arrived', icon: 'part' },
  refused: { word: 'refused by the EHR', icon: 'lock' },
  failed: { word: 'could not be read', icon: 'triangle' },
  'not-asked': { word: 'not asked for', icon: 'square' },
  pending: { word: 'being read', icon: 'clock' },
};

/** The sheet of all sources. */
export function Sources() {
  return (
    <Sheet title="What was read" onClose={() => (opened.value = undefined)}>
      <ul class="rows">
        {sources.value
          .filter(({ report }) => !report.behind)
          .map((source) => (
            <SourceRow key={source.report.id} source={source} />
          ))}
      </ul>
      <h3>Read behind the screen</h3>
      <ul class="rows">
        {sources.value
          .filter(({ report }) => report.behind)
          .map((source) => (
            <SourceRow key={source.report.id} source={source} />
          ))}
      </ul>
      {remarks.value.length > 0 && (
        <>
          <h3>The EHR adds</h3>
          <ul class="rows">
            {remarks.value.map((remark) => (
              <li class="row" key={remark}>
                {remark}
              </li>
            ))}
          </ul>
        </>
      )}
    </Sheet>
  );
}

function SourceRow({ source: { report, label, slow } }: { source: Source }) {
  const [asking, setAsking] = useState(false);
  const { word, icon } = stateWords[report.state];
  const again = report.state === 'failed' || report.state === 'incomplete';
  const retry = async () => {
    setAsking(true);
    await running.value?.retry(report.id);
    setAsking(false);
  };
  return (
    <li class="row">
      <Icon name={slow ? 'clock' : icon} />
      <div class="row-main">
        <p>{label}</p>
        <p class="caption">
          {slow ? 'slow to arrive' : word}
          {report.reason && `: ${report.reason}`}
        </p>
        {report.reference && <p class="caption mono">reference {report.reference}</p>}
        {again && running.value && (
          <button type="button" disabled={asking} onClick={() => void retry()}>
            {asking ? 'Asking again…' : 'Try again'}
          </button>
        )}
      </div>
      <span class="row-side">
        {report.count > 0 ? `${report.count} ${report.count === 1 ? 'entry' : 'entries'}` : ''}
      </span>
    </li>
  );
}
