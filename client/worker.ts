/**
 * Thinks off the page's thread: medicines, FHIRPath rules, interactions, scores; then ONNX Runtime, loaded only when
 * the first cards have been painted. Keeps the library and the drug table, never a patient.
 */

import type { LaunchContext, ServedPart } from '../launch/context.ts';
import { type Apart, apartWanted } from '../models/engine/apart.ts';
import { evaluate } from '../models/engine/evaluate.ts';
import type { Evaluation } from '../models/engine/evaluation.ts';
import { checkExposures } from '../models/engine/exposure/graph-check.ts';
import { decodeDrugCodes, joinDrugTable } from '../models/engine/facts/drug-codes.ts';
import { type DrugTable, decodeDrugTable } from '../models/engine/facts/drug-table.ts';
import type { Facts } from '../models/engine/facts/facts.ts';
import { withMedications } from '../models/engine/facts/read.ts';
import type { Library } from '../models/engine/library.ts';
import { createOnnxRuntime, prepareOrt, RuntimeError } from '../models/engine/onnx-runtime.ts';
import { findMedicines } from '../models/engine/plan/find.ts';
import { type Added, withPlan } from '../models/engine/plan/plan.ts';
import { prioritise } from '../models/engine/prioritise.ts';
import { contributionsByInput } from '../models/engine/risk/contributions.ts';
import { valuesOf } from '../models/engine/risk/inputs.ts';
import { checkTwin } from '../models/engine/risk/twin-check.ts';
import type { Runtime } from '../models/engine/runtime.ts';
import { learn } from './fhirpath/parser.ts';
import type { Timed } from './ledger/requests.ts';
import type { Question, Reply, Withdrawal } from './thinking.ts';

interface Knowledge {
  readonly library: Library;
  readonly drugs: Drugs;
  /** Resolves when the library's FHIRPath can be evaluated; without it each rule fails for itself and says so. */
  readonly expressions: Promise<void>;
}

let knowledge: Knowledge | undefined;
let runtime: Promise<Runtime> | undefined;

self.addEventListener('message', ({ data }: MessageEvent<Question>) => {
  if (data.ask === 'prepare') {
    const { library, served } = data;
    knowledge = { library, drugs: openDrugs(library, served), expressions: loadExpressions(served.expressions) };
  } else void answer(data).then((reply) => self.postMessage(reply));
});

async function answer(question: Exclude<Question, { ask: 'prepare' }>): Promise<Reply> {
  const { number } = question;
  if (question.ask === 'timed') return { number, timed: ownRequests() };
  if (!knowledge) return { number, failed: 'library-absent' };
  try {
    if (question.ask === 'judge') return { number, ...(await judge(question, knowledge)) };
    if (question.ask === 'plan') return { number, ...(await consider(question, knowledge)) };
    if (question.ask === 'find') return { number, found: await find(question.text, knowledge) };
    if (question.ask === 'parts') return { number, parts: await partsOf(question, knowledge.library) };
    return { number, ...(await runModels(question, knowledge.library)) };
  } catch (error) {
    // A message of the engine could quote a value; only its code leaves.
    return { number, failed: error instanceof RuntimeError ? error.code : 'engine-error' };
  }
}

type Judged = Omit<Extract<Reply, { facts: unknown }>, 'number'>;

/** What the browser lists of this worker's requests; the page's own list does not have them. */
function ownRequests(): readonly Timed[] {
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  return entries.map(({ name, transferSize, encodedBodySize, decodedBodySize, responseStatus }) => ({
    name,
    transferSize,
    encodedBodySize,
    decodedBodySize,
    responseStatus,
  }));
}

