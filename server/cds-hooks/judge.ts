/** From the chart and the drafts of a hook call to what has to be said: the same engine and library as in the browser (H15). */
import { evaluate } from '../../models/engine/evaluate.ts';
import type { Evaluation, Indicator, NotChecked, Recommendation } from '../../models/engine/evaluation.ts';
import type { CodeMap } from '../../models/engine/facts/code-map.ts';
import type { DrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Facts } from '../../models/engine/facts/facts.ts';
import { readFacts } from '../../models/engine/facts/read.ts';
import type { Library } from '../../models/engine/library.ts';
import { prioritise } from '../../models/engine/prioritise.ts';
import type { Runtime } from '../../models/engine/runtime.ts';
import type { HookChart } from './chart.ts';
import type { DraftOrders } from './orders.ts';
import type { Hook } from './request.ts';

/** Warnings beside a choice; more than this nobody reads there, and the app has them all. */
const WARNINGS = 3;
const TIER: Readonly<Record<Indicator, number>> = { critical: 2, warning: 1, info: 0 };

/** What the engine needs besides the chart. */
export interface Knowledge {
  readonly library: Library;
  readonly drugs: DrugTable;
  readonly runtime: Runtime;
}

/** What has to be said at this hook, in order, and what a silence does not cover. */
export interface Judged {
  readonly recommendations: readonly Recommendation[];
  readonly notChecked: readonly NotChecked[];
}

/** One call to be judged. `now` in milliseconds. */
export interface Call {
  readonly hook: Hook;
  readonly patientId: string;
  readonly chart: HookChart;
  readonly drafts: DraftOrders;
  readonly now: number;
  readonly timeZone?: string;
  readonly codeMap?: CodeMap;
}

/** On patient-view the dangers of the chart; at an order what concerns the medicines being chosen. */
export async function judge(call: Call, knowledge: Knowledge): Promise<Judged> {
  const facts = factsOf(call, knowledge, call.drafts.resources);
  const evaluations = await evaluated(facts, call, knowledge);
  const { today, others, notChecked } = prioritise(evaluations, facts);
  const all = [...today, ...others];
  if (call.hook === 'patient-view') return { recommendations: all.filter(isCritical), notChecked };
  if (call.drafts.chosen.size === 0) return { recommendations: [], notChecked: [] };
  const before = await evaluated(factsOf(call, knowledge, []), call, knowledge);
  const about = all.filter((one) => concerns(one, call.drafts.chosen) || isNew(one, before));
  return {
    recommendations: [
      ...about.filter(isCritical),
      ...(call.hook === 'order-select'
        ? about.filter(({ indicator }) => indicator === 'warning').slice(0, WARNINGS)
        : []),
    ],
    notChecked: gaps(facts, call.drafts.chosen),
  };
}

function factsOf(
  { patientId, chart, now, timeZone, codeMap }: Call,
  { drugs }: Knowledge,
  drafts: readonly unknown[],
): Facts {
  return readFacts({
    patientId,
    resources: [...chart.resources, ...drafts],
    sources: chart.sources,
    drugs,
    now,
    ...(timeZone !== undefined && { timeZone }),
    ...(codeMap && { codeMap }),
  });
}

function evaluated(facts: Facts, { now }: Call, { library, runtime }: Knowledge): Promise<readonly Evaluation[]> {
  return evaluate(facts, library, runtime, now);
}

function isCritical({ indicator }: Recommendation): boolean {
  return indicator === 'critical';
}

/** A medicine being chosen is among what it was made of. */
function concerns({ finding }: Recommendation, chosen: ReadonlySet<string>): boolean {
  const { used, stale } = finding.basis;
  return [...used, ...stale, ...finding.because].some(({ sources }) => sources.some((source) => chosen.has(source)));
}

/** Nothing of the sort was said of the chart without the drafts, or not so loudly. */
function isNew({ from, indicator }: Recommendation, before: readonly Evaluation[]): boolean {
  return !before.some(
    (one) => one.status === 'finding' && from.includes(one.id) && TIER[one.finding.indicator] >= TIER[indicator],
  );
}

/** What keeps an order from having been checked: a medicine that is not known, a list that did not come. */
function gaps({ medication, sources }: Facts, chosen: ReadonlySet<string>): readonly NotChecked[] {
  const unknown = medication.flatMap(({ text, resolution, sources: from }) =>
    resolution === 'unresolved' && from.some((source) => chosen.has(source))
      ? [{ text, reason: 'not recognised as a medicine' }]
      : [],
  );
  const lists = sources.flatMap(({ id, state, reason }) =>
    NEEDED[id] !== undefined && (state === 'refused' || state === 'failed' || state === 'incomplete')
      ? [{ text: NEEDED[id], reason: reason ?? state }]
      : [],
  );
  return [...unknown, ...lists];
}

/** Without these lists the silence about an order means nothing. */
const NEEDED: Readonly<Record<string, string>> = { medications: 'the medication list', allergies: 'the allergy list' };
