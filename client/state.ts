/** What the screen shows, as signals. Everything of a patient carries the launch it came from and is checked on render. */
import { computed, signal } from '@preact/signals';
import type { WriteOutcome } from '../launch/api.ts';
import type { LaunchContext } from '../launch/context.ts';
import type { Evaluation, Prioritised, Recommendation } from '../models/engine/evaluation.ts';
import type { AskedFact, Facts, Promised, SourceReport } from '../models/engine/facts/facts.ts';
import type { Query } from '../models/engine/facts/queries.ts';
import type { Library } from '../models/engine/library.ts';
import type { Ending } from './idle/idle.ts';
import type { Running } from './session.ts';

/** Whose data this is (C1). */
export interface Stamp {
  readonly launchId: string;
  readonly patientId: string;
}

/** How far the session is. `ended` keeps what is on screen; `failed` has nothing to show. */
export type Stage =
  | { readonly step: 'opening' }
  | { readonly step: 'failed'; readonly code: string; readonly message: string; readonly requestId?: string }
  | { readonly step: 'open' }
  | { readonly step: 'ended' };

/** Facts and everything said of them, of one moment. */
export interface Judgement extends Stamp {
  readonly facts: Facts;
  readonly evaluations: readonly Evaluation[];
  readonly prioritised: Prioritised;
}

/** The number painted before anything else. */
export interface FirstNumber extends Stamp {
  readonly evaluation: Evaluation;
}

/** One source, with its words and whether it is taking long. */
export interface Source {
  readonly report: SourceReport;
  readonly label: string;
  readonly slow: boolean;
}

/** What the clinician did with a recommendation. */
export type Answered =
  | { readonly how: 'accepted'; readonly outcome: WriteOutcome }
  | { readonly how: 'deferred' | 'declined'; readonly reason: string; readonly at: number };

/** Answers to the models' questions, by the last segment of the path (`ascites`). */
export interface Answers extends Stamp {
  readonly answers: Readonly<Record<string, AskedFact>>;
}

/** The pane or sheet that lies over Today. */
export type Opened =
  | { readonly what: 'evidence'; readonly id: string }
  | { readonly what: 'review'; readonly recommendation: Recommendation }
  | { readonly what: 'withdraw'; readonly approvalId: string }
  | { readonly what: 'sources' }
  | { readonly what: 'egress' };

export const stage = signal<Stage>({ step: 'opening' });
/** In the last minute of a session: when it ends, and whether someone can keep it. */
export const ending = signal<Ending | undefined>(undefined);
/** What can be asked of the session once Today has settled. */
export const running = signal<Running | undefined>(undefined);
export const context = signal<LaunchContext | undefined>(undefined);
export const library = signal<Library | undefined>(undefined);
export const sources = signal<readonly Source[]>([]);
/** What the EHR adds to its answers, each remark once. */
export const remarks = signal<readonly string[]>([]);
/** The chart as read on this thread: strip, labs, gaps; medicines are read by the worker. */
export const chart = signal<(Stamp & { readonly facts: Facts; readonly at: number }) | undefined>(undefined);
export const firstNumber = signal<FirstNumber | undefined>(undefined);
/** What is on Today now. It is set once and then only by the clinician's tap on "new". */
export const today = signal<Judgement | undefined>(undefined);
/** The latest judgement, when it says more than Today does. */
export const latest = signal<Judgement | undefined>(undefined);
/** Ids of models whose ONNX twin gave another number, and of what was made of that number; with the reason. */
export const withdrawn = signal<ReadonlyMap<string, string>>(new Map());
/** Ids of models whose number stands, but whose ONNX twin could not be run to confirm it. */
export const unconfirmed = signal<ReadonlyMap<string, string>>(new Map());
/** Whether the trained models and twins have been run. */
export const onnx = signal<'waiting' | 'running' | 'done' | 'failed'>('waiting');
/** The part of the screen that arrives in a chunk of its own. */
export const parts = signal<typeof import('./settled.tsx') | undefined>(undefined);
/** Code of a failure of our own that kept Today from being made. */
export const trouble = signal<string | undefined>(undefined);
export const answered = signal<ReadonlyMap<string, Answered>>(new Map());
/** What the clinician told the models: for this launch only, never stored, never sent. */
export const asked = signal<Answers | undefined>(undefined);
/** Writes that earlier launches left unsettled. */
export const unsettled = signal<readonly WriteOutcome[]>([]);
/** The newest outcome known of each write, by approval: every place that shows one shows this. */
export const outcomes = signal<ReadonlyMap<string, WriteOutcome>>(new Map());
export const opened = signal<Opened | undefined>(undefined);
/** Tests promised for this patient, as the server keeps them. */
export const promised = signal<readonly Promised[]>([]);
/** Said once to screen readers. */
export const announcement = signal('');

