/** This thread's side of the worker: one module worker for one launch, answered in order, everything stamped. */
import type { LaunchContext } from '../launch/context.ts';
import type { Evaluation, Prioritised } from '../models/engine/evaluation.ts';
import type { Facts } from '../models/engine/facts/facts.ts';
import type { Library } from '../models/engine/library.ts';
import type { Added, Plan } from '../models/engine/plan/plan.ts';
import type { InputContribution } from '../models/engine/risk/contributions.ts';
import type { Timed } from './ledger/requests.ts';
import type { Judgement } from './state.ts';
import workerUrl from './worker.ts?worker&url';

/** What the worker is asked. It keeps the library; each question carries its patient, and nothing of one is kept. */
export type Question =
  | { readonly ask: 'prepare'; readonly library: Library; readonly served: LaunchContext['library'] }
  | {
      readonly ask: 'judge';
      readonly number: number;
      readonly facts: Facts;
      readonly resources: readonly unknown[];
      readonly now: number;
      readonly patientId: string;
      readonly reading: LaunchContext['reading'];
    }
  | { readonly ask: 'models'; readonly number: number; readonly facts: Facts; readonly now: number }
  | { readonly ask: 'plan'; readonly number: number; readonly facts: Facts; readonly plan: Plan; readonly now: number }
  | { readonly ask: 'find'; readonly number: number; readonly text: string }
  | { readonly ask: 'timed'; readonly number: number }
  | {
      readonly ask: 'parts';
      readonly number: number;
      readonly id: string;
      readonly values: Readonly<Record<string, number>>;
    };

/** A number that is taken back, and why. */
export interface Withdrawal {
  readonly id: string;
  readonly message: string;
}

/** What the worker answers; `failed` names a code and nothing of the patient. */
export type Reply =
  | {
      readonly number: number;
      readonly facts: Facts;
      readonly evaluations: readonly Evaluation[];
      readonly prioritised: Prioritised;
      readonly withdrawn: readonly Withdrawal[];
      /** Numbers that stand although their twin could not be run. */
      readonly unconfirmed: readonly Withdrawal[];
    }
  | { readonly number: number; readonly parts: readonly InputContribution[] }
  | { readonly number: number; readonly found: readonly Added[] }
  | { readonly number: number; readonly timed: readonly Timed[] }
  | { readonly number: number; readonly failed: string };

type Judged = Extract<Reply, { facts: unknown }>;
type Parts = Extract<Reply, { parts: unknown }>;
type Found = Extract<Reply, { found: unknown }>;
type Listed = Extract<Reply, { timed: unknown }>;

/** The worker as a pair of promises. */
export interface Thinking {
  /** Hands over the library, once, before the first question; the worker begins to load the drug table and the parsed FHIRPath. */
  prepare(library: Library): void;
  /** Medicines, rules, interactions, scores and equations, ranked. */
  judge(question: { facts: Facts; resources: readonly unknown[]; now: number }): Promise<Judgement>;
  /** The same with the trained models, and the numbers that their ONNX twins did not confirm. */
  runModels(question: {
    facts: Facts;
    now: number;
  }): Promise<{ judgement: Judgement; withdrawn: readonly Withdrawal[]; unconfirmed: readonly Withdrawal[] }>;
  /** The same for a medication list that is only considered. */
  plan(question: { facts: Facts; plan: Plan; now: number }): Promise<Judgement>;
  /** Medicines whose name begins with or is this text; at most ten. */
  find(text: string): Promise<readonly Added[]>;
  /** The worker's own requests, as its browser context lists them. */
  timed(): Promise<readonly Timed[]>;
  /** What each input adds to a trained model's number; nothing for one whose graph does not say. Rejects with a code. */
  parts(question: { id: string; values: Readonly<Record<string, number>> }): Promise<readonly InputContribution[]>;
}

const MEDICATION = new Set([
  'Medication',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
]);

/** Starts the worker of this launch; its script loads beside the first round. */
export function startThinking({ launchId, patientId, reading, library: served }: LaunchContext): Thinking {
  const worker = newWorker();
  const waiting = new Map<
    number,
    { resolve: (reply: Judged | Parts | Found | Listed) => void; reject: (why: Error) => void }
  >();
  let count = 0;

  worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    const asked = waiting.get(data.number);
    waiting.delete(data.number);
    if ('failed' in data) asked?.reject(new Error(data.failed));
    else asked?.resolve(data);
  });
  worker.addEventListener('error', () => {
    for (const asked of waiting.values()) asked.reject(new Error('worker-stopped'));
    waiting.clear();
  });

  const send = (question: Question) => worker.postMessage(question);
  const ask = <Answer extends Judged | Parts | Found | Listed>(make: (number: number) => Question) => {
    count += 1;
    const number = count;
    return new Promise<Answer>((resolve, reject) => {
      waiting.set(number, { resolve: (reply) => resolve(reply as Answer), reject });
      send(make(number));
    });
  };
  const stamped = ({ facts, evaluations, prioritised }: Judged): Judgement => ({
    launchId,
    patientId,
    facts,
    evaluations,
    prioritised,
  });

  return {
    prepare: (library) => send({ ask: 'prepare', library, served }),
    judge: async ({ facts, resources, now }) => {
      const medicines = resources.filter(isMedication);
      return stamped(
        await ask<Judged>((number) => ({ ask: 'judge', number, facts, resources: medicines, now, patientId, reading })),
      );
    },
    runModels: async ({ facts, now }) => {
      const reply = await ask<Judged>((number) => ({ ask: 'models', number, facts, now }));
      return { judgement: stamped(reply), withdrawn: reply.withdrawn, unconfirmed: reply.unconfirmed };
    },
    plan: async (question) => stamped(await ask<Judged>((number) => ({ ask: 'plan', number, ...question }))),
    timed: async () => (await ask<Listed>((number) => ({ ask: 'timed', number }))).timed,
    find: async (text) => (await ask<Found>((number) => ({ ask: 'find', number, text }))).found,
    parts: async (question) => (await ask<Parts>((number) => ({ ask: 'parts', number, ...question }))).parts,
  };
}

/** The part of the browser's `trustedTypes` that is used; Firefox and older Safari have none. */
interface PolicyMaker {
  createPolicy<P extends { createScriptURL: (url: string) => string }>(name: string, policy: P): P;
}

/** Under `require-trusted-types-for 'script'` a worker may only be made from a URL that a policy passed: ours, and no other. */
function newWorker(): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyMaker };
  const policy = trustedTypes?.createPolicy('attune-worker', {
    createScriptURL: (url) => {
      if (url !== workerUrl) throw new TypeError('not our worker');
      return url;
    },
  });
  return new Worker(policy ? policy.createScriptURL(workerUrl) : workerUrl, { type: 'module' });
}

function isMedication(resource: unknown): boolean {
  return (
    typeof resource === 'object' &&
    resource !== null &&
    'resourceType' in resource &&
    MEDICATION.has(String(resource.resourceType))
  );
}
