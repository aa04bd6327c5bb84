/** Below Today: the rest in sections that open on tap, what was not checked, and who says all this. */

import { useEffect } from 'preact/hooks';
import type { WriteOutcome } from '../../launch/api.ts';
import type { Evaluation, NotChecked, Outcome, Recommendation } from '../../models/engine/evaluation.ts';
import type { Facts, MedicationFact } from '../../models/engine/facts/facts.ts';
import { Evidence } from '../evidence/later.ts';
import { bringSources } from '../evidence/sources.ts';
import { type Gaps as GapList, gapsOf } from '../gaps/unlock.ts';
import { OF_MEDICINES } from '../medications/kinds.ts';
import { arrange } from '../risk/arrange.ts';
import { firstOutcome, outcomeName, whenText } from '../risk/words.ts';
import { belongs, context, latest, library, opened, outcomes, today, unconfirmed, withdrawn } from '../state.ts';
import { organsOf, worthDrawing } from '../trends/worth.ts';
import { Accordion } from '../ui/accordion.tsx';
import { Icon } from '../ui/icon.tsx';
import { later } from '../ui/later.tsx';
import { outcomeText, proseText } from '../ui/measured.tsx';
import { markPainted } from '../ui/painted.ts';
import { tierWord } from '../ui/tier.tsx';
import { Withdraw, Written } from '../write-back/later.ts';
import { writtenOf } from '../write-back.ts';

interface Shown {
  readonly facts: Facts;
  readonly evaluations: readonly Evaluation[];
}
const Risk = later<Pick<Shown, 'evaluations'>>(async () => (await import('../risk/risk.tsx')).Risk);
const Medications = later<Shown>(async () => (await import('../medications/medications.tsx')).Medications);
const Organs = later<Shown>(async () => (await import('../trends/organs.tsx')).Organs);
const Gaps = later<Shown>(async () => (await import('../gaps/gaps.tsx')).Gaps);

/** Appears with Today and not before it. */
export function EverythingElse() {
  const shown = today.value;
  useEffect(() => {
    if (!shown) return;
    markPainted('attune:today-settled');
    // A part, or a source, that did not arrive says so when it is opened.
    for (const part of [Evidence, Risk, Medications, Organs, Gaps, Written, Withdraw])
      void part.bring().catch(() => undefined);
    void bringSources().catch(() => undefined);
  }, [shown]);
  if (!shown || !belongs(shown)) return null;
  const now = latest.value ?? shown;
  const medicines = now.facts.medication;
  const findings = now.evaluations.filter(({ kind, status }) => OF_MEDICINES.has(kind) && status === 'finding').length;
  const gaps = gapsOf(now.facts, now.evaluations, library.value);
  const numbers = numbersOf(now.evaluations);
  const written = writtenOf(outcomes.value.values());
  const organs = organsOf(worthDrawing(library.value?.injuries ?? [], now));
  return (
    <section class="else" aria-label="Everything else">
      <h2>Everything else</h2>
      {shown.prioritised.others.length > 0 && (
        <Accordion
          id="others"
          icon="card"
          title="For information"
          hint={tierWords(shown.prioritised.others)}
          count={shown.prioritised.others.length}
        >
          {() => <Others recommendations={shown.prioritised.others} />}
        </Accordion>
      )}
      <Accordion id="risk" icon="risk" title="Risk" hint={riskHint(numbers)} count={numbers.length}>
        {() => <Risk evaluations={now.evaluations} />}
      </Accordion>
      <Accordion
        id="medicines"
        icon="pill"
        title="Medicines"
        hint={`${medicineHint(medicines)}, ${findings} ${findings === 1 ? 'finding' : 'findings'}`}
        count={medicines.length}
        // Opened, not scrolled to: what Today says comes first whatever the EHR had in mind (interop C6).
        open={context.value?.intent === 'reconcile-medications'}
      >
        {() => <Medications facts={now.facts} evaluations={now.evaluations} />}
      </Accordion>
      {organs.length > 0 && (
        <Accordion id="organs" icon="lab" title="Organs and labs" hint={organs.join(', ')} count={organs.length}>
          {() => <Organs facts={now.facts} evaluations={now.evaluations} />}
        </Accordion>
      )}
      <Accordion id="gaps" icon="square" title="Data gaps" hint={gapHint(gaps)} count={gaps.wanted.length}>
        {() => <Gaps facts={now.facts} evaluations={now.evaluations} />}
      </Accordion>
      {written.length > 0 && (
        <Accordion
          id="written"
          icon="card"
          title="Written from here"
          hint={writtenHint(written)}
          count={written.length}
        >
          {() => <Written outcomes={written} />}
        </Accordion>
      )}
      <NotCheckedBlock items={[...now.prioritised.notChecked, ...unconfirmedItems(now.evaluations)]} />
    </section>
  );
}

