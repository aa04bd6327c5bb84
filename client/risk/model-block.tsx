/** One model: its number on one line, its limit on the next, and behind one tap each: details, what-if, card, the others of its kind. */
import { useId, useState } from 'preact/hooks';
import type { Evaluation, Finding } from '../../models/engine/evaluation.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import { questionsOf } from '../../models/engine/risk/questions.ts';
import { Questions } from '../asked/questions.tsx';
import { Citations, Inputs, MissingRow } from '../evidence/evidence.tsx';
import { CardAttributes } from '../evidence/model-card.tsx';
import { PeopleBesideNumber } from '../evidence/people-like.tsx';
import { effectsNow, Treated } from '../explain/treated.tsx';
import { hasReasons, Why } from '../explain/why.tsx';
import { unconfirmed, withdrawn } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { Predicted, proseText } from '../ui/measured.tsx';
import { dateText } from '../ui/when.ts';
import { type Entry, requiredOf } from './arrange.ts';
import { Disagreements } from './disagreement.tsx';
import { trials } from './simulate.ts';
import { WhatIf } from './what-if.tsx';
import { firstSentence, kindWord, modelName, oldestOf, othersText, outcomeName, whenText } from './words.ts';

type Panel = 'details' | 'why' | 'what-if' | 'treated' | 'card' | 'others';

/** At most one panel is open: the number above it stays on the screen. */
export function ModelBlock({
  entry,
  others = [],
  offered = false,
}: {
  entry: Entry;
  others?: readonly Entry[];
  /** Inside a fold that says its name, opened to be asked. */
  offered?: boolean;
}) {
  const { model, evaluation } = entry;
  const [open, setOpen] = useState<Panel>();
  const panel = useId();
  const finding = evaluation?.status === 'finding' && !withdrawn.value.has(model.id) ? evaluation.finding : undefined;
  const asks = questionsOf(model).length > 0;
  // Once it asks it goes on asking in its place: the number that an answer brings appears below and moves no question.
  const [asking, setAsking] = useState(offered && !finding);
  const tried = model.kind === 'regression' && finding && trials(model, finding).length > 0;
  const effects = finding && effectsNow(model, finding);
  const toggle = (name: Panel, text: string, rest = '') => (
    <button
      type="button"
      class="quiet"
      aria-expanded={open === name}
      aria-controls={panel}
      onClick={() => setOpen(open === name ? undefined : name)}
    >
      {text}
      {rest && <span class="visually-hidden">{rest}</span>}
    </button>
  );
  const about = `: ${model.title}`;
  return (
    <section class="model">
      {asking && !offered && (
        <h5>
          {model.title} <span class="kind">{kindWord[model.kind]}</span>
        </h5>
      )}
      {asking && <Questions model={model} />}
      <div aria-live={asks ? 'polite' : undefined}>
        <Result model={model} evaluation={evaluation} asking={asking} />
        <Disagreements lead={entry} others={others} />
      </div>
      <div class="links">
        {finding && toggle('details', 'Details', about)}
        {asks && (finding || !offered) && (
          <button type="button" class="quiet" aria-expanded={asking} onClick={() => setAsking(!asking)}>
            {finding ? 'Answers' : 'Answer'}
            <span class="visually-hidden">{about}</span>
          </button>
        )}
        {finding && hasReasons(model) && toggle('why', 'Why', ` this number${about}`)}
        {tried && toggle('what-if', 'What if', ' these values were different')}
        {effects && effects.shown.length > 0 && toggle('treated', 'If treated', about)}
        {toggle('card', 'Model card', about)}
        {others.length > 0 && toggle('others', othersText(others, new Set(withdrawn.value.keys())), ' of this kind')}
      </div>
      <div id={panel} hidden={open === undefined}>
        {open === 'details' && finding && <Details model={model} finding={finding} />}
        {open === 'why' && finding && <Why model={model} finding={finding} />}
        {open === 'what-if' && finding && model.kind === 'regression' && <WhatIf model={model} finding={finding} />}
        {open === 'treated' && effects && <Treated effects={effects} />}
        {open === 'card' && <CardAttributes model={model} />}
        {open === 'others' && others.map((other) => <ModelBlock key={other.model.id} entry={other} />)}
      </div>
    </section>
  );
}

