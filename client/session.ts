/**
 * READ FIRST. One launch from end to end, as its steps: context → pull → facts → evaluate → prioritise → review →
 * write back. Each step is one call below; what the screen shows of it is in `state.ts`.
 */
import { batch } from '@preact/signals';
import type { LaunchContext } from '../launch/context.ts';
import type { EhrStyle } from '../launch/style.ts';
import type { Facts } from '../models/engine/facts/facts.ts';
import { firstRound } from '../models/engine/facts/queries.ts';
import { type Api, ApiFailure, apiOf } from './api.ts';
import type { Credentials } from './credentials.ts';
import type { Watching } from './idle/idle.ts';
import { type Reading, type Round, startRound } from './round.ts';
import * as state from './state.ts';
import { startThinking, type Thinking } from './thinking.ts';
import { whenPainted } from './ui/painted.ts';

/** A page that is not seen paints nothing; it is not waited for. Milliseconds. */
const PAINT_MS = 1000;

/** The launch in force, for what the clinician does after Today has settled. */
export interface Running {
  readonly api: Api;
  readonly context: LaunchContext;
  /** Ranks Today without the sources that have not answered; they are named as not checked. */
  goOnWithout(): void;
  /** Asks one source again; what it brings waits as "new". */
  retry(sourceId: string): Promise<void>;
  /** Tells the server that someone is there, so that the session goes on. */
  stay(): Promise<void>;
  /** Keeps that a test will be done in so many days; 0 takes it back. */
  promise(path: string, days: number): Promise<void>;
  /** Judges again with the clinician's answers; what that says waits beside Today. */
  reconsider(): Promise<void>;
  /** What would be said of another medication list; nothing of it is kept. */
  plan: Thinking['plan'];
  find: Thinking['find'];
  /** What each input adds to a trained model's number. */
  parts: Thinking['parts'];
  /** The worker's own requests, for the ledger of what left. */
  timed: Thinking['timed'];
  /** The chart as it was read, for whoever maps this site's codes. */
  reading(): Reading;
}

/**
 * Runs the launch whose id is in the page's path; resolves when Today has settled.
 * @param credentials what stands for the cookie where the browser returns none
 */
export async function run(location: Pick<Location, 'origin' | 'pathname'>, credentials?: Credentials): Promise<void> {
  state.wipe();
  const launchId = launchIdOf(location.pathname);
  if (launchId === undefined) return fail(new ApiFailure('no-launch', 'Open Attune from the patient’s chart.'));
  const api = apiOf(launchId, credentials);
  try {
    const context = await openContext(api, launchId);
    const onUnsupported = (reason: string) => fail(new ApiFailure('fhir-version', reason));
    const knowledge = api.library(context.library.first ?? context.library.url);
    // Nothing else competes with the first number: not for the six connections, not for the processor.
    const round = startRound({ origin: location.origin, context, credentials, knowledge, onUnsupported });
    await round.begun;
    const library = api.library(context.library.url);
    const thinking = startThinking(context);
    const stay = bringParts(api, context);
    void api.writes().then(showEarlier, () => undefined);
    const promised = api.promises().then(
      (list) => {
        state.promised.value = list;
      },
      () => undefined,
    );
    state.running.value = {
      api,
      context,
      goOnWithout: round.goOnWithout,
      retry: async (id) => {
        await round.retry(id);
        await judgeAgain(round, thinking);
      },
      stay,
      reconsider: () => runModels(round, thinking, { quietly: true }),
      promise: async (path, days) => {
        state.promised.value = await api.promise(path, days);
        await runModels(round, thinking, { quietly: true });
      },
      plan: thinking.plan,
      find: thinking.find,
      parts: thinking.parts,
      timed: thinking.timed,
      reading: round.reading,
    };
    state.library.value = await library;
    thinking.prepare(state.library.value);
    await round.answered;
    await judge(round, thinking);
    await Promise.race([whenPainted('attune:today-settled'), pause(PAINT_MS)]);
    round.readOn();
    await runModels(round, thinking);
    // The history and whatever was slow: judged behind the screen, and shown only where it says something new.
    await Promise.all([round.readBehind(), round.finished, promised]);
    await judgeAgain(round, thinking);
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
    state.expect(firstRound());
  });
  endWith(context);
  return context;
}

