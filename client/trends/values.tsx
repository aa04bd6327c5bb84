/** The same values as a table: one row a day, newest first. */
import type { Series } from '../../models/engine/injury/series.ts';
import { numberText, unitText } from '../ui/measured.tsx';
import { dayText } from '../ui/when.ts';

/** More rows than this are a chart review, which the EHR does better. */
const ROWS = 12;

export function Values({ all, organ }: { all: readonly Series[]; organ: string }) {
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

function valuesOf({ marker, points, excluded }: Series): readonly Value[] {
  return [
    ...points.map(({ at, value }) => ({ at, day: dayText(at), text: numberText(value, marker.fact) })),
    ...excluded.map(({ fact, reason }) => ({
      at: fact.effective.start,
      day: dayText(fact.effective.start),
      text: `× ${fact.comparator ?? ''}${numberText(fact.value, marker.fact)} left out (${reason})`,
    })),
  ];
}

function cell(series: Series, day: string): string {
  const values = valuesOf(series).filter((value) => value.day === day);
  return values.map(({ text }) => text).join(', ') || '–';
}
