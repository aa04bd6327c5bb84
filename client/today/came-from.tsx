/** What became of the alert that the clinician came from, where Today does not show it by itself. */
import { chart } from '../state.ts';
import { clockText } from '../ui/when.ts';
import { Card } from './card.tsx';
import { fromCard, missingWords } from './from-card.ts';

/** Over the cards: the alert's own card, or a line that says why there is none. */
export function CameFrom() {
  const found = fromCard.value;
  if (!found || found.is === 'shown') return null;
  if (found.is === 'elsewhere') return <Card recommendation={found.recommendation} unfolded />;
  return (
    <p class="came-from" role="status">
      {missingWords(found, chart.value ? clockText(chart.value.at) : 'an unknown time')}
    </p>
  );
}
