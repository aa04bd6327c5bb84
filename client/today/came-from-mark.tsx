/** On the card from which the clinician came: says so, and takes view and focus there, once. */
import { useEffect, useRef } from 'preact/hooks';
import { context } from '../state.ts';
import { fromCard } from './from-card.ts';
import './came-from.css';

/** The launch that was led to its card: never again while the clinician reads on. */
let led: string | undefined;

/** Below the strip, which stays in sight; nothing moves where the card is in view already, and nothing slides. */
function inView(card: HTMLElement | null | undefined): void {
  if (!card) return;
  card.style.scrollMarginTop = `${(document.querySelector('.strip')?.clientHeight ?? 0) + 8}px`;
  card.scrollIntoView({ block: 'nearest' });
}

/** Nothing on any other card. */
export function CameFromMark({ id }: { id: string }) {
  const mark = useRef<HTMLParagraphElement>(null);
  const found = fromCard.value;
  const here = (found?.is === 'shown' || found?.is === 'elsewhere') && found.recommendation.id === id;
  const launchId = context.value?.launchId;
  useEffect(() => {
    if (!here || led === launchId) return;
    led = launchId;
    inView(mark.current?.closest('article'));
    // Whoever is busy elsewhere already stays there.
    if (document.activeElement === document.body) mark.current?.focus({ preventScroll: true });
  }, [here, launchId]);
  if (!here) return null;
  return (
    <p class="came-from" tabIndex={-1} ref={mark}>
      The alert you came from
    </p>
  );
}
