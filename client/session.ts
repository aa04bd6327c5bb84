/**
 * READ FIRST. One launch from end to end, as its steps: context → pull → facts → evaluate → prioritise → review →
 * write back. Each step is one call below; what the screen shows of it is in `state.ts`.
 */
import { batch } from '@preact/signals';
import type { LaunchContext } from '../launch/context.ts';
import type { Facts } from '../models/engine/facts/facts.ts';
import { firstRound, type Query } from '../models/engine/facts/queries.ts';
import { readFacts } from '../models/engine/facts/read.ts';
import type { Library } from '../models/engine/library.ts';
import { evaluateRisk } from '../models/engine/risk/evaluate.ts';
import { type Api, ApiFailure, apiOf } from './api.ts';
import { type Answer, pull } from './pull.ts';
import * as state from './state.ts';
import { startThinking, type Thinking } from './thinking.ts';

/** The launch in force, for what the clinician does after Today has settled. */
export interface Running {
  readonly api: Api;
  readonly context: LaunchContext;
  /** Ranks Today without the sources that have not answered; they are named as not checked. */
  goOnWithout(): void;
  /** Asks one source again; what it brings waits as "new". */
  retry(sourceId: string): Promise<void>;
  /** Judges again with the clinician's answers; what that says waits beside Today. */
  reconsider(): Promise<void>;
  /** The chart as it was read, for whoever maps this site's codes. */
  reading(): Reading;
}

/** Runs the launch whose id is in the page's path; resolves when Today has settled. */
export async function run(location: Pick<Location, 'origin' | 'pathname'>): Promise<void> {
  state.wipe();
  const launchId = launchIdOf(location.pathname);
  if (launchId === undefined) return fail(new ApiFailure('no-launch', 'Open Attune from the patient’s chart.'));
  const api = apiOf(launchId);
  try {
    const context = await openContext(api, launchId);
    const thinking = startThinking(context);
    const library = api.library(context.library.url);
    const round = startRound({ origin: location.origin, context, library });
    void api.writes().then(showUnsettled, () => undefined);
    state.running.value = {
      api,
      context,
      goOnWithout: round.goOnWithout,
      retry: async (id) => {
        await round.retry(id);
        await judgeAgain(round, thinking);
      },
      reconsider: () => runModels(round, thinking, { quietly: true }),
      reading: round.reading,
    };
    const knowledge = await library;
    state.library.value = knowledge;
    thinking.prepare(knowledge);
    await round.answered;
    await judge(round, thinking);
    void runModels(round, thinking);
    void round.finished.then(() => (round.wentOn() ? judgeAgain(round, thinking) : undefined));
  } catch (error) {
    return fail(error);
  }
}

/** The launch id of `/l/<launchId>/`. */
export function launchIdOf(pathname: string): string | undefined {
  return /^\/l\/([A-Za-z0-9_-]{16,})\/?$/.exec(pathname)?.[1];
}

/** The launch as the server wrote it into the page; absent in a page that was kept. */
function contextInPage(): LaunchContext | undefined {
  const data = document.getElementById('launch-context')?.textContent;
  return data ? (JSON.parse(data) as LaunchContext) : undefined;
}

async function openContext(api: Api, launchId: string): Promise<LaunchContext> {
  const context = contextInPage() ?? (await api.context());
  if (context.launchId !== launchId) throw new ApiFailure('other-launch', 'The server answered for another launch.');
  batch(() => {
    state.context.value = context;
    state.stage.value = { step: 'open' };
    state.sources.value = firstRound().map(({ id, label }) => ({
      report: { id, state: 'pending', count: 0, pages: 0 },
      label,
      slow: false,
    }));
  });
  endWith(context);
  return context;
}

/** One parallel round of reads, the chart it adds up to, and the first number as soon as the laboratory has answered. */
interface Round {
  /** Every source has answered, been refused or been given up, or the clinician went on without it. */
  readonly answered: Promise<void>;
  readonly finished: Promise<void>;
  wentOn(): boolean;
  goOnWithout(): void;
  retry(sourceId: string): Promise<void>;
  reading(): Reading;
}

/** What has been read so far. */
export interface Reading {
  readonly facts: Facts;
  readonly resources: readonly unknown[];
  readonly now: number;
}

function startRound(options: { origin: string; context: LaunchContext; library: Promise<Library> }): Round {
  const { origin, context, library } = options;
  const answers = new Map<string, Answer>();
  let early = false;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  const reading = (ahead: readonly unknown[] = []) => {
    const now = Date.now();
    const resources = [...[...answers.values()].flatMap((answer) => answer.resources), ...ahead];
    const reports = state.sources.value.map(({ report }) => report);
    const facts = readFacts({ patientId: context.patientId, resources, sources: reports, now });
    return { facts: { ...facts, asked: state.answersNow() }, resources, now };
  };

  const onAnswer = (answer: Answer) => {
    if (!state.belongs(context)) return;
    answers.set(answer.query.id, answer);
    report(answer);
    if (answer.report.reason?.includes('401')) state.stage.value = { step: 'ended' };
    if (neededFirst.includes(answer.query.id)) void paintFirst();
  };

  // The newest results fill the first page: the first number does not wait for ten years of history behind them.
  let firstPage: readonly unknown[] | undefined;
  const onFirstPage = ({ id }: Query, resources: readonly unknown[]) => {
    if (id !== 'laboratory' || !newestFirst(resources)) return;
    firstPage = [...resources];
    void paintFirst();
  };

  const paintFirst = async () => {
    if (!answers.has('patient')) return;
    const { facts, now } = reading(answers.has('laboratory') ? [] : firstPage);
    state.chart.value = { ...stampOf(context), facts, at: now };
    if (state.firstNumber.value || !neededFirst.every((id) => answers.has(id) || (id === 'laboratory' && firstPage)))
      return;
    const evaluation = firstNumberOf(evaluateRisk(facts, kidneyOf(await library), now));
    if (!evaluation || !state.belongs(context)) return;
    // What is not on the first page may be on a later one.
    if (evaluation.status !== 'finding' && !answers.has('laboratory')) return;
    state.firstNumber.value = { ...stampOf(context), evaluation };
  };

  const ask = (queries = firstRound()) =>
    pull({
      origin,
      context,
      queries,
      onAnswer,
      onFirstPage,
      onSlow: ({ id }) => {
        state.sources.value = state.sources.value.map((source) =>
          source.report.id === id && source.report.state === 'pending' ? { ...source, slow: true } : source,
        );
      },
    });

  const finished = ask();
  return {
    answered: Promise.race([finished, released]),
    finished,
    wentOn: () => early,
    goOnWithout: () => {
      early = true;
      release();
    },
    retry: (id) => ask(firstRound().filter((query) => query.id === id)),
    reading,
  };
}

