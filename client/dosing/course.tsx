/** The course of a drug whose level matters: what was given and measured, what follows with its band, and which regimens reach the target. */
import { useMemo, useState } from 'preact/hooks';
import type { Choice } from '../../models/engine/dosing/course.ts';
import { readyCourse } from '../../models/engine/dosing/evaluate.ts';
import type { Banded } from '../../models/engine/dosing/predict.ts';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { Facts, GivenFact, ObservationFact } from '../../models/engine/facts/facts.ts';
import type { Library, PharmacokineticModel } from '../../models/engine/library.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { library } from '../state.ts';
import { proseText } from '../ui/measured.tsx';
import './course.css';
import { CurvePicture } from './curve.tsx';
import { NOTHING_TYPED, type Typed, TypeIn } from './type-in.tsx';

/** One for each drug that has a model and is given; nothing where none is. */
export function Courses({ facts, evaluations }: { facts: Facts; evaluations: readonly Evaluation[] }) {
  const known = library.value;
  const models = known ? drugsGiven(known, evaluations) : [];
  if (!known || models.length === 0) return null;
  return (
    <>
      {models.map((model) => (
        <Course key={model.id} model={model} facts={facts} known={known} />
      ))}
    </>
  );
}

/** Of each drug the preferred model that speaks, or that says what it lacks. */
function drugsGiven(
  { pharmacokinetics = [] }: Library,
  evaluations: readonly Evaluation[],
): readonly PharmacokineticModel[] {
  const told = pharmacokinetics.filter(({ id }) =>
    evaluations.some(
      (evaluation) =>
        evaluation.id === id &&
        (evaluation.status !== 'not-applicable' || evaluation.because.code !== 'medicine-not-taken'),
    ),
  );
  const drugs = [...new Set(told.map(({ drug }) => drug.rxcui))];
  return drugs.flatMap((rxcui) => {
    const of = told.filter(({ drug }) => drug.rxcui === rxcui).sort((a, b) => a.order - b.order);
    const speaking = of.find(({ id }) => evaluations.some((one) => one.id === id && one.status === 'finding'));
    return speaking ?? of[0] ?? [];
  });
}

function Course({ model, facts, known }: { model: PharmacokineticModel; facts: Facts; known: Library }) {
  const [typed, setTyped] = useState<Typed>(NOTHING_TYPED);
  const now = useMemo(() => Date.now(), [facts, typed]);
  const ready = useMemo(() => {
    const all = withTyped(facts, model, typed);
    return readyCourse(model, {
      facts: all,
      library: known,
      now,
      resolver: createResolver({ facts: all, library: known, now }),
    });
  }, [facts, known, model, typed, now]);
  const [low, high] = model.target.area;
  return (
    <section class="course" aria-label={`Course of ${model.drug.name}`}>
      <h4>{capital(model.drug.name)}: levels and doses</h4>
      {ready.status === 'ready' && (
        <>
          <p>{sentence(model, ready.course.current, ready.course.levels.length)}</p>
          <CurvePicture course={ready.course} gathered={ready.gathered} drug={model.drug.name} />
          <table class="course-table">
            <caption>
              Predicted to reach {low} to {high} mg·h/L in 24 h ({model.target.for})
            </caption>
            <thead>
              <tr>
                <th scope="col">Regimen</th>
                <th scope="col">AUC, mg·h/L</th>
                <th scope="col">Trough, mg/L</th>
              </tr>
            </thead>
            <tbody>
              {ready.course.current && <Row choice={ready.course.current} words="Now: " />}
              {ready.course.choices.map((choice) => (
                <Row key={choice.regimen.every} choice={choice} />
              ))}
            </tbody>
          </table>
          {ready.course.choices.length === 0 && <p>No usual regimen is predicted to reach it.</p>}
          <p class="caption">In brackets: where 8 in 10 such people lie. {proseText(model.limitation)} Not an order.</p>
        </>
      )}
      {ready.status === 'not-applicable' && <p>{proseText(ready.because.text)}</p>}
      {ready.status === 'data-required' && (
        <p>No course without: {ready.missing.map(({ text }) => proseText(text)).join('; ')}.</p>
      )}
      {ready.status === 'failure' && <p>{ready.error.message}. No number is shown.</p>}
      <TypeIn typed={typed} change={setTyped} drug={model.drug.name} />
    </section>
  );
}

function Row({ choice, words = '' }: { choice: Choice; words?: string }) {
  const { mg, every } = choice.regimen;
  return (
    <tr>
      <th scope="row">
        {words}
        {mg.toLocaleString('en')} mg every {every} h
      </th>
      <td>{band(choice.area, 0)}</td>
      <td>{band(choice.trough, 1)}</td>
    </tr>
  );
}

function band({ value, low, high }: Banded, digits: number): string {
  return `${value.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

function sentence({ drug }: PharmacokineticModel, current: Choice | undefined, levels: number): string {
  const from =
    levels === 0
      ? 'predicted without a level'
      : `from ${levels} ${levels === 1 ? 'level' : 'levels'} and the doses given`;
  if (!current) return `What ${drug.name} would do in this patient, ${from}.`;
  return `On ${current.regimen.mg.toLocaleString('en')} mg every ${current.regimen.every} h: AUC ${band(current.area, 0)} mg·h/L in 24 h, ${from}.`;
}

/** What is typed here stands beside the chart's doses and levels for this picture only. */
function withTyped(facts: Facts, model: PharmacokineticModel, { doses, levels }: Typed): Facts {
  if (doses.length === 0 && levels.length === 0) return facts;
  const key = model.level.slice('observation.'.length);
  const moment = (at: number) => ({
    start: at,
    end: at,
    precision: 'instant' as const,
    text: new Date(at).toISOString(),
  });
  const given = doses.map(
    ({ at, value }): GivenFact => ({
      text: `${model.drug.name}, typed here`,
      ingredients: [model.drug],
      start: moment(at),
      dose: { value, unit: 'mg' },
      source: 'typed here',
    }),
  );
  const measured = levels.map(
    ({ at, value }): ObservationFact => ({
      path: model.level,
      value,
      unit: 'ug/mL',
      effective: moment(at),
      source: 'typed here',
      status: 'final',
    }),
  );
  return {
    ...facts,
    given: [...(facts.given ?? []), ...given].sort((a, b) => a.start.start - b.start.start),
    observation: { ...facts.observation, [key]: [...measured, ...(facts.observation[key] ?? [])] },
  };
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
