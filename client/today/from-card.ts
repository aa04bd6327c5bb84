/** The CDS Hooks card that opened the app, found again in what was judged here, or honestly not (interop C6). */
import { computed } from '@preact/signals';
import type { FromCard } from '../../launch/context.ts';
import type { Recommendation } from '../../models/engine/evaluation.ts';
import { arrivals, belongs, context, type Judgement, latest, onnx, today } from '../state.ts';

/** Where the alert stands in this chart. `shown` is in Today's own list; `elsewhere` would have to be looked for. */
export type Found =
  | { readonly is: 'shown'; readonly recommendation: Recommendation }
  | { readonly is: 'elsewhere'; readonly recommendation: Recommendation }
  | Missing;

/** Why it is not among the cards. */
export type Missing =
  | { readonly is: 'held-back'; readonly because: string }
  | { readonly is: 'gone'; readonly hook: string; readonly notChecked: number }
  | { readonly is: 'not-checked' };

/** `undefined` where no card opened the app, and while it may still turn up. */
export const fromCard = computed<Found | undefined>(() => {
  const card = context.value?.card;
  const shown = today.value;
  if (!card || !shown || !belongs(shown)) return undefined;
  if (!card.recommendation) return { is: 'not-checked' };
  const inSight = [...shown.prioritised.today, ...arrivals.value.critical];
  const now = latest.value ?? shown;
  const seen = among(inSight, card.recommendation);
  if (seen) return { is: 'shown', recommendation: seen };
  const other = among(all(now), card.recommendation) ?? among(all(shown), card.recommendation);
  if (other) return { is: 'elsewhere', recommendation: other };
  // A trained model may still say it.
  if (onnx.value !== 'done' && onnx.value !== 'failed') return undefined;
  return missing(now, card);
});

function missing({ prioritised }: Judgement, { hook, recommendation }: FromCard): Missing {
  const held = prioritised.suppressed.find(({ id }) => id === recommendation?.id || recommendation?.from.includes(id));
  if (held) return { is: 'held-back', because: held.because };
  return { is: 'gone', hook, notChecked: prioritised.notChecked.length };
}

function all({ prioritised }: Judgement): readonly Recommendation[] {
  return [...prioritised.today, ...prioritised.others];
}

/** The same one; else one that was made of the same knowledge, where what it says has changed since. */
function among(
  recommendations: readonly Recommendation[],
  { id, from }: NonNullable<FromCard['recommendation']>,
): Recommendation | undefined {
  return (
    recommendations.find((one) => one.id === id) ??
    recommendations.find((one) => one.from.some((source) => from.includes(source)))
  );
}

/** What is said where the alert is not among the cards; `at` is when the chart was read. */
export function missingWords(found: Missing, at: string): string {
  switch (found.is) {
    case 'not-checked':
      return 'The alert you came from told what could not be checked. What this chart could not answer stands under “Not checked”.';
    case 'held-back':
      return `The alert you came from is held back in this chart as read at ${at}: ${found.because}`;
    case 'gone': {
      const order = found.hook !== 'patient-view';
      const words = order
        ? `The alert you came from was about an order being written. Nothing in this chart as read at ${at} says the same.`
        : `The alert you came from no longer applies to this chart as read at ${at}.`;
      if (found.notChecked === 0) return words;
      const things = found.notChecked === 1 ? 'One thing was' : `${found.notChecked} things were`;
      return order
        ? `${words} ${things} not checked; see below.`
        : `The alert you came from was not found again in this chart as read at ${at}. ${things} not checked; see below.`;
    }
  }
}
