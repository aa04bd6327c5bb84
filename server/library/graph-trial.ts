/** A trained graph is run once before it is accepted: by ONNX Runtime itself, the same build as in the browser, which knows best what it can run. */
import type { OnnxModel } from '../../models/engine/library.ts';
import { RuntimeError } from '../../models/engine/onnx-runtime.ts';
import { contributionsOf } from '../../models/engine/risk/contributions.ts';
import { OnnxModelError, predictOnnx } from '../../models/engine/risk/onnx.ts';
import { createNodeRuntime } from '../ort.ts';
import type { Problem } from './problem.ts';

/** What is wrong with it, at one row in the middle of its features' ranges; nothing when it answers as its manifest says. */
export async function tryGraph(model: OnnxModel, bytes: Uint8Array, file: string): Promise<Problem | undefined> {
  const runtime = await createNodeRuntime({ load: async () => bytes });
  const row = model.features.map(({ range: [low, high] }) => (low + high) / 2);
  try {
    await predictOnnx(model, row, runtime);
    await contributionsOf(model, row, runtime);
    return undefined;
  } catch (error) {
    if (!(error instanceof RuntimeError || error instanceof OnnxModelError)) throw error;
    const { input, output, dtype, contributions } = model.tensor;
    const outputs = [output, ...(contributions ? [contributions] : [])].map((name) => `“${name}”`).join(' and ');
    return {
      file,
      line: 1,
      path: '(graph)',
      expected: `operators that ONNX Runtime Web has, input “${input}” ${dtype} [N, ${model.features.length}], output ${outputs}`,
      found: error.message.replaceAll(/\s+/g, ' ').slice(0, 240),
      advice:
        'export the graph again with standard operators (opset 17 is sure), or correct “tensor” and “features” in the manifest',
    };
  }
}
