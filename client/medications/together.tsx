/** What the medicines do together: every finding about them, gravest first, burdens with who adds to them. */
import type { Evaluation, Finding, Indicator } from '../../models/engine/evaluation.ts';
import { latest, opened, today } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import { proseText } from '../ui/measured.tsx';
import { Tier } from '../ui/tier.tsx';
import { OF_MEDICINES } from './kinds.ts';

const TIER: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };

/** A finding with the id of the recommendation that carries it. */
interface Shown {
  readonly id: string;
  readonly kind: Evaluation['kind'];
  readonly finding: Finding;
  readonly recommendation: string;
}

/** Findings of the medication list; one that was merged into another is told there, once. */
export function Together({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const shown = findingsOf(evaluations);
  if (shown.length === 0) return <p class="caption">Nothing found among the medicines that were recognised.</p>;
  return (
    <ul class="rows">
      {shown.map(({ id, kind, finding, recommendation }) => (
        <li key={id}>
          <Tier indicator={finding.indicator} />
          <button
            type="button"
            class="evidence-row"
            aria-haspopup="dialog"
            onClick={() => (opened.value = { what: 'evidence', id: recommendation })}
          >
            <span>{proseText(finding.summary)}</span>
            <Icon name="right" />
          </button>
          {kind === 'burden' && <Contributors finding={finding} />}
        </li>
      ))}
    </ul>
  );
}

/** Who adds to a burden, and by how much. */
function Contributors({ finding }: { finding: Finding }) {
  const parts = finding.logic.flatMap(({ text, held, value }) =>
    held === 'met' ? [value ? `${text} ${value}` : text] : [],
  );
  return <p class="caption">{parts.map(proseText).join(' · ')}</p>;
}

function findingsOf(evaluations: readonly Evaluation[]): readonly Shown[] {
  const judgement = latest.value ?? today.value;
  const all = judgement ? [...judgement.prioritised.today, ...judgement.prioritised.others] : [];
  const seen = new Set<string>();
  return evaluations
    .flatMap((evaluation): readonly Shown[] => {
      if (evaluation.status !== 'finding' || !OF_MEDICINES.has(evaluation.kind)) return [];
      const carrier = all.find(({ from }) => from.includes(evaluation.id));
      // Without a recommendation another one of its family stands for it.
      if (!carrier || seen.has(carrier.id)) return [];
      seen.add(carrier.id);
      return [{ id: evaluation.id, kind: evaluation.kind, finding: carrier.finding, recommendation: carrier.id }];
    })
    .sort((a, b) => TIER[a.finding.indicator] - TIER[b.finding.indicator]);
}
