/** When each medicine that could do it was taken, on the axis of the plots above. */
import type { MedicationFact } from '../../models/engine/facts/facts.ts';
import { dayText } from '../../models/engine/injury/words.ts';
import type { When } from '../../models/engine/measured.ts';
import { across, percent, type Span } from './axis.ts';

/** A start or an end within the span: where the plots have an upright. */
export interface Change {
  readonly at: number;
  /** `isoniazid started 6 Jul 2026` */
  readonly words: string;
}

export function changesOf(medicines: readonly MedicationFact[], span: Span): readonly Change[] {
  return medicines.flatMap((medicine) => {
    const { start, end, state } = medicine;
    const change = (when: When | undefined, at: number | undefined, word: string) =>
      when && at !== undefined && at > span.from && at < span.to
        ? [{ at, words: `${nameOf(medicine)} ${word} ${dayText(when)}` }]
        : [];
    return [...change(start, start?.start, 'started'), ...(state === 'active' ? [] : change(end, end?.end, 'stopped'))];
  });
}

function nameOf({ ingredients, text }: MedicationFact): string {
  return ingredients.map(({ name }) => name).join(' / ') || text;
}

export function MedicineBars({ medicines, span }: { medicines: readonly MedicationFact[]; span: Span }) {
  const drawn = medicines.filter(({ end, state }) => state === 'active' || end === undefined || end.end >= span.from);
  if (drawn.length === 0) return <p class="caption">No medicine on the list is known to do this.</p>;
  return (
    <div class="trend-bars">
      <p class="caption">Medicines that could do this</p>
      {drawn.map((medicine) => (
        <Bar key={medicine.sources.join()} medicine={medicine} span={span} />
      ))}
    </div>
  );
}

function Bar({ medicine, span }: { medicine: MedicationFact; span: Span }) {
  const { start, end } = medicine;
  const from = across(start?.start ?? span.from, span);
  const to = across(medicine.state === 'active' ? span.to : (end?.end ?? span.to), span);
  const earlier = start !== undefined && start.start < span.from;
  return (
    <div>
      <span class="trend-medicine">
        {nameOf(medicine)} <span class="hint">{taken(medicine)}</span>
      </span>
      <svg width="100%" height="14" aria-hidden="true">
        <rect
          class={start ? 'trend-bar' : 'trend-bar trend-bar-unknown'}
          x={percent(from)}
          y="3"
          width={percent(Math.max(0.8, to - from))}
          height="8"
        />
        {earlier && (
          <text class="trend-earlier" x="2%" y="12">
            ◂
          </text>
        )}
      </svg>
    </div>
  );
}

function taken({ start, end, state }: MedicationFact): string {
  const since = start ? `since ${dayText(start)}` : 'start not on file';
  if (end && state !== 'active') return start ? `${dayText(start)} to ${dayText(end)}` : `until ${dayText(end)}`;
  return state === 'on-hold' ? `${since}, on hold` : since;
}
