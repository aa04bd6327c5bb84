/**
 * The exposure sum as a float64 ONNX graph, so that ONNX Runtime works it out a second time and any platform that scores
 * ONNX can run it. Written from the same formula as `exposureOf`, pathway by pathway.
 *
 * Input `x` float64 [N, 4·P]: CR of every pathway in the order of `PATHWAYS`, then FA, then IR, then IC; a pathway that
 * the object does not have is 0, 1, 0, 0. Output `y` float64 [N, 1]: the AUC as a multiple of usual.
 */
import type { Initializer, Node } from '../risk/onnx-proto.ts';
import { writeModel } from '../risk/onnx-proto.ts';
import type { Pathway } from './knowledge.ts';
import { type Factor, stageOf } from './model.ts';

/** Every pathway that a parameter file may name. */
export const PATHWAYS: readonly Pathway[] = [
  'CYP1A2',
  'CYP2B6',
  'CYP2C8',
  'CYP2C9',
  'CYP2C19',
  'CYP2D6',
  'CYP2E1',
  'CYP3A4',
  'CYP4F2',
  'MAO',
  'OAT',
  'OATP1B1',
  'OCT2',
  'P-gp',
  'BCRP',
  'UGT1A1',
  'UGT1A4',
  'UGT1A9',
  'UGT2B7',
  'XO',
  'gastric pH',
];

const STAGES = ['elimination', 'uptake', 'efflux'] as const;
const WIDTH = PATHWAYS.length;

/** The graph's bytes: the same every time. */
export function exposureGraph(): Uint8Array {
  const stages = PATHWAYS.flatMap((pathway) => STAGES.map((stage) => Number(stageOf(pathway) === stage)));
  const block = (name: string, index: number): Initializer => ({
    name,
    dtype: 'int64',
    dims: [WIDTH],
    values: PATHWAYS.map((_, pathway) => index * WIDTH + pathway),
  });
  const column = (index: number): Initializer => ({
    name: `stage${index}`,
    dtype: 'int64',
    dims: [1],
    values: [index],
  });
  const axis = [{ name: 'axis', value: 1 }];
  const nodes: readonly Node[] = [
    ...['cr', 'fa', 'ir', 'ic'].map((name) => ({
      op: 'Gather',
      inputs: ['x', `${name}_at`],
      output: name,
      attributes: axis,
    })),
    { op: 'Sub', inputs: ['one', 'ir'], output: 'kept' },
    { op: 'Add', inputs: ['one', 'ic'], output: 'raised' },
    { op: 'Mul', inputs: ['fa', 'kept'], output: 'inhibited' },
    { op: 'Mul', inputs: ['inhibited', 'raised'], output: 'activity' },
    { op: 'Sub', inputs: ['activity', 'one'], output: 'change' },
    { op: 'Mul', inputs: ['cr', 'change'], output: 'term' },
    { op: 'MatMul', inputs: ['term', 'membership'], output: 'sums' },
    { op: 'Add', inputs: ['sums', 'one'], output: 'left' },
    ...[0, 1, 2].map((index) => ({
      op: 'Gather',
      inputs: ['left', `stage${index}`],
      output: `left${index}`,
      attributes: axis,
    })),
    { op: 'Mul', inputs: ['left0', 'left1'], output: 'two' },
    { op: 'Mul', inputs: ['two', 'left2'], output: 'clearance' },
    { op: 'Div', inputs: ['one', 'clearance'], output: 'y' },
  ];
  return writeModel({
    name: 'exposure',
    nodes,
    initializers: [
      ...['cr_at', 'fa_at', 'ir_at', 'ic_at'].map(block),
      column(0),
      column(1),
      column(2),
      { name: 'one', dtype: 'float64', dims: [1], values: [1] },
      { name: 'membership', dtype: 'float64', dims: [WIDTH, STAGES.length], values: stages },
    ],
    input: { name: 'x', width: 4 * WIDTH },
    output: { name: 'y', width: 1 },
    metadata: { id: 'exposure', pathways: JSON.stringify(PATHWAYS), stages: JSON.stringify(STAGES) },
  });
}

/** The factors of one object as a row of `x`. @throws RangeError for a pathway that the graph does not have */
export function graphRow(factors: readonly Factor[]): Float64Array {
  const row = new Float64Array(4 * WIDTH).fill(1, WIDTH, 2 * WIDTH);
  for (const { pathway, cr, fa, ir, ic } of factors) {
    const at = PATHWAYS.indexOf(pathway);
    if (at < 0) throw new RangeError(`the exposure graph has no pathway ${pathway}`);
    for (const [block, value] of [cr, fa, ir, ic].entries()) row[block * WIDTH + at] = value;
  }
  return row;
}
