/** Every sum through the graph, by the engine's own adapter, beside the engine's own arithmetic. */
import { runGraph } from '../../../models/engine/exposure/graph-check.ts';
import { exposureOf } from '../../../models/engine/exposure/model.ts';
import { createOnnxRuntime, prepareOrt } from '../../../models/engine/onnx-runtime.ts';
import type { ExposureAnswer, ExposureQuestion } from '../exposure-parity.ts';

ask().then(
  (answer) => self.postMessage(answer),
  (error) => self.postMessage({ error: String(error) }),
);

async function ask(): Promise<ExposureAnswer> {
  const [ort, { default: wasmUrl }] = await Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
  ]);
  await prepareOrt({ ort, wasm: await load(wasmUrl), sha256 });
  const runtime = createOnnxRuntime({ ort, load, sha256 });
  const { graph, rows } = JSON.parse(new TextDecoder().decode(await load('/question.json'))) as ExposureQuestion;
  const ratios = await runGraph(rows, graph, runtime);
  let [maxDifference, largestRatio] = [0, 0];
  for (const [index, row] of rows.entries()) {
    const expected = exposureOf(row);
    const difference = Math.abs((ratios[index] ?? Number.NaN) - expected) / Math.max(1, expected);
    // A NaN must not pass for no difference.
    maxDifference = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(maxDifference, difference);
    largestRatio = Math.max(largestRatio, expected);
  }
  return { rows: rows.length, largestRatio, maxDifference };
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
