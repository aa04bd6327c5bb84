/**
 * The reads of one launch: a first round that Today waits for, the first number as soon as its page has arrived, and
 * the history behind, which waits for nobody and for which nobody waits.
 */
import type { LaunchContext } from '../launch/context.ts';
import type { Facts } from '../models/engine/facts/facts.ts';
import { firstNumber, firstRound, history, type Query } from '../models/engine/facts/queries.ts';
import { readChart } from '../models/engine/facts/read-chart.ts';
import type { Library } from '../models/engine/library.ts';
import { evaluateRisk } from '../models/engine/risk/evaluate.ts';
import { type Answer, type Hearing, openEhr } from './pull.ts';
import * as state from './state.ts';

/** What has been read so far. */
export interface Reading {
  readonly facts: Facts;
  readonly resources: readonly unknown[];
  readonly now: number;
}

/** The reads of one launch. */
export interface Round {
  /** Every source has answered, been refused or been given up, or the clinician went on without it. */
  readonly answered: Promise<void>;
  readonly finished: Promise<void>;
  wentOn(): boolean;
  goOnWithout(): void;
  /** Asks one source again. */
  retry(sourceId: string): Promise<void>;
  /** Asks for the history; resolves when it has been read as far as it can be. */
  readBehind(): Promise<void>;
  reading(): Reading;
}

/** The sources that the first number needs: who, the creatinine, and what would make an eGFR meaningless. */
const NEEDED_FIRST: readonly string[] = ['patient', 'laboratory', 'conditions'];

/** Starts the first round at once. `onUnsupported` when the EHR turns out not to speak R4: nothing read may be used. */
export function startRound(options: {
  readonly origin: string;
  readonly context: LaunchContext;
  readonly library: Promise<Library>;
  readonly onUnsupported: (reason: string) => void;
}): Round {
  const { origin, context, library, onUnsupported } = options;
  const ehr = openEhr({ origin, context });
  const answers = new Map<string, Answer>();
  let newest: readonly unknown[] | undefined;
  let early = false;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  const reading = (ahead: readonly unknown[] = []): Reading => {
    const now = Date.now();
    const resources = [...[...answers.values()].flatMap((answer) => answer.resources), ...ahead];
    const sources = state.sources.value.map(({ report }) => report);
    const facts = readChart({ patientId: context.patientId, resources, sources, now, ...context.reading });
    return { facts: { ...facts, asked: state.answersNow() }, resources, now };
  };

  const paintFirst = async () => {
    if (!answers.has('patient')) return;
    const { facts, now } = reading(answers.has('laboratory') ? [] : newest);
    state.chart.value = { launchId: context.launchId, patientId: context.patientId, facts, at: now };
    if (state.firstNumber.value || !NEEDED_FIRST.every((id) => answers.has(id) || (id === 'laboratory' && newest)))
      return;
    const evaluations = evaluateRisk(facts, kidneyOf(await library), now);
    const evaluation = evaluations.find(({ status }) => status === 'finding') ?? evaluations[0];
    if (!evaluation || !state.belongs(context)) return;
    // What is not among the newest may be further back.
    if (evaluation.status !== 'finding' && !answers.has('laboratory')) return;
    state.firstNumber.value = { launchId: context.launchId, patientId: context.patientId, evaluation };
  };

  const hearing: Hearing = {
    onAnswer: (answer) => {
      if (!state.belongs(context)) return;
      answers.set(answer.query.id, answer);
      state.report(answer.report, answer.remarks);
      if (answer.sessionEnded) state.stage.value = { step: 'ended' };
      if (!state.today.value && NEEDED_FIRST.includes(answer.query.id)) void paintFirst();
    },
    onSlow: ({ id }) => state.markSlow(id),
    onUnsupported,
  };

  const all = (): readonly Query[] => [...firstRound(), ...history()];
  // Before the rest, and beside it: it is only looked at, never reported; the laboratory's own answer holds it too.
  void ehr.pull([firstNumber()], {
    onAnswer: ({ resources }) => {
      if (!state.belongs(context) || !newestFirst(resources)) return;
      newest = resources;
      void paintFirst();
    },
  });
  const finished = ehr.pull(firstRound(), hearing);
  return {
    answered: Promise.race([finished, released]),
    finished,
    wentOn: () => early,
    goOnWithout: () => {
      early = true;
      release();
    },
    retry: (id) =>
      ehr.pull(
        all().filter((query) => query.id === id),
        hearing,
      ),
    readBehind: () => {
      state.expect(history(), { behind: true });
      return ehr.pull(history(), hearing);
    },
    reading,
  };
}

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