function report(answer: Answer): void {
  state.sources.value = state.sources.value.map((source) =>
    source.report.id === answer.query.id ? { ...source, report: answer.report, slow: false } : source,
  );
}

/** The sources that the first number needs: who, the creatinine, and what would make an eGFR meaningless. */
const neededFirst: readonly string[] = ['patient', 'laboratory', 'conditions'];

/** Whether the page holds to the order that was asked for; a server that sorts otherwise may keep the newest for later. */
function newestFirst(resources: readonly unknown[]): boolean {
  const dates = resources.map((resource) =>
    Date.parse(String((resource as { effectiveDateTime?: unknown } | null)?.effectiveDateTime)),
  );
  return dates.every((date, index) => index === 0 || date <= (dates[index - 1] ?? Number.NaN));
}

/** The kidney equations alone: what the first number needs. */
function kidneyOf(library: Library): Library {
  return { ...library, risk: library.risk.filter(({ provides }) => provides === 'derived.egfr') };
}

function firstNumberOf(
  evaluations: ReturnType<typeof evaluateRisk>,
): ReturnType<typeof evaluateRisk>[number] | undefined {
  return evaluations.find(({ status }) => status === 'finding') ?? evaluations[0];
}

/** Everything but the trained models, in the worker; the first judgement becomes Today, later ones wait beside it. */
async function judge(round: Round, thinking: Thinking): Promise<void> {
  const { facts, resources, now } = round.reading();
  const judgement = await thinking.judge({ facts, resources, now }).catch((error: Error) => {
    state.trouble.value = error.message;
  });
  if (!judgement || !state.belongs(judgement)) return;
  batch(() => {
    state.chart.value = {
      launchId: judgement.launchId,
      patientId: judgement.patientId,
      facts: judgement.facts,
      at: now,
    };
    if (state.today.value) state.latest.value = judgement;
    else {
      state.today.value = judgement;
      state.announcement.value = settledWords(judgement.prioritised.today.length);
    }
  });
}

/** What came late: judged like the first time, and shown beside it, never in its place. */
async function judgeAgain(round: Round, thinking: Thinking): Promise<void> {
  await judge(round, thinking);
  await runModels(round, thinking);
}

/** Trained models, then the ONNX twin of every equation; a number whose twin disagrees is withdrawn. */
async function runModels(round: Round, thinking: Thinking, { quietly = false } = {}): Promise<void> {
  const judged = state.latest.value ?? state.today.value;
  const answers = state.asked.value;
  if (!judged || !state.belongs(judged)) return;
  if (!quietly) state.onnx.value = 'running';
  try {
    const facts = { ...judged.facts, asked: state.answersNow() };
    const { judgement, withdrawn, unconfirmed } = await thinking.runModels({ facts, now: Date.now() });
    if (!state.belongs(judgement)) return;
    // What was read or answered meanwhile counts.
    const overtaken = (state.latest.value ?? state.today.value) !== judged || state.asked.value !== answers;
    if (overtaken) return runModels(round, thinking, { quietly: true });
    batch(() => {
      state.latest.value = judgement;
      state.withdrawn.value = new Map(withdrawn.map(({ id, message }) => [id, message]));
      state.unconfirmed.value = new Map(unconfirmed.map(({ id, message }) => [id, message]));
      state.onnx.value = 'done';
    });
  } catch {
    state.onnx.value = 'failed';
  }
}

function settledWords(count: number): string {
  return count === 0 ? 'Checked. Nothing to raise today.' : `Checked. ${count} for today.`;
}

/** Writes of earlier launches that are still in doubt or were not saved. */
function showUnsettled(rows: Awaited<ReturnType<Api['writes']>>): void {
  state.unsettled.value = rows.filter(({ state: row }) => row !== 'confirmed' && row !== 'expired');
}

function endWith({ expiresAt }: LaunchContext): void {
  const left = Date.parse(expiresAt) - Date.now();
  if (!Number.isFinite(left)) return;
  setTimeout(
    () => {
      if (state.stage.value.step === 'open') state.stage.value = { step: 'ended' };
    },
    Math.min(Math.max(left, 0), 2 ** 31 - 1),
  );
}

function stampOf({ launchId, patientId }: LaunchContext): state.Stamp {
  return { launchId, patientId };
}

function fail(error: unknown): void {
  const { code, message, requestId } =
    error instanceof ApiFailure
      ? error
      : { code: 'client-error', message: 'Attune stopped before anything could be checked.', requestId: undefined };
  state.stage.value = { step: 'failed', code, message, ...(requestId ? { requestId } : {}) };
}