/** Everything but the trained models: no ONNX Runtime is needed for it. */
async function judge(
  { facts, resources, now, patientId, reading }: Extract<Question, { ask: 'judge' }>,
  { library, drugs, expressions }: Knowledge,
): Promise<Judged> {
  await expressions;
  // Without the table every medicine stays unresolved, and prioritise names each as not checked.
  const complete = await drugs.read((table) =>
    withMedications(facts, { resources, patientId, now, ...reading, ...(table && { drugs: table }) }),
  );
  const evaluations = await evaluate(complete, withoutTrained(await withApart(complete, library)), noRuntime, now);
  return {
    facts: complete,
    evaluations,
    prioritised: prioritise(evaluations, complete),
    withdrawn: [],
    unconfirmed: [],
  };
}

/** What would be said of another medication list. */
async function consider(
  { facts, plan, now }: Extract<Question, { ask: 'plan' }>,
  { library, expressions }: Knowledge,
): Promise<Judged> {
  await expressions;
  const planned = withPlan(facts, plan);
  const evaluations = await evaluate(planned, withoutTrained(await withApart(planned, library)), noRuntime, now);
  const prioritised = prioritise(evaluations, planned);
  return { facts: planned, evaluations, prioritised, withdrawn: [], unconfirmed: [] };
}

/** By the names the library knows, then by whatever the drug table makes of the words (brands). */
function find(text: string, { library, drugs }: Knowledge): Promise<readonly Added[]> {
  return drugs.read((table) => findMedicines(text, library.ingredients, table));
}

/** All of it again with the trained models, then each equation's twin on this patient's inputs. */
async function runModels({ facts, now }: Extract<Question, { ask: 'models' }>, library: Library): Promise<Judged> {
  runtime ??= loadRuntime();
  const ready = await runtime.catch((error) => {
    runtime = undefined;
    return refusing(error);
  });
  const known = await withApart(facts, library);
  const evaluations = await evaluate(facts, known, ready, now);
  const verdicts = [
    ...(await askTwins({ evaluations, library, runtime: ready })),
    ...(await checkExposures({ facts, library: known, runtime: ready })),
  ];
  const withdrawn = withDependents(
    verdicts.filter(({ differs }) => differs),
    evaluations,
    library,
  );
  const unconfirmed = verdicts.filter(({ differs }) => !differs);
  const standing = evaluations.map((evaluation) => withdraw(evaluation, withdrawn));
  return { facts, evaluations: standing, prioritised: prioritise(standing, facts), withdrawn, unconfirmed };
}

/** Why a trained model's number: asked on tap, when ONNX Runtime has long been loaded. */
async function partsOf({ id, values }: Extract<Question, { ask: 'parts' }>, library: Library) {
  const model = library.risk.find((candidate) => candidate.id === id);
  if (model?.kind !== 'onnx') return [];
  runtime ??= loadRuntime();
  const ready = await runtime.catch((error) => {
    runtime = undefined;
    return refusing(error);
  });
  return (await contributionsByInput(model, values, ready)) ?? [];
}

interface Verdict extends Withdrawal {
  /** Another number came out; otherwise the twin could not be run, and the number stands unconfirmed. */
  readonly differs: boolean;
}

/** Each equation's twin on this patient's own inputs. */
async function askTwins(check: {
  evaluations: readonly Evaluation[];
  library: Library;
  runtime: Runtime;
}): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const model of check.library.risk) {
    const evaluation = check.evaluations.find(({ id }) => id === model.id);
    if (model.kind !== 'regression' || evaluation?.status !== 'finding' || !evaluation.finding.outcomes) continue;
    const verdict = await checkTwin({
      model,
      values: valuesOf(model.inputs, evaluation.finding.basis),
      outcomes: evaluation.finding.outcomes,
      runtime: check.runtime,
    });
    if (verdict.agrees) continue;
    const differs = verdict.code === 'twin-differs' || verdict.code === 'twin-input-missing';
    verdicts.push({ id: model.id, message: verdict.message, differs });
  }
  return verdicts;
}

