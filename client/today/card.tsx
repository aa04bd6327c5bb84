/** A recommendation: tier, verb, two dated facts, one action, and its evidence one tap away. */
import { useEffect, useState } from 'preact/hooks';
import type { Input, Recommendation } from '../../models/engine/evaluation.ts';
import { withParts } from '../evidence/parts.ts';
import { decide, noteShown, undo } from '../review/decide.ts';
import { OutcomeFace } from '../review/outcome.tsx';
import { reasons, reasonWord } from '../review/reasons.ts';
import { type Answered, answered, opened, outcomes, withdrawn } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { Measured, proseText } from '../ui/measured.tsx';
import { Tier } from '../ui/tier.tsx';
import { clockText, dateText } from '../ui/when.ts';
import { CameFromMark } from './came-from-mark.tsx';

/** `unfolded` shows the actions at once; other cards show headline and facts, and give their actions on tap. */
export function Card({ recommendation, unfolded }: { recommendation: Recommendation; unfolded: boolean }) {
  const [unfold, setUnfold] = useState(unfolded);
  const [asking, setAsking] = useState<'deferred' | 'declined' | undefined>();
  useEffect(() => noteShown(recommendation), [recommendation]);
  const { id, indicator, finding } = recommendation;
  const answer = answered.value.get(id);
  const taken = recommendation.from.find((source) => withdrawn.value.has(source));
  if (answer) return <AnsweredCard recommendation={recommendation} answer={answer} />;
  return (
    <article class={`card card-${indicator}`} data-recommendation={id}>
      <CameFromMark id={id} />
      <Tier indicator={indicator} verify={finding.verifyFirst ?? false} />
      <h3 class="headline">{proseText(recommendation.summary)}</h3>
      {taken ? <p class="withdrawn">Withdrawn: {withdrawn.value.get(taken)}</p> : <Facts of={finding.because} />}
      {unfold && !taken && (
        <div class="actions">
          {finding.action && (
            <button
              type="button"
              class={indicator === 'critical' ? 'primary' : ''}
              onClick={() => (opened.value = { what: 'review', recommendation })}
            >
              Accept
            </button>
          )}
          <button
            type="button"
            aria-expanded={asking === 'deferred'}
            onClick={() => setAsking(toggle(asking, 'deferred'))}
          >
            Defer
          </button>
          <button
            type="button"
            aria-expanded={asking === 'declined'}
            onClick={() => setAsking(toggle(asking, 'declined'))}
          >
            Decline
          </button>
        </div>
      )}
      {unfold && asking && (
        <Reasons
          title={asking === 'declined' ? 'Why decline?' : 'Why later?'}
          choose={(code) => decide(recommendation, asking, code)}
        />
      )}
      <div class="card-foot">
        {!unfold && !taken && (
          <button type="button" class="quiet" aria-expanded="false" onClick={() => setUnfold(true)}>
            Answer
          </button>
        )}
        <button
          type="button"
          class="evidence-row"
          aria-haspopup="dialog"
          onClick={() => (opened.value = { what: 'evidence', id })}
        >
          <span>
            Evidence <span class="hint">{counts(recommendation)}</span>
          </span>
          <Icon name="right" />
        </button>
      </div>
    </article>
  );
}

/** Exactly the facts the finding names, two at most: value and unit left, date right. */
export function Facts({ of }: { of: readonly Input[] }) {
  const now = Date.now();
  return (
    <dl class="facts">
      {of.slice(0, 2).map((input) => (
        <div key={input.path}>
          <dt>
            {input.label} <Measured of={input} />
          </dt>
          <dd>{factDate(input, now)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A medicine is taken since its date, a value was measured on it; what has no date says why. */
function factDate({ effective, note, path }: Input, now: number): string {
  if (!effective) return note ?? 'no date';
  return `${path.startsWith('medication.') ? 'since ' : ''}${dateText(effective, now)}`;
}

/** A coded reason is the answer itself: one tap. */
function Reasons({ title, choose }: { title: string; choose: (code: (typeof reasons)[number]['code']) => void }) {
  return (
    <fieldset class="reasons">
      <legend>{title}</legend>
      {reasons.map(({ code, word }) => (
        <button type="button" key={code} onClick={() => choose(code)}>
          {word}
        </button>
      ))}
    </fieldset>
  );
}

function AnsweredCard({ recommendation, answer }: { recommendation: Recommendation; answer: Answered }) {
  const { id } = recommendation;
  return (
    <article class="card card-answered" data-recommendation={id}>
      {answer.how === 'accepted' ? (
        <>
          <OutcomeFace outcome={answer.outcome} />
          {outcomes.value.get(answer.outcome.approvalId)?.state === 'withdrawn' && (
            <button type="button" class="quiet" onClick={() => undo(recommendation)}>
              Answer anew
            </button>
          )}
        </>
      ) : (
        <>
          <p class="answer">
            {answer.how === 'deferred' ? 'Deferred' : 'Declined'}: {reasonWord(answer.reason)}
          </p>
          <h3 class="headline">{proseText(recommendation.summary)}</h3>
          <p class="caption">
            {clockText(answer.at)}
            {answer.how === 'deferred' && ' · asks again when Attune is next opened'}
          </p>
          <div class="card-foot">
            <button type="button" class="quiet" onClick={() => undo(recommendation)}>
              Undo
            </button>
            <button
              type="button"
              class="evidence-row"
              aria-haspopup="dialog"
              onClick={() => (opened.value = { what: 'evidence', id })}
            >
              <span>Evidence</span>
              <Icon name="right" />
            </button>
          </div>
        </>
      )}
    </article>
  );
}

function toggle(now: 'deferred' | 'declined' | undefined, to: 'deferred' | 'declined') {
  return now === to ? undefined : to;
}

function counts({ finding: { basis } }: Recommendation): string {
  const parts = [`${withParts(basis.used).length} used`];
  if (basis.missing.length > 0) parts.push(`${basis.missing.length} missing`);
  if (basis.stale.length > 0) parts.push(`${basis.stale.length} stale`);
  if (basis.excluded.length > 0) parts.push(`${basis.excluded.length} excluded`);
  return parts.join(', ');
}