/** What the count does not say: how many of them are not in the chart, or perhaps not. */
function writtenHint(written: readonly WriteOutcome[]): string {
  const of = (state: WriteOutcome['state']) => written.filter((one) => one.state === state).length;
  const parts = [
    { count: of('proposed'), word: 'only proposed' },
    { count: of('withdrawn'), word: 'withdrawn' },
    { count: of('withdrawal-in-doubt'), word: 'in doubt' },
  ];
  return parts.flatMap(({ count, word }) => (count > 0 ? [`${count} ${word}`] : [])).join(', ');
}

function Others({ recommendations }: { recommendations: readonly Recommendation[] }) {
  return (
    <ul class="rows">
      {recommendations.map(({ id, summary, indicator }) => (
        <li key={id}>
          <button
            type="button"
            class="evidence-row"
            aria-haspopup="dialog"
            onClick={() => (opened.value = { what: 'evidence', id })}
          >
            <span>
              {proseText(summary)} <span class="hint">{tierWord[indicator]}</span>
            </span>
            <Icon name="right" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function tierWords(others: readonly Recommendation[]): string {
  const important = others.filter(({ indicator }) => indicator === 'warning').length;
  return important > 0 ? `${important} more important` : '';
}

/** The number of each question that has one, in the order of the Risk section. */
function numbersOf(evaluations: readonly Evaluation[]): readonly Outcome[] {
  if (!library.value) return [];
  const gone = new Set(withdrawn.value.keys());
  const { numbers } = arrange({ library: library.value, evaluations, withdrawn: gone });
  return numbers.flatMap(({ items }) =>
    items.flatMap(({ lead }) => {
      const outcome = gone.has(lead.model.id) ? undefined : firstOutcome(lead.evaluation);
      return outcome ? [outcome] : [];
    }),
  );
}

/** The first of them in one line: what, number, horizon. */
function riskHint([first]: readonly Outcome[]): string {
  return first ? `${outcomeName(first)} ${outcomeText(first)}${first.horizon ? ` ${whenText(first)}` : ''}` : '';
}

function gapHint({ wanted, unread, sources }: GapList): string {
  const unusable = unread.reduce((sum, { entries }) => sum + entries.length, 0);
  const parts = [
    sources.length > 0 ? `${sources.length} not read in full` : '',
    wanted.length > 0 ? `${wanted.length} missing` : '',
    unusable > 0 ? `${unusable} not usable` : '',
  ];
  return parts.filter((part) => part !== '').join(', ') || 'none found';
}

function medicineHint(medicines: readonly MedicationFact[]): string {
  const active = medicines.filter(({ state }) => state === 'active').length;
  const unresolved = medicines.filter(({ resolution }) => resolution === 'unresolved').length;
  return `${active} active${unresolved > 0 ? `, ${unresolved} not recognised` : ''}`;
}

/** Numbers that could not be confirmed by the second implementation are named with the rest. */
function unconfirmedItems(evaluations: readonly Evaluation[]): readonly NotChecked[] {
  return [...unconfirmed.value].map(([id, reason]) => {
    const title = evaluations.find((evaluation) => evaluation.id === id)?.title ?? id;
    return { text: `${title}: not confirmed by its ONNX twin`, reason };
  });
}

/** Always shown: what a quiet screen must not be read to cover. */
function NotCheckedBlock({ items }: { items: readonly NotChecked[] }) {
  const always = `Drugs are known as of RxNorm ${library.value?.drugTable.asOf ?? 'unknown'}. Herbal and over-the-counter products are checked only if the chart lists them.`;
  return (
    <section class="not-checked">
      <h3>
        <Icon name="unknown" /> Not checked{items.length > 0 && ` (${items.length})`}
      </h3>
      <dl>
        {items.map(({ text, reason }) => (
          <div key={text}>
            <dt>{proseText(text)}</dt>
            <dd>{proseText(reason)}</dd>
          </div>
        ))}
      </dl>
      <p class="caption">{always}</p>
    </section>
  );
}
