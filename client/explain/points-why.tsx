/** Why a score has its number of points: the items that hold, against a person in whom none does. */
import type { Finding } from '../../models/engine/evaluation.ts';
import type { PointsModel } from '../../models/engine/library.ts';
import { valuesOf } from '../../models/engine/risk/inputs.ts';
import { pointContributions } from '../../models/engine/risk/points.ts';
import { outcomeText, proseText } from '../ui/measured.tsx';
import { BarTable } from './bars.tsx';
import './explain.css';

export function PointsWhy({ model, finding }: { model: PointsModel; finding: Finding }) {
  const [outcome] = finding.outcomes ?? [];
  if (!outcome) return null;
  const { held, items, total } = pointContributions(model, valuesOf(model.inputs, finding.basis));
  return (
    <div class="explain">
      <BarTable
        caption="Points, as the score adds them up"
        first={{ label: `Reference: none of its ${items} items`, text: outcomeText({ ...outcome, value: 0 }) }}
        groups={[
          {
            title: 'Items that hold',
            bars: held.map(({ label, points }) => ({ label: proseText(label), value: points })),
          },
        ]}
        last={{
          label: `This patient: ${held.length} of ${items} items`,
          text: outcomeText({ ...outcome, value: total }),
        }}
        written={(points) => `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points)}`}
      />
      <p class="caption">
        <b>Limit.</b> {finding.limitation}
      </p>
    </div>
  );
}
