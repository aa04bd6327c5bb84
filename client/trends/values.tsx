/** The same values as a table: one row a day, newest first. */
import { dayText } from '../../models/engine/injury/words.ts';
import { numberText, proseText, unitText } from '../ui/measured.tsx';
import type { Course } from './course.ts';

/** More rows than this are a chart review, which the EHR does better. */
const ROWS = 12;

export function Values({ all, organ }: { all: readonly Course[]; organ: string }) {
  const days = [...new Set(all.flatMap(valuesOf).map(({ day }) => day))];
  const shown = days
    .map((day) => ({
      day,
      at: Math.max(...all.flatMap(valuesOf).flatMap((value) => (value.day === day ? [value.at] : []))),
    }))
    .sort((a, b) => b.at - a.at);
  return (
    <table class="trend-table">
      <caption>{organ}: values</caption>
      <thead>
        <tr>
          <th scope="col">Date</th>
          {all.map(({ marker }) => (
            <th scope="col" key={marker.fact}>
              {marker.label}, {unitText(marker.unit)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.slice(0, ROWS).map(({ day }) => (
          <tr key={day}>
            <th scope="row">{day}</th>
            {all.map((series) => (
              <td key={series.marker.fact}>{cell(series, day)}</td>
            ))}
          </tr>
        ))}
      </tbody>
      {shown.length > ROWS && (
        <tfoot>
          <tr>
            <td colSpan={all.length + 1}>{shown.length - ROWS} older days are in the chart</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

interface Value {
  readonly at: number;
  readonly day: string;
  readonly text: string;
}

function valuesOf({ marker, points, leftOut }: Course): readonly Value[] {
  return [
    ...points.map(({ at, value, fact }) => ({
      at,
      day: dayText(fact.effective),
      text: numberText(value, marker.fact),
    })),
    ...leftOut.map(({ at, day, text, why }) => ({ at, day, text: `× ${proseText(text)}: left out, ${why}` })),
  ];
}

function cell(series: Course, day: string): string {
  const values = valuesOf(series).filter((value) => value.day === day);
  return values.map(({ text }) => text).join(', ') || '–';
}
