/** Concentration over time: the most probable curve, its band, the doses and the levels. The sentence and table say the same. */
import type { Course } from '../../models/engine/dosing/course.ts';
import type { Gathered } from '../../models/engine/dosing/gather.ts';

const HOUR = 3_600_000;
/** Ends of the axis, mg/L: the first that holds everything. */
const ENDS = [20, 40, 60, 80, 120, 200];

export function CurvePicture({ course, gathered, drug }: { course: Course; gathered: Gathered; drug: string }) {
  const { curve, levels } = course;
  const last = curve.at(-1);
  if (!last) return <p class="caption">Nothing was given yet: no curve.</p>;
  const highest = Math.max(...curve.map(({ high }) => high), ...levels.map(({ value }) => value));
  const end = ENDS.find((candidate) => candidate >= highest) ?? highest;
  const x = (at: number) => ((at / last.at) * 100).toFixed(2);
  const y = (value: number) => (60 - (value / end) * 60).toFixed(2);
  const line = (of: (moment: (typeof curve)[number]) => number, points = curve) =>
    points.map((moment) => `${x(moment.at)},${y(of(moment))}`).join(' ');
  const time = (at: number) => new Date(gathered.zero + at * HOUR);
  const words = levels.map(({ at, value }) => `${value} mg/L on ${moment(time(at))}`);
  return (
    <figure class="course-figure">
      <svg
        viewBox="0 0 100 66"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${drug} concentration from ${moment(time(0))} to ${moment(time(last.at))}; levels ${words.join(', ') || 'none'}`}
      >
        <polygon
          class="course-band"
          points={`${line(({ high }) => high)} ${line(({ low }) => low, [...curve].reverse())}`}
        />
        <line class="course-now" x1={x(gathered.now)} x2={x(gathered.now)} y1="0" y2="60" />
        <polyline class="course-line" points={line(({ value }) => value)} />
        {course.infusions.map(({ at }) => (
          <line key={at} class="course-dose" x1={x(at)} x2={x(at)} y1="61" y2="66" />
        ))}
        {levels.map(({ at, value }) => (
          <line key={at} class="course-level" x1={x(at)} x2={x(at)} y1={y(value)} y2={y(value)} />
        ))}
      </svg>
      <figcaption>
        <span>{moment(time(0))}</span>
        <span>{moment(time(last.at))}</span>
      </figcaption>
      <p class="caption">
        Axis 0 to {end} mg/L. Dots: levels. Short lines: doses given. Dashed: now; after it, if the regimen goes on.
      </p>
      {words.length > 0 && <p class="caption">Levels: {words.join('; ')}.</p>}
    </figure>
  );
}

function moment(date: Date): string {
  return date.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}
