/**
 * onnxruntime-web behind the engine's one method. The host hands in the library, the fetching and the hashing,
 * so the same adapter runs in the browser's worker and in Node. Nothing runs whose digest was not checked first.
 */
import type * as OrtLibrary from 'onnxruntime-web/wasm';
import type { Graph, Runtime, Tensor } from './runtime.ts';

/** The part of `onnxruntime-web/wasm` that is used. Its plain wasm build needs no `eval`; the other builds do. */
export type Ort = Pick<typeof OrtLibrary, 'env' | 'InferenceSession' | 'Tensor'>;

/** The binary of the pinned onnxruntime-web, checked before it is instantiated (no browser integrity check covers wasm). */
export const ortWasm = {
  version: '1.30.0',
  file: 'ort-wasm-simd-threaded.wasm',
  sha256: '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2',
} as const;

/** Lower-case hex SHA-256. */
export type Sha256 = (bytes: Uint8Array) => Promise<string>;

/**
 * A model that may not speak. `model-unavailable`: it could not be fetched, opened or run;
 * `model-digest-mismatch`: its bytes are not the ones that were validated. Messages carry no patient data.
 */
export class RuntimeError extends Error {
  readonly code: 'model-unavailable' | 'model-digest-mismatch';
  constructor(code: RuntimeError['code'], message: string) {
    super(message);
    this.name = 'RuntimeError';
    this.code = code;
  }
}

/**
 * Gives the library its verified binary, single-threaded and in this thread (an EHR's iframe is never cross-origin
 * isolated, and the caller is a worker already). Once, before the first session.
 * @throws RuntimeError `model-digest-mismatch` when `wasm` is not the pinned binary
 */
export async function prepareOrt(options: { ort: Ort; wasm: Uint8Array; sha256: Sha256 }): Promise<void> {
  await verify({ id: ortWasm.file, bytes: options.wasm, expected: ortWasm.sha256, sha256: options.sha256 });
  const { wasm } = options.ort.env;
  wasm.numThreads = 1;
  wasm.proxy = false;
  wasm.wasmBinary = options.wasm;
}

/**
 * The runtime over a prepared `ort`. A graph's session is made once for each digest; a failed one may be tried again.
 * @param options.load fetches a graph's bytes from its `url`
 */
export function createOnnxRuntime(options: {
  ort: Ort;
  load: (url: string) => Promise<Uint8Array>;
  sha256: Sha256;
}): Runtime {
  const sessions = new Map<string, Promise<OrtLibrary.InferenceSession>>();

  function sessionFor(graph: Graph): Promise<OrtLibrary.InferenceSession> {
    const known = sessions.get(graph.sha256);
    if (known) return known;
    const opening = open(graph, options);
    sessions.set(graph.sha256, opening);
    opening.catch(() => sessions.delete(graph.sha256));
    return opening;
  }

  return {
    async predict(graph, inputs) {
      const session = await sessionFor(graph);
      return run({ graph, session, ort: options.ort, inputs });
    },
  };
}

async function open(
  graph: Graph,
  { ort, load, sha256 }: Parameters<typeof createOnnxRuntime>[0],
): Promise<OrtLibrary.InferenceSession> {
  const bytes = await load(graph.url).catch(() => {
    throw new RuntimeError('model-unavailable', `${graph.id}: its file could not be fetched`);
  });
  await verify({ id: graph.id, bytes, expected: graph.sha256, sha256 });
  try {
    return await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  } catch (error) {
    // No patient's data has been near the graph yet, so the library's own words (an unknown operator, say) are safe.
    throw new RuntimeError(
      'model-unavailable',
      `${graph.id}: ${error instanceof Error ? error.message : 'not opened'}`,
    );
  }
}

async function verify(item: { id: string; bytes: Uint8Array; expected: string; sha256: Sha256 }): Promise<void> {
  if ((await item.sha256(item.bytes)) === item.expected) return;
  throw new RuntimeError('model-digest-mismatch', `${item.id}: its bytes are not the ones that were validated`);
}

async function run(call: {
  graph: Graph;
  session: OrtLibrary.InferenceSession;
  ort: Ort;
  inputs: Readonly<Record<string, Tensor>>;
}): Promise<Readonly<Record<string, Tensor>>> {
  const feeds = Object.fromEntries(
    Object.entries(call.inputs).map(([name, tensor]) => [
      name,
      new call.ort.Tensor(tensor.dtype, tensor.data, tensor.dims),
    ]),
  );
  let results: OrtLibrary.InferenceSession.ReturnType;
  try {
    results = await call.session.run(feeds);
  } catch {
    // The library's message may quote values of the feed; it is dropped.
    throw new RuntimeError('model-unavailable', `${call.graph.id}: the graph did not run on these inputs`);
  }
  return Object.fromEntries(
    Object.entries(results)
      .map(([name, value]) => [name, floatTensor(value)] as const)
      .filter((entry): entry is readonly [string, Tensor] => entry[1] !== undefined),
  );
}

/** Outputs of other types (a classifier's label) are not the engine's business. */
function floatTensor(value: OrtLibrary.OnnxValue): Tensor | undefined {
  if (value.type === 'float64') return { dtype: 'float64', dims: value.dims, data: value.data as Float64Array };
  if (value.type === 'float32') return { dtype: 'float32', dims: value.dims, data: value.data as Float32Array };
  return undefined;
}
