/** The one thing the engine cannot do itself: run an ONNX graph. */

/** A graph to run: where its bytes come from and what they must hash to. */
export interface Graph {
  readonly id: string;
  readonly url: string;
  readonly sha256: string;
}

/** A float tensor in row-major order. */
export interface Tensor {
  readonly dtype: 'float32' | 'float64';
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/**
 * onnxruntime-web behind one method; the same adapter runs in the browser's worker and in Node.
 * Rejects with a coded error (`model-unavailable`, `model-digest-mismatch`); there is no fallback.
 */
export interface Runtime {
  predict(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}
