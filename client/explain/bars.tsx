/** A difference as bars from one zero, each with its number: a table that can be read aloud. */
import type { Finding } from '../../models/engine/evaluation.ts';
import type { RiskModel } from '../../models/engine/library.ts';
import { outcomeText, valueText } from '../ui/measured.tsx';
import type { Explanation } from './explanation.ts';
import { pointsText } from './words.ts';

/** One line; `value` positive raises. */
export interface Bar {
  readonly label: string;
  readonly detail?: string;
  readonly value: number;
}

/** Lines under a heading; a group without lines is left out. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** An end of the sum: who, and the number. */
interface End {
  readonly label: string;
  readonly text: string;
}

/** Raising solid, lowering striped; from the first end at the top to the last at the bottom the lines add up. */
export function BarTable(props: {
  caption: string;
  first: End;
  groups: readonly BarGroup[];
  last: End;
  written: (value: number) => string;
}) {
  const { caption, first, groups, last, written } = props;
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const low = Math.min(0, ...values);
  const span = { low, width: Math.max(Math.max(0, ...values) - low, 1e-9) };
  return (
    <table class="bars">
      <caption>{caption}</caption>
      <colgroup>
        <col class="bars-label" />
        <col />
        <col class="bars-points" />
      </colgroup>
      <tbody>
        <tr>
          <th scope="row" colSpan={2}>
            {first.label}
          </th>
          <td>{first.text}</td>
        </tr>
        {groups.map((group) => (
          <Group key={group.title} group={group} span={span} written={written} />
        ))}
        <tr class="bars-sum">
          <th scope="row" colSpan={2}>
            {last.label}
          </th>
          <td>{last.text}</td>
        </tr>
      </tbody>
    </table>
  );
}

function Group(props: { group: BarGroup; span: { low: number; width: number }; written: (value: number) => string }) {
  const { group, span, written } = props;
  if (group.bars.length === 0) return null;
  const x = (value: number) => ((value - span.low) / span.width) * 100;
  return (
    <>
      <tr class="bars-group">
        <th scope="colgroup" colSpan={3}>
          {group.title}
        </th>
      </tr>
      {group.bars.map(({ label, detail, value }) => (
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
          <td>{written(value)}</td>
        </tr>
      ))}
    </>
  );
}

/** The difference from the reference person, in percentage points. */
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
  const treated = treatment && { label: treatment.labels.join(', '), value: treatment.value };
  const rest = others && {
    label: others.labels.length === 1 ? (others.labels[0] ?? '') : `${others.labels.length} others`,
    detail: others.labels.length === 1 ? '' : others.labels.join(', '),
    value: others.value,
  };
  return (
    <BarTable
      caption="Percentage points (pp) against the reference"
      first={{ label: reference, text: outcomeText({ ...outcome, value: contributions.reference }) }}
      groups={[
        { title: 'Can change', bars: lines.filter(({ changeable }) => changeable).map(bar) },
        { title: 'Cannot change much', bars: lines.filter(({ changeable }) => !changeable).map(bar) },
        { title: 'Treatment: associations, not effects', bars: treated ? [treated] : [] },
        { title: 'The rest', bars: rest ? [rest] : [] },
      ]}
      last={{ label: 'This patient', text: outcomeText(outcome) }}
      written={pointsText}
    />
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