/** Recommendations that arrived after Today was painted: criticals take the reserved row, the others wait. */
export const arrivals = computed(() => {
  const shown = new Set(all(today.value).map(({ id }) => id));
  const fresh = today.value && latest.value ? all(latest.value).filter(({ id }) => !shown.has(id)) : [];
  return {
    critical: fresh.filter(({ indicator }) => indicator === 'critical'),
    waiting: fresh.filter(({ indicator }) => indicator !== 'critical'),
  };
});

function all(judgement: Judgement | undefined): readonly Recommendation[] {
  return judgement ? [...judgement.prioritised.today, ...judgement.prioritised.others] : [];
}

/** Lists queries as being read; those `behind` are not counted among what Today waits for. */
export function expect(queries: readonly Query[], { behind = false } = {}): void {
  const pending = queries.map(
    ({ id, label }): Source => ({
      report: { id, state: 'pending', count: 0, pages: 0, ...(behind && { behind }) },
      label,
      slow: false,
    }),
  );
  sources.value = [...sources.value, ...pending];
}

/** A source has answered, been refused or been given up. */
export function report(answer: SourceReport, said: readonly string[]): void {
  sources.value = sources.value.map((source) =>
    source.report.id === answer.id
      ? { ...source, report: source.report.behind ? { ...answer, behind: true } : answer, slow: false }
      : source,
  );
  if (said.some((remark) => !remarks.value.includes(remark))) remarks.value = [...new Set([...remarks.value, ...said])];
}

/** A source is past the time in which most answer. */
export function markSlow(id: string): void {
  sources.value = sources.value.map((source) =>
    source.report.id === id && source.report.state === 'pending' && !source.report.behind
      ? { ...source, slow: true }
      : source,
  );
}

/** Takes newer outcomes in. */
export function settle(newer: readonly WriteOutcome[]): void {
  outcomes.value = new Map([...outcomes.value, ...newer.map((outcome) => [outcome.approvalId, outcome] as const)]);
}

/** Whether a thing belongs to the launch in force; nothing else may be rendered. */
export function belongs(stamp: Stamp | undefined): boolean {
  const now = context.value;
  return stamp !== undefined && stamp.launchId === now?.launchId && stamp.patientId === now.patientId;
}

/** The answers of the launch in force, and of no other. */
export function answersNow(): Answers['answers'] {
  const given = asked.value;
  return given && belongs(given) ? given.answers : {};
}

/** Forgets everything about a patient. */
export function wipe(): void {
  stage.value = { step: 'opening' };
  ending.value = undefined;
  running.value = undefined;
  context.value = undefined;
  library.value = undefined;
  sources.value = [];
  remarks.value = [];
  chart.value = undefined;
  firstNumber.value = undefined;
  today.value = undefined;
  latest.value = undefined;
  withdrawn.value = new Map();
  unconfirmed.value = new Map();
  onnx.value = 'waiting';
  trouble.value = undefined;
  answered.value = new Map();
  asked.value = undefined;
  unsettled.value = [];
  outcomes.value = new Map();
  opened.value = undefined;
  promised.value = [];
  announcement.value = '';
}
