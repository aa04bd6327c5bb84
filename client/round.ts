/**
 * The reads of one launch: a few for the first number, which have the browser to themselves; the first round, which
 * Today waits for; and the history behind, which waits for nobody and for which nobody waits.
 */
import type { LaunchContext } from '../launch/context.ts';
import type { Facts } from '../models/engine/facts/facts.ts';
import { firstNumber, firstReads, firstRound, history, type Query } from '../models/engine/facts/queries.ts';
import { readChart } from '../models/engine/facts/read-chart.ts';
import { uncategorised } from '../models/engine/facts/uncategorised.ts';
import type { Library } from '../models/engine/library.ts';
import { evaluateRisk } from '../models/engine/risk/evaluate.ts';
import type { Credentials } from './credentials.ts';
import { type Answer, type Hearing, openEhr } from './pull.ts';
import * as state from './state.ts';
import { painted } from './ui/painted.ts';

/** What has been read so far. */
export interface Reading {
  readonly facts: Facts;
  readonly resources: readonly unknown[];
  readonly now: number;
}

/** The reads of one launch. */
export interface Round {
  /** The first number has been painted, or is long in coming: what would compete with it may begin. */
  readonly begun: Promise<void>;
  /** Every source has brought enough, been refused or been given up, or the clinician went on without it. */
  readonly answered: Promise<void>;
  readonly finished: Promise<void>;
  wentOn(): boolean;
  goOnWithout(): void;
  /** Today stands: what is left of long lists may be read. */
  readOn(): void;
  /** Asks one source again. */
  retry(sourceId: string): Promise<void>;
  /** Asks for the history; resolves when it has been read as far as it can be. */
  readBehind(): Promise<void>;
  reading(): Reading;
}

/** The sources that the first number needs: who, the creatinine, and what would make an eGFR meaningless. */
const NEEDED_FIRST: readonly string[] = ['patient', 'laboratory', 'conditions'];

/** How long the first number's own reads have the browser to themselves. Milliseconds; a slow EHR must not hold up the rest. */
const HEAD_START_MS = 300;

/** Starts reading at once. `knowledge` holds what the first number needs. `onUnsupported` when the EHR turns out not to speak R4: nothing read may be used. */
export function startRound(options: {
  readonly origin: string;
  readonly context: LaunchContext;
  readonly credentials?: Credentials | undefined;
  readonly knowledge: Promise<Library>;
  readonly onUnsupported: (reason: string) => void;
}): Round {
  const { origin, context, credentials, knowledge, onUnsupported } = options;
  const ehr = openEhr({ origin, context, credentials });
  const answers = new Map<string, Answer>();
  let newest: readonly unknown[] | undefined;
  let early = false;
  let painting: Promise<void> = Promise.resolve();
  const [released, release] = latch();
  const [settled, readOn] = latch();

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
    // Without it there is no first number; Today brings it.
    const known = await knowledge.catch(() => undefined);
    const evaluations = known ? evaluateRisk(facts, kidneyOf(known), now) : [];
    const evaluation = evaluations.find(({ status }) => status === 'finding') ?? evaluations[0];
    if (!evaluation || !state.belongs(context)) return;
    // What is not among the newest may be further back.
    if (evaluation.status !== 'finding' && !answers.has('laboratory')) return;
    state.firstNumber.value = { launchId: context.launchId, patientId: context.patientId, evaluation };
  };

  const hearing: Hearing = {
    readOn: settled,
    onAnswer: (answer) => {
      if (!state.belongs(context)) return;
      answers.set(answer.query.id, answer);
      state.report(answer.report, answer.remarks);
      if (answer.sessionEnded) state.stage.value = { step: 'ended' };
      if (!state.today.value && NEEDED_FIRST.includes(answer.query.id)) painting = paintFirst();
      if (firstRound().every(({ id }) => answers.has(id))) release();
    },
    onSlow: ({ id }) => state.markSlow(id),
    onUnsupported,
  };

  let unfiled: readonly Query[] = [];
  const all = (): readonly Query[] => [...firstRound(), ...history(), ...unfiled];
  // It is only looked at, never reported; the laboratory's own answer holds it too.
  const looked = ehr.pull([firstNumber()], {
    onAnswer: ({ resources }) => {
      if (!state.belongs(context) || !newestFirst(resources)) return;
      newest = resources;
      painting = paintFirst();
    },
  });
  const alone = firstReads();
  const led = ehr.pull(alone, hearing);
  const first = Promise.all([looked, led]).then(() => painting.then(painted));
  const begun = Promise.race([first, new Promise<void>((resolve) => setTimeout(resolve, HEAD_START_MS))]);
  const others = firstRound().filter((query) => !alone.includes(query));
  const finished = Promise.all([led, begun.then(() => ehr.pull(others, hearing))]).then(release);

  /** Whether the EHR gives results at all: what was not granted or is refused by category is not asked for by another way. */
  const givesResults = () => {
    const told = answers.get('laboratory')?.report.state;
    return told !== undefined && told !== 'refused' && told !== 'not-asked';
  };

  /** What no category brought, once every category has brought what it has. */
  const askWithoutCategory = async () => {
    const query =
      state.belongs(context) && givesResults()
        ? uncategorised([...answers.values()].flatMap(({ resources }) => resources))
        : undefined;
    unfiled = query ? [query] : [];
    state.expect(unfiled, { behind: true });
    await ehr.pull(unfiled, hearing);
  };
  return {
    begun,
    answered: released,
    finished,
    wentOn: () => early,
    goOnWithout: () => {
      early = true;
      release();
    },
    readOn,
    retry: (id) =>
      ehr.pull(
        all().filter((query) => query.id === id),
        hearing,
      ),
    readBehind: async () => {
      state.expect(history(), { behind: true });
      await Promise.all([ehr.pull(history(), hearing), finished.then(askWithoutCategory)]);
    },
    reading,
  };
}

/** A promise, and the call that resolves it. */
function latch(): readonly [promise: Promise<void>, open: () => void] {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [promise, open];
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
