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

/** The burden's own lines come first; those of the pairs in it are in the evidence. */
const MOST_PARTS = 6;

/** Who adds to a burden, and by how much. */
function Contributors({ finding }: { finding: Finding }) {
  const parts = finding.logic.filter(({ held }) => held === 'met').map(({ text }) => text);
  return <p class="caption">{parts.slice(0, MOST_PARTS).map(proseText).join(' · ')}</p>;
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
      const lead = evaluations.find(({ id }) => id === carrier.from[0]) ?? evaluation;
      return [{ id: evaluation.id, kind: lead.kind, finding: carrier.finding, recommendation: carrier.id }];
    })
    .sort((a, b) => TIER[a.finding.indicator] - TIER[b.finding.indicator]);
}
