/** `export ID [--out FILE]`: a model's ONNX file, and beside it what a data platform must know to run it. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ANALYTE_BY_KEY } from '../../models/engine/facts/analytes.ts';
import type { OnnxModel, RegressionModel, RiskModel } from '../../models/engine/library.ts';
import { formulaText } from '../library/formula-text.ts';
import type { LoadedLibrary } from '../library.ts';
import { type Command, UsageError } from './command.ts';

/** Writes FILE (default `<id>.onnx`) and FILE with `.json` for `.onnx`; prints the latter. */
export const exportCommand: Command = async ({ args, terminal, library }) => {
  const options = { out: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const [id, ...rest] = positionals;
  if (!id || rest.length > 0) throw new UsageError('export takes the id of one model');
  const loaded = await library();
  const model = loaded.library.risk.find((risk) => risk.id === id);
  if (!model) throw new UsageError(`the library has no model ${id}`);
  const described = describe(model, loaded);
  if (!described) {
    terminal.err(`${id} is a score that is added up: it has no ONNX file. Its items are in its manifest.`);
    return 1;
  }
  const out = values.out ?? `${id}.onnx`;
  const beside = `${out.replace(/\.onnx$/, '')}.json`;
  await writeFile(out, described.bytes);
  await writeFile(beside, `${JSON.stringify(described.description, null, 2)}\n`);
  terminal.err(`${out} (${described.bytes.length} bytes) and ${beside}`);
  terminal.out(JSON.stringify(described.description));
  return 0;
};

function describe(model: RiskModel, { files, library }: LoadedLibrary) {
  if (model.kind === 'points') return undefined;
  const graph = model.kind === 'onnx' ? trained(model) : twin(model);
  const bytes = graph && files.get(graph.url)?.bytes;
  if (!graph || !bytes) return undefined;
  const { id, version, title, population, inputs, outcomes, limitation } = model;
  const description = {
    id,
    version,
    title,
    library: library.digest,
    sha256: graph.sha256,
    tensors: graph.tensors,
    // In order: the columns of the input tensor. A trained model's are made of the inputs by `formula`.
    columns: graph.columns,
    inputs: inputs.map((input) => ({ ...input, ...codesOf(input.fact) })),
    outcomes,
    population,
    limitation,
  };
  return { bytes, description };
}

/** The LOINC codes that mean a measurement, where any value under them does. Variants and codes that need more than a look are left out. */
function codesOf(fact: string): { readonly loinc?: readonly string[] } {
  const analyte = ANALYTE_BY_KEY.get(fact.replace(/^observation\./, ''));
  if (!analyte || !fact.startsWith('observation.')) return {};
  return { loinc: analyte.codes.filter(({ variant, mustSay }) => !variant && !mustSay).map(({ loinc }) => loinc) };
}

function twin({ twin: made, inputs, outcomes }: RegressionModel) {
  if (!made) return undefined;
  return {
    ...made,
    tensors: {
      input: { name: 'x', dtype: 'float64', dims: ['N', inputs.length] },
      outputs: [{ name: 'y', dtype: 'float64', dims: ['N', outcomes.length], columns: outcomes.map(({ id }) => id) }],
    },
    columns: made.features.map((name) => ({
      name,
      missing: inputs.find((input) => input.name === name)?.missing ? 'NaN' : 'no result',
    })),
  };
}

function trained({ url, sha256, tensor, features, outcomes }: OnnxModel) {
  const { input, output, contributions, dtype, outputIndex } = tensor;
  return {
    url,
    sha256,
    tensors: {
      input: { name: input, dtype, dims: ['N', features.length] },
      outputs: [
        { name: output, dtype, firstColumn: outputIndex, columns: outcomes.map(({ id }) => id) },
        ...(contributions ? [{ name: contributions, dtype, dims: ['N', features.length], unit: 'log odds' }] : []),
      ],
    },
    columns: features.map(({ formula, ...feature }) => ({ ...feature, formula: formulaText(formula) })),
  };
}
