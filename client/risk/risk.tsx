/** Every risk model on this patient: its numbers, or why there is none. */
import type { Evaluation } from '../../models/engine/evaluation.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import { Citations, Inputs, MissingRow } from '../evidence/evidence.tsx';
import { ModelCardView } from '../evidence/model-card.tsx';
import { library, onnx, unconfirmed, withdrawn } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { horizonText, Predicted, proseText } from '../ui/measured.tsx';
import { WhatIf } from './what-if.tsx';

const kindWord: Readonly<Record<RiskModel['kind'], string>> = {
  regression: 'Equation',
  points: 'Points',
  onnx: 'Learned',
};

/** One block a model, those with a number first; they answer different questions and are not averaged. */
export function Risk({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const of = (model: RiskModel) => evaluations.find(({ id }) => id === model.id);
  const models = [...(library.value?.risk ?? [])].sort((a, b) => place(of(a)) - place(of(b)));
  return (
    <div class="risk">
      {models.map((model) => (
        <ModelBlock key={model.id} model={model} evaluation={of(model)} />
      ))}
      <p class="caption">They answer different questions; do not average them.</p>
    </div>
  );
}

const order: readonly Evaluation['status'][] = ['finding', 'data-required', 'failure', 'not-applicable'];

function place(evaluation: Evaluation | undefined): number {
  return evaluation ? order.indexOf(evaluation.status) : 1;
}

function ModelBlock({ model, evaluation }: { model: RiskModel; evaluation: Evaluation | undefined }) {
  return (
    <section class="model">
      <h4>
        {model.title} <span class="kind">{kindWord[model.kind]}</span>
      </h4>
      <Result model={model} evaluation={evaluation} />
      <ModelCardView id={model.id} />
    </section>
  );
}

function Result({ model, evaluation }: { model: RiskModel; evaluation: Evaluation | undefined }) {
  const reason = withdrawn.value.get(model.id);
  if (reason !== undefined) {
    return (
      <Face face="error" level={4} title="Number withdrawn" code="twin-differs">
        <p>{reason}. No number is shown in its place.</p>
      </Face>
    );
  }
  if (!evaluation)
    return <p class="caption">{onnx.value === 'failed' ? 'Did not run.' : 'Runs after Today; not run yet.'}</p>;
  switch (evaluation.status) {
    case 'finding':
      return <Numbers model={model} evaluation={evaluation} />;
    case 'not-applicable':
      return (
        <Face face="not-applicable" level={4} title="Does not apply">
          <p>{proseText(evaluation.because.text)}</p>
        </Face>
      );
    case 'data-required':
      return (
        <Face face="empty" level={4} title="Needs data">
          <ul class="rows">
            {evaluation.missing.map((missing) => (
              <MissingRow key={missing.path} missing={missing} />
            ))}
          </ul>
        </Face>
      );
    case 'failure':
      return (
        <Face face="error" level={4} title="The model did not run" code={evaluation.error.code}>
          <p>{evaluation.error.message}. No number is shown in its place.</p>
        </Face>
      );
  }
}

function Numbers({ model, evaluation }: { model: RiskModel; evaluation: Extract<Evaluation, { status: 'finding' }> }) {
  const { finding } = evaluation;
  const tried = model.inputs.some(({ whatIf }) => whatIf !== undefined);
  return (
    <>
      <ul class="rows">
        {(finding.outcomes ?? []).map((outcome) => (
          <li class="row" key={outcome.id}>
            <span class="row-main">
              {outcome.title}
              <small>{outcome.horizon ? `over ${horizonText(outcome.horizon)}` : 'now'}</small>
            </span>
            <span class="row-side">
              <Predicted of={outcome} />
              {outcome.word && <small>{outcome.word}</small>}
            </span>
          </li>
        ))}
      </ul>
      {unconfirmed.value.has(model.id) && (
        <p class="caption">Not confirmed by its ONNX twin: {unconfirmed.value.get(model.id)}</p>
      )}
      <p class="caption">
        <b>Limit.</b> {finding.limitation}
      </p>
      {model.kind === 'regression' && tried && (
        <details>
          <summary>What if these values were different</summary>
          <WhatIf model={model} finding={finding} />
        </details>
      )}
      <details>
        <summary>Inputs and source</summary>
        <Inputs basis={finding.basis} />
        <Citations citations={finding.citations} />
      </details>
    </>
  );
}
