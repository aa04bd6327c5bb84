/** One evaluation a test, for all the medicines that ask for it: one blood draw is one line on the screen. */
import type { Evaluation, Finding, Indicator, Input, Judgement, Missing } from '../evaluation.ts';
import { clipped } from '../headline.ts';
import { absentBySource, readInFull, worstState } from '../resolve/absence.ts';
import { listedInput } from '../rules/basis.ts';
import { type Watched, type WatchScene, watchList } from './watch-list.ts';

/** Only tests that a medicine of the patient asks for; grouped by what is measured. */
export function evaluateMonitoring(scene: WatchScene): Evaluation[] {
  const { patient } = scene.facts;
  if (patient.deceased || patient.replaced) return [];
  const groups = new Map<string, Watched[]>();
  for (const item of watchList(scene)) groups.set(item.check.fact, [...(groups.get(item.check.fact) ?? []), item]);
  return [...groups].map(([fact, items]) => ({
    id: `monitoring/${fact.slice(fact.indexOf('.') + 1)}`,
    kind: 'monitoring',
    title: `${items[0]?.label ?? fact}: what medicines ask for`,
    version: scene.library.version,
    ...told(fact, items, scene),
  }));
}

const ORDER = { overdue: 0, due: 1, unknown: 2, done: 3 } as const;

function told(fact: string, items: readonly Watched[], scene: WatchScene): Judgement {
  const basis = basisOf(items, scene);
  const beyond = items.find((item) => item.beyond);
  if (beyond) return { status: 'finding', finding: beyondFinding(beyond, items, basis) };
  const sorted = [...items].sort((a, b) => ORDER[a.standing.is] - ORDER[b.standing.is] || since(a) - since(b));
  const [lead] = sorted;
  const source = sourceOf(fact);
  const state = worstState(scene.facts.sources, [source]);
  // "Never measured" and "overdue" are said only of results that were read in full.
  if (lead && lead.standing.is !== 'done' && !readInFull(state)) {
    const missing: Missing = absentBySource({ fact, label: lead.label, required: true }, state);
    return { status: 'data-required', missing: [missing], basis: { ...basis, missing: [missing] } };
  }
  const late = sorted.filter(({ standing }) => standing.is === 'overdue' || standing.is === 'due');
  const broken = items.find(({ promise }) => promise?.kept === 'overdue');
  if (lead && (late.length > 0 || broken))
    return { status: 'finding', finding: lateFinding(late.length > 0 ? late : items, items, { basis, broken }) };
  return { status: 'not-applicable', because: { code: 'threshold-not-met', text: doneText(items) }, basis };
}

function since({ standing }: Watched): number {
  return 'since' in standing ? standing.since : 0;
}

function beyondFinding(item: Watched, items: readonly Watched[], basis: Finding['basis']): Finding {
  const { beyond, medicine, label } = item;
  if (!beyond) throw new RangeError('no value beyond a limit');
  const { limit, input, citation } = beyond;
  const bound = limit.above === undefined ? `below ${limit.below}` : `above ${limit.above}`;
  return {
    indicator: citation.basis === 'recalled' ? 'info' : 'warning',
    summary: clipped(`Act on ${inSentence(label)} ${shown(input)}, ${bound} on ${medicine}: ${limit.says}`),
    detail: `The schedule of ${medicine} asks for action at ${bound} ${limit.unit}.`,
    because: [input],
    action: { kind: 'note', text: `${label} ${bound} ${limit.unit} on ${medicine}: ${limit.says}.` },
    logic: [{ text: `${label} ${bound} ${limit.unit}`, held: 'met', value: `${shown(input)}` }],
    basis,
    limitation: LIMITATION,
    citations: citationsOf(items, citation),
    mergeKey:
      limit.fact === 'observation.potassium' && limit.above !== undefined
        ? 'potassium-raised'
        : `monitoring/${limit.fact}`,
  };
}

const LIMITATION = 'Results of other laboratories and tests that are ordered but not resulted are not seen.';