/** What the screen shows of Today comes in a chunk of its own, and with it the watch over a session that nobody uses. */
function bringParts(api: Api, context: LaunchContext): () => Promise<void> {
  const watched = import('./settled.tsx').then(
    (module) => {
      state.parts.value = module;
      const dressed = (style: EhrStyle) => module.adopt(style, document.documentElement);
      if (context.styled) void api.style().then(dressed, () => undefined);
      return context.idleMs === undefined ? undefined : module.watchIdle(watching(api, context, context.idleMs));
    },
    () => {
      state.trouble.value = 'page-incomplete';
      return undefined;
    },
  );
  return async () => (await watched)?.();
}

function watching(api: Api, { expiresAt }: LaunchContext, idleMs: number): Watching {
  return {
    idleMs,
    expiresAt: Date.parse(expiresAt),
    tell: () =>
      api.context().catch((error) => {
        if (error instanceof ApiFailure && error.code === 'session-ended') endNow();
        throw error;
      }),
    onEnding: (ending) => {
      state.ending.value = ending;
    },
    onEnded: endNow,
    target: document,
  };
}

/** Everything but the trained models, in the worker: the first judgement becomes Today. */
async function judge(round: Round, thinking: Thinking): Promise<void> {
  const { facts, resources, now } = round.reading();
  const judgement = await thinking.judge({ facts: withPromises(facts), resources, now }).catch((error: Error) => {
    state.trouble.value = error.message;
  });
  if (!judgement || !state.belongs(judgement)) return;
  batch(() => {
    state.chart.value = { ...stampOf(judgement), facts: judgement.facts, at: now };
    state.today.value = judgement;
    state.announcement.value = settledWords(judgement.prioritised.today.length);
  });
}

/** What came late: judged like the first time, and shown beside it, never in its place. */
async function judgeAgain(round: Round, thinking: Thinking): Promise<void> {
  const { facts, resources, now } = round.reading();
  const judgement = await thinking.judge({ facts: withPromises(facts), resources, now }).catch(() => undefined);
  if (!judgement || !state.belongs(judgement)) return;
  state.chart.value = { ...stampOf(judgement), facts: judgement.facts, at: now };
  await runModels(round, thinking, { quietly: true, judged: judgement });
}

/** Trained models, then the ONNX twin of every equation; a number whose twin disagrees is withdrawn. */
async function runModels(
  round: Round,
  thinking: Thinking,
  { quietly = false, judged }: { readonly quietly?: boolean; readonly judged?: state.Judgement } = {},
): Promise<void> {
  const before = state.latest.value ?? state.today.value;
  const base = judged ?? before;
  const answers = state.asked.value;
  if (!base || !state.belongs(base)) return;
  if (!quietly) state.onnx.value = 'running';
  try {
    const facts = withPromises({ ...base.facts, asked: state.answersNow() });
    const { judgement, withdrawn, unconfirmed } = await thinking.runModels({ facts, now: Date.now() });
    if (!state.belongs(judgement)) return;
    // What was read or answered meanwhile counts.
    if (state.asked.value !== answers) return runModels(round, thinking, { quietly: true, judged: base });
    if (!judged && (state.latest.value ?? state.today.value) !== before)
      return runModels(round, thinking, { quietly: true });
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

function withPromises(facts: Facts): Facts {
  return { ...facts, promised: state.promised.value };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function settledWords(count: number): string {
  return count === 0 ? 'Checked. Nothing to raise today.' : `Checked. ${count} for today.`;
}

/** Writes of earlier launches: those still in doubt, or not saved, are shown at once. */
function showEarlier(rows: Awaited<ReturnType<Api['writes']>>): void {
  const open: readonly string[] = ['approved', 'sending', 'unknown', 'rejected', 'withdrawal-in-doubt'];
  batch(() => {
    state.settle(rows);
    state.unsettled.value = rows.filter((row) => open.includes(row.state));
  });
}

function endWith({ expiresAt }: LaunchContext): void {
  const left = Date.parse(expiresAt) - Date.now();
  if (!Number.isFinite(left)) return;
  setTimeout(endNow, Math.min(Math.max(left, 0), 2 ** 31 - 1));
}

function endNow(): void {
  if (state.stage.value.step === 'open') state.stage.value = { step: 'ended' };
}

function stampOf({ launchId, patientId }: state.Stamp): state.Stamp {
  return { launchId, patientId };
}

/** Shows that nothing could be opened, and why. */
export function fail(error: unknown): void {
  const { code, message, requestId } =
    error instanceof ApiFailure
      ? error
      : { code: 'client-error', message: 'Attune stopped before anything could be checked.', requestId: undefined };
  state.stage.value = { step: 'failed', code, message, ...(requestId ? { requestId } : {}) };
}