/** What was made of a withdrawn number goes with it: a rule on eGFR does not outlive its eGFR. */
function withDependents(
  withdrawn: readonly Withdrawal[],
  evaluations: readonly Evaluation[],
  library: Library,
): readonly Withdrawal[] {
  const provided = library.risk.flatMap(({ id, provides }) =>
    provides && withdrawn.some((gone) => gone.id === id) ? [provides] : [],
  );
  const dependents = evaluations.flatMap((evaluation) => {
    if (evaluation.status !== 'finding') return [];
    const on = evaluation.finding.basis.used.find(({ path }) => provided.includes(path));
    return on ? [{ id: evaluation.id, message: `${evaluation.title} used ${on.label}, which was withdrawn` }] : [];
  });
  return [...withdrawn, ...dependents];
}

function withdraw(evaluation: Evaluation, withdrawn: readonly Withdrawal[]): Evaluation {
  const reason = withdrawn.find(({ id }) => id === evaluation.id);
  if (!reason) return evaluation;
  const { id, kind, title, version } = evaluation;
  return { id, kind, title, version, status: 'failure', error: { code: 'twin-differs', message: reason.message } };
}

const fetched: { -readonly [K in keyof Apart]: Apart[K] } = {};

/** The library with the parts that this patient needs; a part that does not come is said by the checks that want it. */
async function withApart(facts: Facts, library: Library): Promise<Library> {
  const wanted = apartWanted(facts, { ...library, ...fetched });
  await Promise.all(
    wanted.map(async (name) => {
      const file = library.apart?.[name];
      const part = file && (await loadPart(file).catch(() => undefined));
      if (part) Object.assign(fetched, { [name]: part });
    }),
  );
  return { ...library, ...fetched };
}

function withoutTrained(library: Library): Library {
  return { ...library, risk: library.risk.filter(({ kind }) => kind !== 'onnx') };
}

const noRuntime = refusing(new RuntimeError('model-unavailable', 'ONNX Runtime has not been loaded'));

/** A runtime that says why it cannot run anything. */
function refusing(error: unknown): Runtime {
  const coded =
    error instanceof RuntimeError ? error : new RuntimeError('model-unavailable', 'ONNX Runtime did not start');
  return { predict: () => Promise.reject(coded) };
}

async function loadRuntime(): Promise<Runtime> {
  const [ort, { default: wasmUrl }] = await Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
  ]);
  await prepareOrt({ ort, wasm: await load(wasmUrl), sha256 });
  return createOnnxRuntime({ ort, load, sha256 });
}

async function loadExpressions(url: string | undefined): Promise<void> {
  if (url === undefined) return;
  const bytes = await load(url).catch(() => undefined);
  if (bytes) learn(JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>);
}

/** Reads with as much of the drug table as this chart needs: its names come only when a medicine has no code. */
interface Drugs {
  read<T>(step: (table: DrugTable | undefined) => T): Promise<T>;
}

function openDrugs({ drugTable }: Library, { drugs }: LaunchContext['library']): Drugs {
  const whole = () => loadPart(drugTable).then(decodeDrugTable);
  const codes = drugs && loadPart(drugs.codes);
  let named = drugs ? undefined : whole();
  // Asked for here, awaited there: a failure in between is nobody's.
  codes?.catch(() => undefined);
  named?.catch(() => undefined);
  return {
    read: async (step) => {
      const parts = await codes?.catch(() => undefined);
      if (parts && !named) {
        const { table, namesWanted } = decodeDrugCodes(parts);
        const result = step(table);
        if (!namesWanted()) return result;
      }
      named ??= drugs && parts ? loadPart(drugs.names).then((names) => joinDrugTable(parts, names)) : whole();
      return step(await named.catch(() => undefined));
    },
  };
}

async function loadPart({ url, sha256: expected }: ServedPart): Promise<object> {
  const bytes = await load(url);
  if ((await sha256(bytes)) !== expected) throw new RuntimeError('model-digest-mismatch', 'a part of the library');
  return JSON.parse(new TextDecoder().decode(bytes)) as object;
}

async function load(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new RuntimeError('model-unavailable', 'a file of the library could not be fetched');
  return new Uint8Array(await response.arrayBuffer());
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
