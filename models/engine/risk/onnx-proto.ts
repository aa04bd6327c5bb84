/**
 * Writes ONNX models: the few protobuf messages of onnx.proto (IR version 8) that a small graph needs.
 * Nothing is read back here; ONNX Runtime is the reader. The same graph always gives the same bytes.
 */

/** ONNX element types (TensorProto.DataType). */
export const elementType = { int64: 7, bool: 9, float64: 11 } as const;

/** An attribute of a node: only integers are needed. */
export interface Attribute {
  readonly name: string;
  readonly value: number;
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: readonly Attribute[];
}

/** A constant of the graph, row-major. */
export interface Initializer {
  readonly name: string;
  readonly dtype: 'int64' | 'float64';
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

/** A float64 input or output of shape [N, width], N free. */
export interface Port {
  readonly name: string;
  readonly width: number;
}

export interface GraphProto {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly input: Port;
  readonly output: Port;
  /** Key → text, kept in the file for whoever opens it. ASCII. */
  readonly metadata: Readonly<Record<string, string>>;
}

const irVersion = 8;
const opset = 17;

/** The bytes of an ONNX model (operator set 17, default domain only). */
export function writeModel(graph: GraphProto): Uint8Array {
  return Uint8Array.from([
    ...integer(1, irVersion),
    ...text(2, 'attune'),
    ...message(7, graphProto(graph)),
    ...message(8, integer(2, opset)),
    ...Object.entries(graph.metadata).flatMap(([key, value]) => message(14, [...text(1, key), ...text(2, value)])),
  ]);
}

type Bytes = readonly number[];

function graphProto(graph: GraphProto): Bytes {
  return [
    ...graph.nodes.flatMap((node) => message(1, nodeProto(node))),
    ...text(2, graph.name),
    ...graph.initializers.flatMap((constant) => message(5, tensorProto(constant))),
    ...message(11, valueInfo(graph.input)),
    ...message(12, valueInfo(graph.output)),
  ];
}

function nodeProto(node: Node): Bytes {
  const integerAttribute = 2;
  return [
    ...node.inputs.flatMap((name) => text(1, name)),
    ...text(2, node.output),
    ...text(4, node.op),
    ...(node.attributes ?? []).flatMap(({ name, value }) =>
      message(5, [...text(1, name), ...integer(3, value), ...integer(20, integerAttribute)]),
    ),
  ];
}

function tensorProto(constant: Initializer): Bytes {
  return [
    ...constant.dims.flatMap((size) => integer(1, size)),
    ...integer(2, elementType[constant.dtype]),
    ...text(8, constant.name),
    ...message(9, rawData(constant)),
  ];
}

/** Little-endian, eight bytes a value. */
function rawData({ dtype, values }: Initializer): Bytes {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, index) => {
    if (dtype === 'float64') view.setFloat64(index * 8, value, true);
    else view.setBigInt64(index * 8, BigInt(value), true);
  });
  return [...new Uint8Array(view.buffer)];
}

function valueInfo(port: Port): Bytes {
  const shape = [...message(1, text(2, 'N')), ...message(1, integer(1, port.width))];
  const tensorType = [...integer(1, elementType.float64), ...message(2, shape)];
  return [...text(1, port.name), ...message(2, message(1, tensorType))];
}

function integer(field: number, value: number): Bytes {
  return [...varint(field * 8), ...varint(value)];
}

function message(field: number, bytes: Bytes): Bytes {
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

function text(field: number, value: string): Bytes {
  return message(
    field,
    Array.from(value, (character) => {
      const code = character.charCodeAt(0);
      if (code > 126) throw new RangeError(`an ONNX file of ours holds ASCII only, not ${JSON.stringify(character)}`);
      return code;
    }),
  );
}

/** Base-128, least significant group first. Non-negative integers below 2^53. */
function varint(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}
