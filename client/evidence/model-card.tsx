/** The model card of a risk model, one tap from its result: Model Facts on one page, then every attribute as stated, absence included. */
import { useEffect, useState } from 'preact/hooks';
import type { ModelCard, RiskModel } from '../../models/engine/library.ts';
import { latest, library, today } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { type CardFile, cardOf } from './card-file.ts';
import { type FileThatRan, fileThatRan, modelFactsOf } from './model-facts.ts';
import { PeopleLikeRow } from './people-like.tsx';

/** Nothing for knowledge that has no card (interactions and rules carry their sources themselves). */
export function ModelCardView({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  const model = library.value?.risk.find((risk) => risk.id === id);
  if (!model) return null;
  return (
    <section class="model-card">
      <button type="button" class="evidence-row" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="card" />
        <span>Model card: {model.title}</span>
        <Icon name={open ? 'down' : 'right'} />
      </button>
      {open && <CardAttributes model={model} />}
    </section>
  );
}

/** The card itself, fetched now. */
export function CardAttributes({ model }: { model: RiskModel }) {
  const [file, setFile] = useState<CardFile>();
  useEffect(() => {
    let gone = false;
    setFile(undefined);
    void cardOf(model).then((read) => gone || setFile(read));
    return () => {
      gone = true;
    };
  }, [model]);
  if (!file) return <p>Fetching the card.</p>;
  switch (file.is) {
    case 'unreachable':
      return <p>The card could not be fetched. Close it and open it again.</p>;
    case 'altered':
      return <p>The card that came is not the one this library was released with. It is not shown.</p>;
    case 'read':
      return <Card model={model} card={file.card} />;
  }
}

function Card({ model, card }: { model: RiskModel; card: ModelCard }) {
  const evaluation = (latest.value ?? today.value)?.evaluations.find(({ id }) => id === model.id);
  return (
    <>
      <PeopleLikeRow model={model} card={card} evaluation={evaluation} />
      {modelFactsOf(model, card).map(({ title, rows }) => (
        <section class="group" key={title}>
          <h4>{title}</h4>
          <dl class="card-attributes">
            {rows.map(({ name, text }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <FileRow file={fileThatRan(model, card)} ran={evaluation !== undefined && evaluation.status !== 'failure'} />
      <Whole card={card} />
    </>
  );
}

/** The digest that was checked before the file ran, and whether the card is of it. */
function FileRow({ file: { sha256, sameAsCard }, ran }: { file: FileThatRan; ran: boolean }) {
  return (
    <dl class="card-attributes">
      {sha256 && (
        <div>
          <dt>{ran ? 'Digest of the file' : 'Digest of the file, which did not run'}</dt>
          <dd class="mono">{sha256}</dd>
        </div>
      )}
      <div>
        <dt>Card</dt>
        <dd>{sameAsCard ? 'of this very version' : 'of ANOTHER file: its figures are not this model’s'}</dd>
      </div>
    </dl>
  );
}

/** Every attribute, in the card's own order. Long: made only when asked for. */
function Whole({ card }: { card: ModelCard }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        The whole card
      </button>
      {open && (
        <dl class="card-attributes">
          {Object.entries(card).map(([name, value]) => (
            <div key={name}>
              <dt>{words(name)}</dt>
              <dd>
                <Value value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

/** `intendedUse` as `Intended use`. */
function words(name: string): string {
  const spaced = name
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replaceAll(/[-_]/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function Value({ value }: { value: unknown }) {
  if (Array.isArray(value)) {
    return (
      <ul>
        {value.map((item, index) => (
          <li key={`${index} ${String(item)}`}>
            <Value value={item} />
          </li>
        ))}
      </ul>
    );
  }
  if (typeof value === 'object' && value !== null) {
    return (
      <dl>
        {Object.entries(value).map(([name, inner]) => (
          <div key={name}>
            <dt>{words(name)}</dt>
            <dd>
              <Value value={inner} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return <>{value === null || value === undefined || value === '' ? 'not stated' : String(value)}</>;
}