function lateFinding(
  late: readonly Watched[],
  items: readonly Watched[],
  { basis, broken }: { readonly basis: Finding['basis']; readonly broken: Watched | undefined },
): Finding {
  const [lead] = late;
  if (!lead) throw new RangeError('nothing is late');
  const names = [...new Set(late.map(({ medicine }) => medicine))];
  const overdue = late.some(({ standing }) => standing.is === 'overdue');
  const last = lead.last ? `last ${dayOf(lead.last)}` : 'no result on file';
  const verified = late.some(
    ({ standing, citation, check }) => standing.is === 'overdue' && citation.basis !== 'recalled' && !check.routine,
  );
  const indicator: Indicator = (overdue && verified) || broken ? 'warning' : 'info';
  const when = overdue
    ? `overdue since ${day(since(lead))}`
    : 'since' in lead.standing
      ? `due ${day(since(lead))}`
      : 'to be done';
  const said = broken?.promise ? `; promised for ${day(broken.promise.due)}` : '';
  return {
    indicator,
    summary: clipped(`Check ${inSentence(lead.label)}: ${when} (${last})${said}, for ${names.join(', ')}`),
    detail: late.map((item) => `${item.medicine}: ${standingText(item)}.`).join(' '),
    because: lead.last ? [lead.last] : [],
    // A schedule that nobody verified, or a date to come, is for the list; it takes no place among today's three.
    ...(indicator === 'info'
      ? {}
      : { action: { kind: 'note', text: `Check ${inSentence(lead.label)} (${names.join(', ')}).` } }),
    logic: items.map((item) => ({
      text: `${item.label} for ${item.medicine}`,
      held: item.standing.is === 'done' ? 'not-met' : item.standing.is === 'unknown' ? 'unknown' : 'met',
      value: standingText(item),
    })),
    basis,
    limitation: LIMITATION,
    citations: citationsOf(late),
    mergeKey: `monitoring/${lead.check.fact}`,
  };
}

/** `overdue since 2026-03-01, last 2025-03-01` */
export function standingText(item: Watched): string {
  return `${standsAt(item)}${promiseText(item)}`;
}

function promiseText({ promise }: Watched): string {
  if (!promise) return '';
  switch (promise.kept) {
    case 'open':
      return `, promised for ${day(promise.due)}`;
    case 'done':
      return `, promised for ${day(promise.due)} and done`;
    case 'overdue':
      return `, promised for ${day(promise.due)} and not done`;
  }
}

function standsAt({ standing, last }: Watched): string {
  const result = last ? `last ${dayOf(last)}` : 'no result on file';
  switch (standing.is) {
    case 'done': {
      const next = standing.next === undefined ? '' : `, next ${day(standing.next)}`;
      return last ? `done, ${result}${next}` : `not due yet, no result on file${next}`;
    }
    case 'due':
      return `due ${day(standing.since)}, ${result}`;
    case 'overdue':
      return `overdue since ${day(standing.since)}, ${result}`;
    case 'unknown':
      return `${result}, and no start date`;
  }
}

function doneText(items: readonly Watched[]): string {
  return items.map((item) => `${item.medicine}: ${standingText(item)}`).join('; ');
}

function basisOf(items: readonly Watched[], { facts }: WatchScene): Finding['basis'] {
  const medicines = [...new Set(items.flatMap((item) => item.medicines))].map((medicine) =>
    listedInput(medicine, facts),
  );
  const results = items.flatMap(({ last, beyond }) => [...(last ? [last] : []), ...(beyond ? [beyond.input] : [])]);
  const once = results.filter(({ path }, index) => results.findIndex((other) => other.path === path) === index);
  return { used: [...medicines, ...once], stale: [], missing: [], excluded: [] };
}

function citationsOf(items: readonly Watched[], ...more: Finding['citations']): Finding['citations'] {
  const all = [...more, ...items.map(({ citation }) => citation)];
  return all.filter(
    ({ text, url }, index) => all.findIndex((other) => other.text === text && other.url === url) === index,
  );
}

/** Vital signs and results come from different searches. */
function sourceOf(fact: string): string {
  return VITAL.has(fact.slice('observation.'.length)) ? 'vital-signs' : 'laboratory';
}
const VITAL: ReadonlySet<string> = new Set(['body-weight', 'heart-rate', 'waist-circumference', 'body-mass-index']);

function shown({ comparator, value, unit }: Input): string {
  const number = typeof value === 'number' ? Number(value.toPrecision(4)) : value;
  return `${comparator ?? ''}${number}${unit && unit !== '1' ? ` ${unit}` : ''}`;
}

function dayOf({ effective }: Input): string {
  return effective ? day(effective.start) : 'on an unknown date';
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `15 Aug 2026` */
function day(time: number): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `Potassium` → `potassium`, but `TSH` and `QTc` as they are. */
function inSentence(label: string): string {
  return /^[A-Z][a-z]+( |$)/.test(label) ? `${label.charAt(0).toLowerCase()}${label.slice(1)}` : label;
}
