/** Below Today: the rest in sections that open on tap, what was not checked, and who says all this. */

import { useEffect } from 'preact/hooks';
import type { Evaluation, NotChecked, Recommendation } from '../../models/engine/evaluation.ts';
import type { MedicationFact } from '../../models/engine/facts/facts.ts';
import { Gaps, gapsOf } from '../gaps/gaps.tsx';
import { Medications } from '../medications/medications.tsx';
import { Risk } from '../risk/risk.tsx';
import { belongs, latest, library, opened, today, unconfirmed, withdrawn } from '../state.ts';
import { Accordion } from '../ui/accordion.tsx';
import { Icon } from '../ui/icon.tsx';
import { outcomeText, proseText } from '../ui/measured.tsx';
import { markPainted } from '../ui/painted.ts';
import { tierWord } from '../ui/tier.tsx';

/** Appears with Today and not before it. */
export function EverythingElse() {
  const shown = today.value;
  useEffect(() => {
    if (shown) markPainted('attune:today-settled');
  }, [shown]);
  if (!shown || !belongs(shown)) return null;
  const now = latest.value ?? shown;
  const medicines = now.facts.medication;
  const interactions = now.evaluations.filter(
    ({ kind, status }) => kind === 'interaction' && status === 'finding',
  ).length;
  const gaps = gapsOf(now.facts, now.evaluations);
  const gapCount = gaps.missing.length + gaps.unread.length + gaps.sources.length;
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
      <Accordion
        id="risk"
        icon="risk"
        title="Risk"
        hint={riskHint(now.evaluations)}
        count={now.evaluations.filter(({ kind, status }) => kind === 'risk' && status === 'finding').length}
      >
        {() => <Risk evaluations={now.evaluations} />}
      </Accordion>
      <Accordion
        id="medicines"
        icon="pill"
        title="Medicines"
        hint={`${medicineHint(medicines)}, ${interactions} ${interactions === 1 ? 'interaction' : 'interactions'}`}
        count={medicines.length}
      >
        {() => <Medications medicines={medicines} />}
      </Accordion>
      <Accordion id="gaps" icon="square" title="Data gaps" hint={gapHint(gaps)} count={gapCount}>
        {() => <Gaps facts={now.facts} evaluations={now.evaluations} />}
      </Accordion>
      <NotCheckedBlock items={[...now.prioritised.notChecked, ...unconfirmedItems(now.evaluations)]} />
    </section>
  );
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

/** The longest-looking risk, in one line: title, number, horizon. */
function riskHint(evaluations: readonly Evaluation[]): string {
  const lead = evaluations.find(
    (evaluation) =>
      evaluation.status === 'finding' &&
      evaluation.finding.outcomes?.[0]?.unit === '1' &&
      !withdrawn.value.has(evaluation.id),
  );
  const outcome = lead?.status === 'finding' ? lead.finding.outcomes?.[0] : undefined;
  return outcome && lead ? `${outcome.title} ${outcomeText(outcome)}` : '';
}

function gapHint({ missing, unread, sources }: ReturnType<typeof gapsOf>): string {
  const parts = [
    sources.length > 0 ? `${sources.length} not read in full` : '',
    missing.length > 0 ? `${missing.length} missing` : '',
    unread.length > 0 ? `${unread.length} not usable` : '',
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
          <div key={`${text} ${reason}`}>
            <dt>{proseText(text)}</dt>
            <dd>{proseText(reason)}</dd>
          </div>
        ))}
      </dl>
      <p class="caption">{always}</p>
    </section>
  );
}
