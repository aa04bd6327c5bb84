/** The model card of a risk model, one tap from its result: every attribute as stated, absence included. */
import { useState } from 'preact/hooks';
import type { RiskModel } from '../../models/engine/library.ts';
import { library } from '../state.ts';
import { Icon } from '../ui/icon.tsx';

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

/** Every attribute of the card, in its own order. */
export function CardAttributes({ model }: { model: RiskModel }) {
  return (
    <dl class="card-attributes">
      {Object.entries(model.card).map(([name, value]) => (
        <div key={name}>
          <dt>{words(name)}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
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
