/** Doses and levels that the chart does not hold: typed here, for this picture, kept nowhere. */
import { useState } from 'preact/hooks';

/** ms since the epoch; mg for a dose, mg/L for a level */
export interface Entry {
  readonly at: number;
  readonly value: number;
}

export interface Typed {
  readonly doses: readonly Entry[];
  readonly levels: readonly Entry[];
}

export const NOTHING_TYPED: Typed = { doses: [], levels: [] };

export function TypeIn({ typed, change, drug }: { typed: Typed; change: (typed: Typed) => void; drug: string }) {
  const count = typed.doses.length + typed.levels.length;
  return (
    <details class="type-in">
      <summary>Type in a dose or a level that is not in the chart</summary>
      <EntryForm
        what={`Dose of ${drug}`}
        unit="mg"
        most={4000}
        add={(entry) => change({ ...typed, doses: [...typed.doses, entry] })}
      />
      <EntryForm
        what="Level"
        unit="mg/L"
        most={200}
        add={(entry) => change({ ...typed, levels: [...typed.levels, entry] })}
      />
      {count > 0 && (
        <p class="what-if-tag">
          {count} typed here, not in the chart and not saved{' '}
          <button type="button" class="quiet" onClick={() => change(NOTHING_TYPED)}>
            Remove
          </button>
        </p>
      )}
    </details>
  );
}

function EntryForm(props: { what: string; unit: string; most: number; add: (entry: Entry) => void }) {
  const { what, unit, most, add } = props;
  const [when, setWhen] = useState('');
  const [value, setValue] = useState('');
  const at = Date.parse(when);
  const number = Number(value);
  const usable = Number.isFinite(at) && at <= Date.now() && number > 0 && number <= most;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!usable) return;
        add({ at, value: number });
        setWhen('');
        setValue('');
      }}
    >
      <label>
        {what}, {unit}
        <input
          type="number"
          inputMode="decimal"
          min="0"
          max={most}
          step="any"
          value={value}
          onInput={({ currentTarget }) => setValue(currentTarget.value)}
        />
      </label>
      <label>
        at
        <input type="datetime-local" value={when} onInput={({ currentTarget }) => setWhen(currentTarget.value)} />
      </label>
      <button type="submit" disabled={!usable}>
        Add
      </button>
    </form>
  );
}
