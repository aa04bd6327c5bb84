/** The questions of one model, each answered in one tap. None is answered beforehand. */
import { useState } from 'preact/hooks';
import type { RiskModel } from '../../models/engine/library.ts';
import { type Question, questionsOf } from '../../models/engine/risk/questions.ts';
import { answersNow, onnx } from '../state.ts';
import { unitText } from '../ui/measured.tsx';
import { clockText } from '../ui/when.ts';
import { answer, keyOf, takeBack } from './answers.ts';

/** The question a model is offered by stands alone until it is answered; then come the others. */
export function Questions({ model }: { model: RiskModel }) {
  const questions = shownQuestions(model, (path) => answersNow()[keyOf(path)]?.value);
  if (questions.length === 0) return null;
  return (
    <div class="questions">
      {questions.map((question) => (
        <OneQuestion key={question.path} question={question} />
      ))}
      {onnx.value === 'failed' && <p class="caption">What you answered could not be evaluated.</p>}
      <p class="caption">Kept for this launch only; not written to the chart.</p>
    </div>
  );
}

/** Which questions stand on the screen now. */
export function shownQuestions(
  model: RiskModel,
  answered: (path: string) => number | string | undefined,
): readonly Question[] {
  const questions = questionsOf(model);
  const gates = (model.population.onlyWith ?? []).flatMap(({ facts }) => facts);
  const closed = questions.filter(
    ({ path }) => gates.includes(path) && [undefined, 'no'].includes(word(answered(path))),
  );
  return closed.length > 0 ? closed : questions;
}

function word(value: number | string | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function OneQuestion({ question }: { question: Question }) {
  const { path, choices } = question;
  const given = answersNow()[keyOf(path)];
  return (
    <fieldset class="question">
      <legend>{question.question}</legend>
      <small>
        {given
          ? `Answered by you ${clockText(given.at)}`
          : question.required
            ? 'Not answered'
            : 'Not answered, may be left out'}
      </small>
      <div class="choices">
        {choices ? (
          choices.map(({ value, label }) => (
            <button
              type="button"
              key={value}
              aria-pressed={given?.value === value}
              onClick={() => answer(path, value, Date.now())}
            >
              {label}
            </button>
          ))
        ) : (
          <NumberAnswer question={question} given={given?.value} />
        )}
        {given && (
          <button
            type="button"
            class="quiet"
            onClick={(event) => {
              // This button goes away; the keyboard stays with its question.
              event.currentTarget.closest('fieldset')?.querySelector<HTMLElement>('button, input')?.focus();
              takeBack(path);
            }}
          >
            Take back
          </button>
        )}
      </div>
    </fieldset>
  );
}

function NumberAnswer({ question, given }: { question: Question; given: number | string | undefined }) {
  const [typed, setTyped] = useState(given === undefined ? '' : String(given));
  const value = typed.trim() === '' ? Number.NaN : Number(typed.replace(',', '.'));
  return (
    <>
      <label class="number-answer">
        <span class="visually-hidden">{question.question}</span>
        <input
          type="text"
          inputMode="decimal"
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />{' '}
        {unitText(question.unit)}
      </label>
      <button
        type="button"
        disabled={!Number.isFinite(value) || value === given}
        onClick={() => answer(question.path, value, Date.now())}
      >
        Use
      </button>
    </>
  );
}
