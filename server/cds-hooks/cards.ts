/** Recommendations as CDS Hooks cards (H7–H9, H11). A card informs and opens the app; it suggests no order and does nothing by itself. */
import { randomUUID } from 'node:crypto';
import type { FromCard } from '../../launch/context.ts';
import type { Indicator, NotChecked, Recommendation } from '../../models/engine/evaluation.ts';
import { OVERRIDE_REASONS, REASON_SYSTEM } from './reasons.ts';

/** A card of CDS Hooks 2.0.1, as far as we use it. */
export interface Card {
  readonly uuid: string;
  readonly summary: string;
  readonly detail?: string;
  readonly indicator: Indicator;
  readonly source: { readonly label: string; readonly url: string };
  readonly overrideReasons?: readonly { readonly code: string; readonly system: string; readonly display: string }[];
  readonly links?: readonly {
    readonly label: string;
    readonly url: string;
    readonly type: 'smart';
    readonly appContext: string;
  }[];
}

const LONGEST_SUMMARY = 139;
const reasons = OVERRIDE_REASONS.map(({ code, display }) => ({ code, system: REASON_SYSTEM, display }));

/** Where cards lead: `origin` is ours; `refer` makes what a launch from a card will bring back. */
export interface Leading {
  readonly origin: string;
  readonly refer: (card: string, recommendation?: FromCard['recommendation']) => string;
}

export function cardOf({ id, from, summary, indicator, finding }: Recommendation, leading: Leading): Card {
  const uuid = randomUUID();
  const lines = [
    ...(finding.action ? [`**${plain(finding.action.text)}**`] : []),
    plain(finding.detail),
    ...finding.because.map(({ label, value, unit, effective }) =>
      plain(`${label}: ${value}${unit && unit !== '1' ? ` ${unit}` : ''}${effective ? ` (${effective.text})` : ''}`),
    ),
    `*${plain(finding.limitation)}*`,
  ];
  const [citation] = finding.citations;
  return {
    uuid,
    summary: short(summary),
    detail: lines.filter((line) => line !== '' && line !== '**').join('\n\n'),
    indicator,
    source: { label: citation ? short(`Attune: ${citation.text}`) : 'Attune', url: citation?.url ?? leading.origin },
    overrideReasons: reasons,
    links: [opens(leading.origin, leading.refer(uuid, { id, from }))],
  };
}

/** Said once when something kept the order from being checked: silence would read as safe. */
export function gapCard(gaps: readonly NotChecked[], { origin, refer }: Leading): Card {
  const uuid = randomUUID();
  return {
    uuid,
    summary: short(`Not checked: ${gaps.map(({ text }) => text).join(', ')}`),
    detail: gaps.map(({ text, reason }) => `- ${plain(text)}: ${plain(reason)}`).join('\n'),
    indicator: 'info',
    source: { label: 'Attune', url: origin },
    links: [opens(origin, refer(uuid))],
  };
}

/** H12: in place of an answer that would come too late. */
export function lateCard(origin: string): Card {
  return {
    uuid: randomUUID(),
    summary: 'Not checked: Attune could not look at this in time',
    indicator: 'info',
    source: { label: 'Attune', url: origin },
  };
}

function opens(origin: string, appContext: string) {
  return { label: 'Open Attune', url: `${origin}/launch`, type: 'smart', appContext } as const;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST_SUMMARY ? line : `${line.slice(0, LONGEST_SUMMARY - 1)}…`;
}

/** Text from a chart stays text: no HTML, no Markdown of its own. */
function plain(text: string): string {
  return text.replace(/[<>]/g, (sign) => (sign === '<' ? '&lt;' : '&gt;')).replace(/([\\`*_[\]])/g, '\\$1');
}
