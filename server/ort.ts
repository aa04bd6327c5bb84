/** ONNX Runtime for this process: the same wasm build and the same adapter as in the browser's worker. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { createOnnxRuntime, ortWasm, prepareOrt, type Sha256 } from '../models/engine/onnx-runtime.ts';
import type { Runtime } from '../models/engine/runtime.ts';

/** Lower-case hex SHA-256 of `bytes`. */
export const sha256: Sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');

let prepared: Promise<void> | undefined;

/**
 * A runtime whose graphs come from `load`, by the `url` of the graph. The binary is read and checked once a process.
 * @throws RuntimeError `model-digest-mismatch` when the installed onnxruntime-web is not the pinned one
 */
export async function createNodeRuntime(options: { load: (url: string) => Promise<Uint8Array> }): Promise<Runtime> {
  prepared ??= prepare();
  await prepared;
  return createOnnxRuntime({ ort, load: options.load, sha256 });
}

async function prepare(): Promise<void> {
  const file = fileURLToPath(import.meta.resolve(`onnxruntime-web/${ortWasm.file}`));
  await prepareOrt({ ort, wasm: await readFile(file), sha256 });
}
