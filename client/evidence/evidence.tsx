/** Everything behind one recommendation: why it fired, on what, by which knowledge, and what it cannot tell. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Evaluation, Input, LogicLine, Missing, Recommendation } from '../../models/engine/evaluation.ts';
import type { Citation } from '../../models/engine/measured.ts';
import { answerText } from '../asked/answers.ts';
import { noteEvidence } from '../review/decide.ts';
import { latest, library, opened, today } from '../state.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { horizonText, Measured, Predicted, proseText } from '../ui/measured.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { Tier } from '../ui/tier.tsx';
import { clockText, dateText } from '../ui/when.ts';
import { basisText, citationUrl } from './citation.ts';
import { ModelCardView } from './model-card.tsx';
import { withParts } from './parts.ts';
import { bringSources, sourcesNow } from './sources.ts';

/** The drawer of a recommendation on Today or among the others. */
export function Evidence({ id }: { id: string }) {
  const recommendation = find(id);
  useEffect(() => {
    if (recommendation) noteEvidence(recommendation);
  }, [recommendation]);
  if (!recommendation) return null;
  const { finding, from, indicator } = recommendation;
  return (
    <Sheet title="Evidence" onClose={() => (opened.value = undefined)}>
      <Tier indicator={indicator} verify={finding.verifyFirst ?? false} />
      <p class="headline">{proseText(recommendation.summary)}</p>
      <p>{proseText(finding.detail)}</p>
      <h3>Why it fired</h3>
      <Logic lines={finding.logic} action={finding.action?.text} />
      {finding.outcomes && finding.outcomes.length > 0 && (
        <>
          <h3>Calculated</h3>
          <ul class="rows">
            {finding.outcomes.map((outcome) => (
              <li class="row" key={outcome.id}>
                <span class="row-main">
                  {outcome.title} {horizonText(outcome.horizon)}
                </span>
                <span class="row-side">
                  <Predicted of={outcome} /> {outcome.word}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Inputs basis={finding.basis} />
      <h3>Source</h3>
      <Citations citations={finding.citations} />
      <p>
        <b>Limit.</b> {finding.limitation}
      </p>
      {from.map((source) => (
        <ModelCardView key={source} id={source} />
      ))}
      <Provenance from={from} />
    </Sheet>
  );
}

function find(id: string): Recommendation | undefined {
  return [today.value, latest.value]
    .flatMap((judgement) => (judgement ? [...judgement.prioritised.today, ...judgement.prioritised.others] : []))
    .find((recommendation) => recommendation.id === id);
}

const held: Readonly<Record<LogicLine['held'], { icon: IconName; word: string }>> = {
  met: { icon: 'tick', word: 'met' },
  'not-met': { icon: 'dash', word: 'not met' },
  unknown: { icon: 'unknown', word: 'unknown' },
};

function Logic({ lines, action }: { lines: readonly LogicLine[]; action: string | undefined }) {
  return (
    <ul class="rows">
      {lines.map(({ text, held: how, value }) => (
        <li class="row" key={text}>
          <Icon name={held[how].icon} />
          <span class="row-main">
            {proseText(text)}
            {value && <small>{proseText(value)}</small>}
          </span>
          <span class="row-side">{held[how].word}</span>
        </li>
      ))}
      {action && (
        <li class="row conclusion">
          <Icon name="right" />
          <span class="row-main">
            <b>{action}</b>
          </span>
        </li>
      )}
    </ul>
  );
}

/** Inputs in their four groups; a group that is empty is left out, except that "used" always stands. */
export function Inputs({ basis }: { basis: Extract<Evaluation, { status: 'not-applicable' }>['basis'] }) {
  const used = withParts(basis.used);
  return (
    <>
      <h3>Inputs</h3>
      <Group icon="tick" title={`Used (${used.length})`}>
        {used.map((input) => (
          <InputRow key={`${input.path} ${input.value}`} input={input} />
        ))}
      </Group>
      {basis.stale.length > 0 && (
        <Group icon="clock" title={`Stale, shown but not counted (${basis.stale.length})`}>
          {basis.stale.map((input) => (
            <InputRow key={input.path} input={input} />
          ))}
        </Group>
      )}
      {basis.missing.length > 0 && (
        <Group icon="square" title={`Missing (${basis.missing.length})`}>
          {basis.missing.map((missing) => (
            <MissingRow key={missing.path} missing={missing} />
          ))}
        </Group>
      )}
      {basis.excluded.length > 0 && (
        <Group icon="excluded" title={`Excluded (${basis.excluded.length})`}>
          {basis.excluded.map((input) => (
            <InputRow key={`${input.path} ${input.value}`} input={input} note={input.reason} />
          ))}
        </Group>
      )}
    </>
  );
}

function sourceText([first, ...rest]: readonly string[]): string {
  return first === undefined ? '' : rest.length > 0 ? `${first} and ${rest.length} more` : first;
}

function Group({ icon, title, children }: { icon: IconName; title: string; children: ComponentChildren }) {
  return (
    <section class="group">
      <h4>
        <Icon name={icon} /> {title}
      </h4>
      <ul class="rows">{children}</ul>
    </section>
  );
}

function InputRow({ input, note = input.note }: { input: Input; note?: string | undefined }) {
  if (input.path.startsWith('asked.')) return <AnsweredRow input={input} note={note} />;
  const date = input.effective ? dateText(input.effective, Date.now()) : undefined;
  return (
    <li class="row">
      <span class="row-main">
        {input.label}
        <small>{[date, note].filter(Boolean).join(' · ')}</small>
      </span>
      <span class="row-side">
        <Measured of={input} />
        <small>{sourceText(input.sources)}</small>
      </span>
    </li>
  );
}

/** What the clinician said in this launch: in the words of the button, with the time of the tap. */
function AnsweredRow({ input, note }: { input: Input; note: string | undefined }) {
  const at = input.effective ? ` ${clockText(input.effective.start)}` : '';
  const more = note && note !== 'answered here' ? ` · ${note}` : '';
  return (
    <li class="row">
      <span class="row-main">
        {input.label}
        <small>{`answered by you${at}${more}`}</small>
      </span>
      <span class="row-side">
        {typeof input.value === 'number' ? <Measured of={input} /> : answerText(library.value, input.path, input.value)}
      </span>
    </li>
  );
}

/** What is wanted and is not there, by its own face of absence. */
export function MissingRow({ missing }: { missing: Missing }) {
  return (
    <li class="row">
      <span class="row-main">
        {missing.label}
        <small>{reason(missing)}</small>
      </span>
      <Absence of={missing} />
    </li>
  );
}

/** The engine's sentence begins with the label, which stands above it already. */
function reason({ label, text }: Missing): string {
  return proseText(text.startsWith(`${label}: `) ? text.slice(label.length + 2) : text);
}

/** The faces of absence in words. */
export const absenceWord: Readonly<Record<Missing['absence'], string>> = {
  empty: 'none on file',
  refused: 'refused',
  'not-asked': 'not asked for',
  incomplete: 'incomplete',
  stale: 'too old',
  unread: 'not usable',
  extreme: 'extreme, verify',
  failed: 'could not be read',
};

/** Sources, each with how far it may be trusted. */
export function Citations({ citations }: { citations: readonly Citation[] }) {
  const shown = sourcesNow(citations);
  const [absent, setAbsent] = useState(false);
  useEffect(() => {
    if (!shown) void bringSources().catch(() => setAbsent(true));
  }, [shown]);
  if (citations.length === 0) return <p>No source is named.</p>;
  if (!shown)
    return absent ? (
      <p>
        {citations.length === 1
          ? 'The source is named, but its words'
          : `${citations.length} sources are named, but their words`}{' '}
        did not arrive. Reload, or open Attune again from the chart.
      </p>
    ) : (
      <p class="caption">Opening</p>
    );
  return (
    <ul class="citations">
      {shown.map((citation) => (
        <li key={`${citation.text} ${citation.place ?? ''}`}>
          <CitationText citation={citation} />
          <small>{[citation.place, basisText(citation)].filter(Boolean).join(' · ')}</small>
        </li>
      ))}
    </ul>
  );
}

function CitationText({ citation }: { citation: Citation }) {
  const url = citationUrl(citation);
  if (!url) return <span>{citation.text}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {citation.text}
    </a>
  );
}

function Provenance({ from }: { from: readonly string[] }) {
  const [open, setOpen] = useState(false);
  const evaluations = (latest.value ?? today.value)?.evaluations ?? [];
  const digest = library.value?.digest ?? 'unknown';
  return (
    <dl class="provenance">
      {from.map((id) => (
        <div key={id}>
          <dt>From</dt>
          <dd>
            {id} {evaluations.find((evaluation) => evaluation.id === id)?.version}
          </dd>
        </div>
      ))}
      <div>
        <dt>Library</dt>
        <dd>{library.value?.version}</dd>
      </div>
      <div>
        <dt>Digest</dt>
        <dd>
          <button type="button" class="quiet mono" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? digest : digest.slice(0, 19)}
          </button>
        </dd>
      </div>
    </dl>
  );
}

/** Which face of absence, and the last value there was, dated. */
export function Absence({ of: { absence, last } }: { of: Missing }) {
  return (
    <span class="row-side">
      {absenceWord[absence]}
      {last && (
        <small>
          last <Measured of={last} />
          {last.effective && `, ${dateText(last.effective, Date.now())}`}
        </small>
      )}
    </span>
  );
}