function Result(props: { model: RiskModel; evaluation: Evaluation | undefined; asking: boolean }) {
  const { model, evaluation, asking } = props;
  const reason = withdrawn.value.get(model.id);
  if (reason !== undefined) {
    return (
      <Face face="error" level={4} title={`${model.title}: number withdrawn`} code="twin-differs">
        <p>{reason}. No number is shown in its place.</p>
      </Face>
    );
  }
  switch (evaluation?.status) {
    case undefined:
      return <Head model={model} word="not run yet" />;
    case 'finding':
      return <Numbers model={model} finding={evaluation.finding} />;
    case 'failure':
      return (
        <Face face="error" level={4} title={`${model.title}: model unavailable`} code={evaluation.error.code}>
          <p>{evaluation.error.message}. No number is shown in its place.</p>
        </Face>
      );
    case 'not-applicable':
      return (
        <>
          {!asking && (
            <Head model={model} word={evaluation.because.code === 'on-request' ? 'on request' : 'does not apply'} />
          )}
          <p class="caption">{proseText(evaluation.because.text)}</p>
        </>
      );
    case 'data-required': {
      const lacking = requiredOf(evaluation.missing);
      const toAsk = lacking.filter(({ path }) => path.startsWith('asked.'));
      const fromChart = lacking.filter((missing) => !toAsk.includes(missing));
      return (
        <>
          {asking ? (
            <p class="caption">
              {toAsk.length > 0 ? `No number yet: ${toAsk.length} to answer` : 'No number: the chart lacks'}
            </p>
          ) : (
            <Head model={model} word={fromChart.length > 0 ? 'needs data' : `${toAsk.length} to answer`} />
          )}
          <ul class="rows">
            {fromChart.map((missing) => (
              <MissingRow key={missing.path} missing={missing} />
            ))}
          </ul>
        </>
      );
    }
  }
}

/** A model without a number: its name, its kind, and what stands in the number's place. */
function Head({ model, word }: { model: RiskModel; word: string }) {
  return (
    <div class="number">
      <h5>
        {model.title} <span class="kind">{kindWord[model.kind]}</span>
      </h5>
      <p>{word}</p>
    </div>
  );
}

function Numbers({ model, finding }: { model: RiskModel; finding: Finding }) {
  const [first] = finding.outcomes ?? [];
  const oldest = oldestOf(finding.basis);
  return (
    <>
      <div class="number">
        <h5>
          {first ? outcomeName(first) : model.title}
          <small>
            {modelName(model)} <span class="kind">{kindWord[model.kind]}</span>
          </small>
        </h5>
        {first && (
          <p>
            <Predicted of={first} />
            <small>{[first.word, whenText(first)].filter(Boolean).join(', ')}</small>
          </p>
        )}
      </div>
      {model.kind === 'onnx' && <PeopleBesideNumber model={model} finding={finding} />}
      {unconfirmed.value.has(model.id) && (
        <p class="caption">Not confirmed by its ONNX twin: {unconfirmed.value.get(model.id)}</p>
      )}
      <p class="caption">
        {oldest && `Oldest value ${dateText(oldest, Date.now())}. `}
        <b>Limit.</b> {firstSentence(finding.limitation)}
      </p>
    </>
  );
}

/** Everything else that the model says: its other numbers, the whole limit, its questions, inputs and sources. */
function Details({ model, finding }: { model: RiskModel; finding: Finding }) {
  const [, ...rest] = finding.outcomes ?? [];
  const whole = finding.limitation !== firstSentence(finding.limitation);
  return (
    <>
      {rest.length > 0 && (
        <ul class="rows">
          {rest.map((outcome) => (
            <li class="row" key={outcome.id}>
              <span class="row-main">{outcomeName(outcome)}</span>
              <span class="row-side">
                <Predicted of={outcome} />
                <small>{[outcome.word, whenText(outcome)].filter(Boolean).join(', ')}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
      {whole && (
        <p class="caption">
          <b>Limit.</b> {finding.limitation}
        </p>
      )}
      {model.kind === 'points' && <Points finding={finding} />}
      <Inputs basis={finding.basis} />
      <h4>Source</h4>
      <Citations citations={finding.citations} />
    </>
  );
}

/** How a score adds up. */
function Points({ finding }: { finding: Finding }) {
  return (
    <ul class="rows" aria-label="How it adds up">
      {finding.logic.map(({ text, value }) => (
        <li class="row" key={text}>
          <span class="row-main">{proseText(text)}</span>
          <span class="row-side">{value && proseText(value)}</span>
        </li>
      ))}
    </ul>
  );
}
