/** The trained model on the parity rows and every twin on the given inputs, through the engine's own adapter. */
import type { Library } from '../../../models/engine/library.ts';
import { createOnnxRuntime, prepareOrt } from '../../../models/engine/onnx-runtime.ts';
import { contributionsOf } from '../../../models/engine/risk/contributions.ts';
import { featureVector, predictOnnx } from '../../../models/engine/risk/onnx.ts';
import { scoreRegression } from '../../../models/engine/risk/regression.ts';
import { checkTwin } from '../../../models/engine/risk/twin-check.ts';
import type { Runtime } from '../../../models/engine/runtime.ts';
import type { ParityAnswer, ParityQuestion } from '../onnx-parity.ts';

ask().then(
  (answer) => self.postMessage(answer),
  (error) => self.postMessage({ error: String(error) }),
);

async function ask(): Promise<ParityAnswer> {
  const started = performance.now();
  const runtime = await loadRuntime();
  const readyAfterMs = Math.round(performance.now() - started);
  const { library, rows, intercept, twins } = JSON.parse(
    new TextDecoder().decode(await load('/question.json')),
  ) as ParityQuestion;
  return {
    readyAfterMs,
    trained: await trained(library, { rows, intercept }, runtime),
    twins: await Promise.all(twins.map((twin) => worstTwin(library, twin, runtime))),
  };
}

async function trained(
  library: Library,
  { rows, intercept }: Pick<ParityQuestion, 'rows' | 'intercept'>,
  runtime: Runtime,
): Promise<ParityAnswer['trained']> {
  const model = library.risk.find(({ id }) => id === 'hidden-albuminuria');
  if (model?.kind !== 'onnx') throw new Error('the trained model is not in the library');
  let [maxDifference, maxContributionDifference, maxSumDifference] = [0, 0, 0];
  for (const row of rows) {
    const { features } = featureVector(model, row.inputs);
    const [outcome] = await predictOnnx(model, features, runtime);
    const probability = outcome?.value ?? Number.NaN;
    const parts = (await contributionsOf(model, features, runtime)) ?? [];
    maxDifference = Math.max(maxDifference, Math.abs(probability - row.probability));
    for (const [index, expected] of row.contributions.entries()) {
      const part = parts[index]?.logOdds ?? Number.NaN;
      maxContributionDifference = Math.max(maxContributionDifference, Math.abs(part - expected));
    }
    const sum = parts.reduce((total, { logOdds }) => total + logOdds, intercept);
    maxSumDifference = Math.max(maxSumDifference, Math.abs(sum - Math.log(probability / (1 - probability))));
  }
  return { rows: rows.length, maxDifference, maxContributionDifference, maxSumDifference };
}

async function worstTwin(
  library: Library,
  { id, inputs }: ParityQuestion['twins'][number],
  runtime: Runtime,
): Promise<ParityAnswer['twins'][number]> {
  const model = library.risk.find((candidate) => candidate.id === id);
  if (model?.kind !== 'regression') throw new Error(`${id} is no regression`);
  let maxDifference = 0;
  for (const values of inputs) {
    const verdict = await checkTwin({ model, values, outcomes: scoreRegression(model, values), runtime });
    if (!verdict.agrees) throw new Error(`${id}: ${verdict.code}`);
    maxDifference = Math.max(maxDifference, verdict.maxDifference);
  }
  return { id, rows: inputs.length, maxDifference };
}

async function loadRuntime(): Promise<Runtime> {
  const [ort, { default: wasmUrl }] = await Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
  ]);
  await prepareOrt({ ort, wasm: await load(wasmUrl), sha256 });
  return createOnnxRuntime({ ort, load, sha256 });
}

async function load(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
