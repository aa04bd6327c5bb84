/** Risk: the numbers that there are, one a question, then what can be asked for, what waits, and what does not apply. */
import type { ComponentChildren } from 'preact';
import type { Evaluation } from '../../models/engine/evaluation.ts';
import { MissingRow } from '../evidence/evidence.tsx';
import { library, onnx, withdrawn } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { outcomeText, proseText } from '../ui/measured.tsx';
import { arrange, type Entry, requiredOf } from './arrange.ts';
import { ModelBlock } from './model-block.tsx';
import { firstOutcome } from './words.ts';
import '../gaps/gaps.css';
import './risk.css';

/** They answer different questions and are not averaged; the order is that of `arrange.ts`. */
export function Risk({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const knowledge = library.value;
  if (!knowledge) return null;
  const { numbers, onRequest, waiting, silent } = arrange({
    library: knowledge,
    evaluations,
    withdrawn: new Set(withdrawn.value.keys()),
  });
  return (
    <div class="risk">
      {numbers.length === 0 && <p>No model gives a number for this patient.</p>}
      {numbers.map(({ title, items }) => (
        <section key={title} class="topic">
          <h4>{title}</h4>
          {items.map(({ id, lead, others }) => (
            <ModelBlock key={id} entry={lead} others={others} />
          ))}
        </section>
      ))}
      {numbers.length > 0 && <p class="caption">They answer different questions; do not average them.</p>}
      {onRequest.map(({ title, items }) => (
        <Fold key={title} title={title} hint={`${items.length} on request`}>
          {items.map((entry) => (
            <OnRequest key={entry.model.id} entry={entry} />
          ))}
        </Fold>
      ))}
      {waiting.length > 0 && (
        <Fold title="Waiting for data" hint={String(waiting.length)}>
          {waiting.map((entry) => (
            <Waiting key={entry.model.id} entry={entry} />
          ))}
        </Fold>
      )}
      {silent.length > 0 && (
        <Fold title="Do not apply" hint={String(silent.length)}>
          <ul class="rows">
            {silent.map(({ model, evaluation }) => (
              <li class="row" key={model.id}>
                <Icon name="dash" />
                <span class="row-main">
                  {model.title}
                  <small>{evaluation?.status === 'not-applicable' && proseText(evaluation.because.text)}</small>
                </span>
              </li>
            ))}
          </ul>
        </Fold>
      )}
    </div>
  );
}

/** A list that opens on tap. */
export function Fold({ title, hint, children }: { title: string; hint: string; children: ComponentChildren }) {
  return (
    <details class="fold">
      <summary>
        {title} <span class="hint">{hint}</span>
      </summary>
      {children}
    </details>
  );
}

/** A score under its name; what it says stands beside the name once it says something. */
function OnRequest({ entry }: { entry: Entry }) {
  return (
    <details class="fold offered">
      <summary>
        {entry.model.title} <span class="hint">{standing(entry)}</span>
      </summary>
      <ModelBlock entry={entry} offered />
    </details>
  );
}

function standing({ model, evaluation }: Entry): string {
  const outcome = withdrawn.value.has(model.id) ? undefined : firstOutcome(evaluation);
  if (outcome) return [outcomeText(outcome), outcome.word].filter(Boolean).join(', ');
  if (evaluation?.status !== 'not-applicable') return '';
  return proseText(evaluation.because.text).replace(/^Offered on request: /, '');
}

/** What a model lacks, each by its face of absence, and what the clinician could say. */
function Waiting({ entry }: { entry: Entry }) {
  const { model, evaluation } = entry;
  return (
    <section class="model">
      <h5>{model.title}</h5>
      {!evaluation && (
        <p class="caption">{onnx.value === 'failed' ? 'Did not run.' : 'Runs after Today; not run yet.'}</p>
      )}
      {evaluation?.status === 'not-applicable' && <p class="caption">{proseText(evaluation.because.text)}</p>}
      {evaluation?.status === 'data-required' && (
        <ul class="rows">
          {requiredOf(evaluation.missing)
            .filter(({ path }) => !path.startsWith('asked.'))
            .map((missing) => (
              <MissingRow key={missing.path} missing={missing} />
            ))}
        </ul>
      )}
    </section>
  );
}
