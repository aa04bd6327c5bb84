/** Data gaps: what is missing and what it would unlock, what was refused, what could not be read, each by its own name. */
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { Facts, Unread } from '../../models/engine/facts/facts.ts';
import { Absence } from '../evidence/evidence.tsx';
import { library } from '../state.ts';
import { stateWords } from '../strip/sources.tsx';
import { Icon } from '../ui/icon.tsx';
import { proseText } from '../ui/measured.tsx';
import { dateText } from '../ui/when.ts';
import { ForInformaticists } from './for-informaticists.tsx';
import { unreadWord } from './reasons.ts';
import { type Gap, gapsOf } from './unlock.ts';
import './gaps.css';

/** How many gaps are shown before the rest is folded. */
const SHOWN = 7;
/** How many entries of one reason are listed. */
const LISTED = 50;

/** Sources first, since they explain the rest; then what is wanted, what is unusable, and the view of whoever can mend it. */
export function Gaps({ facts, evaluations }: { facts: Facts; evaluations: readonly Evaluation[] }) {
  const { wanted, settings, unread, sources } = gapsOf(facts, evaluations, library.value);
  const few = unread.reduce((sum, { entries }) => sum + entries.length, 0) <= SHOWN;
  const [first, rest] = [wanted.slice(0, SHOWN), wanted.slice(SHOWN)];
  return (
    <>
      {sources.length > 0 && <h4>Not read in full</h4>}
      <ul class="rows">
        {sources.map(({ id, state, reason, reference }) => (
          <li class="row" key={id}>
            <Icon name={stateWords[state].icon} />
            <span class="row-main">
              {id.replaceAll('-', ' ')}
              <small>{reason}</small>
              {reference && <small class="mono">reference {reference}</small>}
            </span>
            <span class="row-side">{stateWords[state].word}</span>
          </li>
        ))}
      </ul>
      {wanted.length > 0 && <h4>Wanted and not there</h4>}
      <GapRows gaps={first} />
      {rest.length > 0 && (
        <details class="fold">
          <summary>{rest.length} more</summary>
          <GapRows gaps={rest} />
        </details>
      )}
      {unread.length > 0 && <h4>In the chart, not usable</h4>}
      {unread.map(({ reason, entries }) => (
        <details class="fold" key={reason} open={few}>
          <summary>
            {unreadWord[reason]} <span class="hint">{entries.length}</span>
          </summary>
          <UnreadRows entries={entries} />
        </details>
      ))}
      {wanted.length + unread.length + sources.length === 0 && <p>Nothing that the library asks for is missing.</p>}
      <ForInformaticists settings={settings} />
    </>
  );
}

function GapRows({ gaps }: { gaps: readonly Gap[] }) {
  return (
    <ul class="rows wanted">
      {gaps.map(({ missing, unlocks, refines, helps }) => (
        <li class="row" key={missing.path}>
          <span class="row-main">
            <b>{missing.label}</b>
            {unlocks.length > 0 && <small>Would allow: {unlocks.map(proseText).join(', ')}</small>}
            {refines.length > 0 && <small>Would refine: {refines.map(proseText).join(', ')}</small>}
            {helps.length > 0 && <small>With other data: {helps.map(proseText).join(', ')}</small>}
          </span>
          <Absence of={missing} />
        </li>
      ))}
    </ul>
  );
}

function UnreadRows({ entries }: { entries: readonly Unread[] }) {
  const now = Date.now();
  return (
    <>
      <ul class="rows">
        {entries.slice(0, LISTED).map((entry) => (
          <li class="row" key={`${entry.source} ${entry.path ?? ''} ${entry.text ?? ''}`}>
            <Icon name="excluded" />
            <span class="row-main">
              {entry.text ?? 'no text'}
              <small>
                {[
                  entry.path?.split('.').at(-1)?.replaceAll('-', ' '),
                  entry.effective && dateText(entry.effective, now),
                  entry.source,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </span>
          </li>
        ))}
      </ul>
      {entries.length > LISTED && <p class="caption">and {entries.length - LISTED} more</p>}
    </>
  );
}
