/** Try a medicine off, or one more: what every check would then say. Simulated, marked as such, never written anywhere. */
import { useEffect, useState } from 'preact/hooks';
import type { Evaluation, NotChecked } from '../../models/engine/evaluation.ts';
import type { Facts, MedicationFact } from '../../models/engine/facts/facts.ts';
import { type Change, difference } from '../../models/engine/plan/difference.ts';
import type { Added, Plan } from '../../models/engine/plan/plan.ts';
import { planText } from '../../models/engine/plan/text.ts';
import { CopyButton } from '../review/copy.tsx';
import { library, running } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { proseText } from '../ui/measured.tsx';
import { Tier } from '../ui/tier.tsx';
import './plan.css';

const NOTHING: Plan = { off: [], added: [] };

/** What the checks say of the plan, or how far they are. */
type Said =
  | { readonly is: 'chart' }
  | { readonly is: 'asking' }
  | { readonly is: 'failed'; readonly code: string }
  | { readonly is: 'said'; readonly changes: readonly Change[]; readonly notChecked: readonly NotChecked[] };

/** The medicines being taken with a tick each, a search, and what the difference would be. */
export function PlanBox({ facts, evaluations }: { facts: Facts; evaluations: readonly Evaluation[] }) {
  const [plan, setPlan] = useState<Plan>(NOTHING);
  const said = useSaid(plan, facts, evaluations);
  const taken = facts.medication.filter(({ state }) => state !== 'stopped' && state !== 'recently-stopped');
  const tried = plan.off.length + plan.added.length;
  const toggle = (medicine: MedicationFact) => {
    const [source = ''] = medicine.sources;
    const off = plan.off.includes(source) ? plan.off.filter((one) => one !== source) : [...plan.off, source];
    setPlan({ ...plan, off });
  };
  return (
    <section class="what-if plan" aria-label="Simulated: another medication list">
      <header>
        <p class="what-if-tag">
          <Icon name="swap" /> Simulated, not saved
        </p>
        <button type="button" class="quiet" disabled={tried === 0} onClick={() => setPlan(NOTHING)}>
          Reset to chart
        </button>
      </header>
      <fieldset>
        <legend>Untick to try a medicine off</legend>
        {taken.map((medicine) => (
          <label class="tick" key={medicine.sources.join()}>
            <input
              type="checkbox"
              checked={!plan.off.includes(medicine.sources[0] ?? '')}
              onChange={() => toggle(medicine)}
            />
            <span>
              {medicine.text}
              {medicine.resolution === 'unresolved' && <small>not recognised: changes no check</small>}
            </span>
          </label>
        ))}
        {plan.added.map((added, index) => (
          <label class="tick" key={`${added.text} ${added.ingredients.map(({ rxcui }) => rxcui).join()}`}>
            <input
              type="checkbox"
              checked
              onChange={() => setPlan({ ...plan, added: plan.added.filter((_, at) => at !== index) })}
            />
            <span>
              {added.text} <small>added here, by mouth or vein</small>
            </span>
          </label>
        ))}
      </fieldset>
      <Search add={(added) => setPlan({ ...plan, added: [...plan.added, added] })} />
      <div aria-live="polite">
        <Outcome said={said} />
      </div>
      {said.is === 'said' && tried > 0 && (
        <div class="buttons">
          <CopyButton
            text={planText({
              plan,
              medicines: facts.medication,
              changes: said.changes,
              notChecked: said.notChecked,
              library: { digest: library.value?.digest ?? 'unknown', asOf: library.value?.drugTable.asOf ?? 'unknown' },
              made: new Date().toISOString(),
            })}
          />
        </div>
      )}
    </section>
  );
}

/** Asks the worker about every plan; an answer that comes after a newer question is dropped. */
function useSaid(plan: Plan, facts: Facts, evaluations: readonly Evaluation[]): Said {
  const [said, setSaid] = useState<Said>({ is: 'chart' });
  useEffect(() => {
    if (plan === NOTHING || (plan.off.length === 0 && plan.added.length === 0)) return setSaid({ is: 'chart' });
    let current = true;
    setSaid({ is: 'asking' });
    void running.value?.plan({ facts, plan, now: Date.now() }).then(
      (judgement) => {
        if (!current) return;
        const changes = difference(evaluations, judgement.evaluations);
        setSaid({ is: 'said', changes, notChecked: judgement.prioritised.notChecked });
      },
      (error: Error) => current && setSaid({ is: 'failed', code: error.message }),
    );
    return () => {
      current = false;
    };
  }, [plan, facts, evaluations]);
  return said;
}

const WORDS: Readonly<Record<Change['is'], string>> = { new: 'New', changed: 'Changed', gone: 'No longer' };

function Outcome({ said }: { said: Said }) {
  switch (said.is) {
    case 'chart':
      return null;
    case 'asking':
      return <p class="caption">Checking</p>;
    case 'failed':
      return <p>Could not be checked ({said.code}). Nothing is known of this list.</p>;
    case 'said':
      return (
        <>
          <h5>What the checks would say</h5>
          {said.changes.length === 0 && <p>No check changes.</p>}
          <ul class="rows">
            {said.changes.map((change) => (
              <li key={`${change.is} ${change.finding.summary}`} class={`change-${change.is}`}>
                <p class="change">
                  <b>{WORDS[change.is]}</b> <Tier indicator={change.finding.indicator} />
                </p>
                <p>{proseText(change.finding.summary)}</p>
                {change.is === 'changed' && <p class="caption">Was: {proseText(change.before.summary)}</p>}
              </li>
            ))}
          </ul>
          <p class="caption">
            {said.notChecked.length > 0 && `${said.notChecked.length} not checked, as listed below. `}
            Nothing is ordered or stopped from here.
          </p>
        </>
      );
  }
}

/** By name, on this device: what is typed goes nowhere. */
function Search({ add }: { add: (added: Added) => void }) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly Added[] | undefined>();
  useEffect(() => {
    if (text.trim().length < 2) return setFound(undefined);
    let current = true;
    void running.value?.find(text).then(
      (list) => current && setFound(list),
      () => current && setFound([]),
    );
    return () => {
      current = false;
    };
  }, [text]);
  return (
    <div class="find">
      <label>
        What if I add …
        <input
          type="search"
          value={text}
          autocomplete="off"
          spellcheck={false}
          placeholder="name of a medicine"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      {found && found.length === 0 && (
        <p class="caption">No medicine of that name is known here: it cannot be checked.</p>
      )}
      {found && found.length > 0 && (
        <ul>
          {found.map((one) => (
            <li key={`${one.text} ${one.ingredients.map(({ rxcui }) => rxcui).join()}`}>
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  add(one);
                  setText('');
                }}
              >
                Add {one.text}
                {one.ingredients.length > 1 && ` (${one.ingredients.map(({ name }) => name).join(', ')})`}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
