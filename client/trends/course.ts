/** What is drawn of one marker: its values, and those that were left out with the reason. */
import type { Facts, Unread } from '../../models/engine/facts/facts.ts';
import type { Series } from '../../models/engine/injury/series.ts';
import { dayText } from '../../models/engine/injury/words.ts';
import { unreadWord } from '../gaps/reasons.ts';

/** A result that nothing is judged by. Without a number it has a day and words only. */
export interface LeftOut {
  readonly at: number;
  readonly day: string;
  readonly value?: number;
  /** `8.4 mmol/L`, `Hemolyzed`: as the chart has it. */
  readonly text: string;
  readonly why: string;
}

export interface Course extends Series {
  readonly leftOut: readonly LeftOut[];
}

/** Replaced, withdrawn or not this patient's: no result of this course. */
const NO_RESULT: ReadonlySet<Unread['reason']> = new Set([
  'superseded',
  'entered-in-error',
  'other-patient',
  'restricted',
]);

export function courseOf(series: Series, { unread }: Pick<Facts, 'unread'>): Course {
  const { marker, excluded } = series;
  return {
    ...series,
    leftOut: [
      ...excluded.map(({ fact, reason }) => ({
        at: fact.effective.start,
        day: dayText(fact.effective),
        value: fact.value,
        text: `${fact.comparator ?? ''}${fact.value} ${fact.unit}`,
        why: reason,
      })),
      ...unread.flatMap(({ path, effective, reason, text }) =>
        path === marker.fact && effective && !NO_RESULT.has(reason)
          ? [{ at: effective.start, day: dayText(effective), text: text ?? 'no value', why: unreadWord[reason] }]
          : [],
      ),
    ],
  };
}
