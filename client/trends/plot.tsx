/** The course of one marker: its range, its values, what was left out, and the newest with unit and date at the right. */
import { type Point, upperOf } from '../../models/engine/injury/series.ts';
import { dayText } from '../../models/engine/injury/words.ts';
import { numberText, unitText } from '../ui/measured.tsx';
import { across, HEIGHT, percent, RIGHT, type Scale, type Span, scaleOf } from './axis.ts';
import type { Course } from './course.ts';

/** No result for longer than this is drawn as not known. */
const GAP = 180 * 86_400_000;

export function Plot({ series, span, changes }: { series: Course; span: Span; changes: readonly number[] }) {
  const { marker, leftOut } = series;
  const points = series.points.filter(({ at }) => at >= span.from);
  const left = leftOut.filter(({ at }) => at >= span.from);
  const last = points.at(-1);
  if (!last && left.length === 0) return null;
  const scale = scaleOf(
    [...points, ...(last ? [] : left)].flatMap(({ value }) => value ?? []),
    marker,
  );
  return (
    <div class="trend">
      <p class="trend-name">
        <b>{marker.label}</b>, {unitText(marker.unit)}
      </p>
      <svg class="trend-plot" width="100%" height={HEIGHT} role="img" aria-label={spoken(series, points, left.length)}>
        <Range series={series} scale={scale} last={last} />
        {changes.map((at) => (
          <line
            key={at}
            class="trend-change"
            x1={percent(across(at, span))}
            x2={percent(across(at, span))}
            y1="0"
            y2={HEIGHT}
          />
        ))}
        {points.slice(1).map((point, index) => {
          const from = points[index] ?? point;
          return (
            <line
              key={point.fact.source}
              class={point.at - from.at > GAP ? 'trend-line trend-gap' : 'trend-line'}
              x1={percent(across(from.at, span))}
              x2={percent(across(point.at, span))}
              y1={scale.up(from.value)}
              y2={scale.up(point.value)}
            />
          );
        })}
        {points.map((point) => (
          <circle
            key={point.fact.source}
            class="trend-point"
            cx={percent(across(point.at, span))}
            cy={scale.up(point.value)}
            r={point === last ? 5 : 3.5}
          />
        ))}
        {left.map(({ at, value, text }) => (
          <text
            key={`${at} ${text}`}
            class="trend-left-out"
            x={percent(across(at, span))}
            y={value === undefined ? 14 : Math.min(HEIGHT - 8, Math.max(14, scale.up(value) + 5))}
          >
            ×
          </text>
        ))}
        {last && <Newest point={last} series={series} scale={scale} />}
      </svg>
    </div>
  );
}

/** Where results usually lie, named. */
function Range({ series, scale, last }: { series: Course; scale: Scale; last: Point | undefined }) {
  const { marker } = series;
  const upper = last ? upperOf(last, marker) : marker.upper;
  const { lower } = marker;
  if (upper === undefined && lower === undefined) return null;
  const top = upper === undefined ? 0 : Math.max(0, scale.up(upper));
  const bottom = lower === undefined ? scale.up(0) : scale.up(lower);
  const name = [lower, upper].filter((limit) => limit !== undefined).map((limit) => numberText(limit, marker.fact));
  const words = lower === undefined ? `up to ${name[0]}` : upper === undefined ? `from ${name[0]}` : name.join('–');
  return (
    <>
      <rect
        class="trend-range"
        x="0"
        y={top}
        width={`${RIGHT}%`}
        height={Math.max(0, Math.min(HEIGHT, bottom) - top)}
      />
      <text
        class="trend-text"
        x="2%"
        y={upper === undefined ? Math.min(HEIGHT - 4, bottom + 12) : Math.max(12, top - 4)}
      >
        usual {words}
      </text>
    </>
  );
}

function Newest({ point, series, scale }: { point: Point; series: Course; scale: Scale }) {
  const y = Math.min(HEIGHT - 18, Math.max(12, scale.up(point.value)));
  return (
    <>
      <text class="trend-newest" x={`${RIGHT + 3}%`} y={y}>
        {numberText(point.value, series.marker.fact)} {unitText(series.marker.unit)}
      </text>
      <text class="trend-text" x={`${RIGHT + 3}%`} y={y + 15}>
        {dayText(point.fact.effective)}
      </text>
    </>
  );
}

/** The picture in words. */
function spoken({ marker }: Course, points: readonly Point[], leftOut: number): string {
  const [first] = points;
  const last = points.at(-1);
  const said = (point: Point) =>
    `${numberText(point.value, marker.fact)} ${unitText(marker.unit)} on ${dayText(point.fact.effective)}`;
  const out = leftOut === 0 ? '' : `; ${leftOut} left out`;
  if (!first || !last) return `${marker.label}: no usable value${out}`;
  if (first === last) return `${marker.label} ${said(last)}${out}`;
  const verb = last.value > first.value ? 'rose' : last.value < first.value ? 'fell' : 'went';
  return `${marker.label} ${verb} from ${said(first)} to ${said(last)}, ${points.length} values${out}`;
}
