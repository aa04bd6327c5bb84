/** The difference from the reference person as bars from one zero, each with its number: a table that can be read aloud. */
import type { Finding } from '../../models/engine/evaluation.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import { outcomeText, valueText } from '../ui/measured.tsx';
import type { Explanation } from './explanation.ts';
import { pointsText } from './words.ts';

interface Bar {
  readonly label: string;
  readonly detail: string;
  readonly value: number;
}

/** Raising solid, lowering striped; from the reference at the top to the patient at the bottom the ends add up. */
export function Bars(props: {
  explanation: Explanation;
  model: RiskModel;
  finding: Pick<Finding, 'basis'>;
  reference: string;
}) {
  const { explanation, reference } = props;
  const { contributions, outcome } = explanation;
  const { lines, treatment, others } = contributions;
  const bar = (line: (typeof lines)[number]): Bar => ({
    ...line,
    detail: line.names.map((name) => detailOf(name, props)).join('; '),
  });
  const changeable = lines.filter((line) => line.changeable).map(bar);
  const fixed = lines.filter((line) => !line.changeable).map(bar);
  const treated = treatment && { label: treatment.labels.join(', '), detail: '', value: treatment.value };
  const rest = others && {
    label: others.labels.length === 1 ? (others.labels[0] ?? '') : `${others.labels.length} others`,
    detail: others.labels.length === 1 ? '' : others.labels.join(', '),
    value: others.value,
  };
  const drawn = [...changeable, ...fixed, ...(treated ? [treated] : []), ...(rest ? [rest] : [])];
  const low = Math.min(0, ...drawn.map(({ value }) => value));
  const high = Math.max(0, ...drawn.map(({ value }) => value));
  const span = { low, width: Math.max(high - low, 1e-9) };
  return (
    <table class="bars">
      <caption>Percentage points (pp) against the reference</caption>
      <colgroup>
        <col class="bars-label" />
        <col />
        <col class="bars-points" />
      </colgroup>
      <tbody>
        <tr>
          <th scope="row" colSpan={2}>
            {reference}
          </th>
          <td>{outcomeText({ ...outcome, value: contributions.reference })}</td>
        </tr>
        <Group title="Can change" bars={changeable} span={span} />
        <Group title="Cannot change much" bars={fixed} span={span} />
        <Group title="Treatment: associations, not effects" bars={treated ? [treated] : []} span={span} />
        <Group title="The rest" bars={rest ? [rest] : []} span={span} />
        <tr class="bars-sum">
          <th scope="row" colSpan={2}>
            This patient
          </th>
          <td>{outcomeText(outcome)}</td>
        </tr>
      </tbody>
    </table>
  );
}

function Group(props: { title: string; bars: readonly Bar[]; span: { low: number; width: number } }) {
  const { title, bars, span } = props;
  if (bars.length === 0) return null;
  const x = (value: number) => ((value - span.low) / span.width) * 100;
  return (
    <>
      <tr class="bars-group">
        <th scope="colgroup" colSpan={3}>
          {title}
        </th>
      </tr>
      {bars.map(({ label, detail, value }) => (
        <tr key={label}>
          <th scope="row">
            {label}
            {detail && <small>{detail}</small>}
          </th>
          <td>
            <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <line class="bar-zero" x1={x(0)} x2={x(0)} y1="0" y2="10" />
              <line class={value > 0 ? 'bar-up' : 'bar-down'} x1={x(0)} x2={x(value)} y1="5" y2="5" />
            </svg>
          </td>
          <td>{pointsText(value)}</td>
        </tr>
      ))}
    </>
  );
}

/** The patient's own value and the reference's. */
function detailOf(name: string, props: Parameters<typeof Bars>[0]): string {
  const { explanation, model, finding } = props;
  const binding = model.inputs.find((input) => input.name === name);
  const own = binding && finding.basis.used.find(({ path }) => path === binding.fact);
  if (!binding || !own) return '';
  const { unit, fact: path, codes } = binding;
  const compared = explanation.reference.values[name];
  const used = explanation.values[name];
  if (codes || compared === undefined || used === undefined) return valueText(own);
  const written = (value: number) => valueText({ value, path, ...(unit ? { unit } : {}) });
  return `${written(used)}; reference ${written(compared)}`;
}
