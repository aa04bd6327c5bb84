/** Data gaps: what is missing, too old, unreadable or refused, each by its own name. */
import type { Evaluation, Missing } from '../../models/engine/evaluation.ts';
import type { Facts, Unread } from '../../models/engine/facts/facts.ts';
import { MissingRow } from '../evidence/evidence.tsx';
import { stateWords } from '../strip/sources.tsx';
import { Icon } from '../ui/icon.tsx';
import { dateText } from '../ui/when.ts';

/** What a gap list holds, counted for the accordion. */
export function gapsOf(facts: Facts, evaluations: readonly Evaluation[]) {
  const missing = new Map<string, Missing>();
  for (const evaluation of evaluations) {
    if (evaluation.status !== 'data-required') continue;
    for (const gap of evaluation.missing) missing.set(gap.path, gap);
  }
  const sources = facts.sources.filter(({ state }) => state !== 'read' && state !== 'empty');
  return { missing: [...missing.values()], unread: facts.unread, sources };
}

const unreadWord: Readonly<Record<Unread['reason'], string>> = {
  'unit-missing': 'no unit given',
  'unit-unknown': 'unit not known',
  'unit-does-not-fit': 'unit does not fit the test',
  'not-a-number': 'not a number',
  'no-value': 'no value',
  'data-absent': 'the EHR says the value is absent',
  implausible: 'not physically plausible',
  'no-date': 'no date',
  'future-date': 'dated in the future',
  'status-not-final': 'not final',
  'entered-in-error': 'entered in error',
  'specimen-does-not-fit': 'another specimen',
  'display-disagrees': 'its name and its code disagree',
  superseded: 'replaced by a corrected result',
  'other-patient': 'about another patient',
  malformed: 'could not be understood',
  'unresolved-medication': 'medicine not recognised',
  restricted: 'restricted in the EHR',
  'not-a-medicine': 'not a medicine (a container, a supply)',
};

/** Three groups; each says the reason in words. */
export function Gaps({ facts, evaluations }: { facts: Facts; evaluations: readonly Evaluation[] }) {
  const { missing, unread, sources } = gapsOf(facts, evaluations);
  const now = Date.now();
  return (
    <>
      {sources.length > 0 && <h4>Not read in full</h4>}
      <ul class="rows">
        {sources.map(({ id, state, reason }) => (
          <li class="row" key={id}>
            <Icon name={stateWords[state].icon} />
            <span class="row-main">
              {id.replaceAll('-', ' ')}
              <small>{reason}</small>
            </span>
            <span class="row-side">{stateWords[state].word}</span>
          </li>
        ))}
      </ul>
      {missing.length > 0 && <h4>Wanted and not there</h4>}
      <ul class="rows">
        {missing.map((gap) => (
          <MissingRow key={gap.path} missing={gap} />
        ))}
      </ul>
      {unread.length > 0 && <h4>In the chart, not usable</h4>}
      <ul class="rows">
        {unread.slice(0, 100).map((entry) => (
          <li class="row" key={`${entry.source} ${entry.reason} ${entry.path ?? ''}`}>
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
            <span class="row-side">{unreadWord[entry.reason]}</span>
          </li>
        ))}
      </ul>
      {unread.length > 100 && <p class="caption">and {unread.length - 100} more</p>}
      {missing.length + unread.length + sources.length === 0 && <p>Nothing that the library asks for is missing.</p>}
    </>
  );
}
