/** One folder of `risk/`: manifest, card and graph, made into the model that travels. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { namesIn } from '../../models/engine/expression.ts';
import type { Expression, ModelCard, RegressionModel, RiskModel } from '../../models/engine/library.ts';
import { strataOf } from '../../models/engine/risk/regression.ts';
import { twinFeatures, twinOf } from '../../models/engine/risk/twin.ts';
import { sha256 } from './canonical.ts';
import { FormulaError, parseFormula } from './formula.ts';
import { tryGraph } from './graph-trial.ts';
import { problemAt, type Report, readKnowledge, type SourceFile } from './read.ts';
import { modelCard, riskManifest, type VectorMapping } from './schema.ts';

/** Bytes the browser fetches by URL. */
export interface ServedFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

type Manifest = z.infer<typeof riskManifest>;
type Parse = (text: string, path: readonly (string | number)[], known: readonly string[]) => Expression;

/** A model, the graph the browser fetches for it, and what conformance files call its inputs and outcomes. */
export interface ReadModel {
  readonly model: RiskModel;
  readonly graph?: { readonly url: string; readonly file: ServedFile };
  /** The whole card; the model carries its name and digest only, so that Today does not wait for it. */
  readonly card: { readonly url: string; readonly file: ServedFile };
  readonly vectors: readonly VectorMapping[];
}

/** The model of one folder with its graph, if it has one; `undefined` when something is wrong with it. */
export async function readRiskModel(
  { folder, name }: { readonly folder: string; readonly name: string },
  report: Report,
): Promise<ReadModel | undefined> {
  const file = (leaf: string) => ({ absolute: join(folder, leaf), file: `risk/${name}/${leaf}` });
  const manifest = await readKnowledge({ ...file('manifest.json'), schema: riskManifest }, report);
  const hasCard = existsSync(join(folder, 'card.json'));
  const card = hasCard ? await readKnowledge({ ...file('card.json'), schema: modelCard }, report) : undefined;
  if (!hasCard)
    report({
      file: `risk/${name}/card.json`,
      line: 1,
      path: '',
      expected: 'a model card',
      found: 'no file',
      advice: 'write one: a model does not ship without its card',
    });
  if (!manifest || !card) return undefined;
  const { value, source } = manifest;
  checkCard(card, value, report);
  const { carried, published } = cardApart(name, card.value);
  if (value.id !== name)
    report(
      problemAt(source, ['id'], {
        expected: `the folder's name, ${name}`,
        found: value.id,
        advice: 'use one name for both',
      }),
    );
  const parsed = parseManifest(value, source, report);
  const vectors = [value.vectors ?? []].flat();
  switch (parsed.kind) {
    case 'points':
      return { model: { ...parsed, ...carried }, card: published, vectors };
    case 'regression':
      return withTwin({ model: { ...parsed, ...carried }, card: published, vectors }, source, report);
    case 'onnx': {
      const path = join(folder, parsed.file);
      const bytes = existsSync(path) ? await readFile(path) : undefined;
      const found = bytes ? sha256(bytes) : 'no such file';
      if (!bytes || found !== parsed.sha256) {
        report(
          problemAt(source, ['sha256'], {
            expected: `the digest of ${parsed.file}`,
            found,
            advice: 'put back the graph that was validated, or revalidate and release the new one',
          }),
        );
        return undefined;
      }
      const url = graphUrl(parsed.sha256);
      const model = { ...parsed, ...carried, url, bytes: bytes.length };
      const problem = await tryGraph(model, bytes, `risk/${name}/${parsed.file}`);
      if (problem) {
        report(problem);
        return undefined;
      }
      return {
        model,
        graph: { url, file: served(bytes) },
        card: published,
        vectors,
      };
    }
  }
}

function withTwin(
  { model, ...rest }: { readonly model: RegressionModel } & Pick<ReadModel, 'card' | 'vectors'>,
  source: SourceFile,
  report: Report,
): ReadModel | undefined {
  checkStrata(model, source, report);
  try {
    const bytes = twinOf(model);
    const digest = sha256(bytes);
    const url = graphUrl(digest);
    return {
      model: { ...model, twin: { sha256: digest, url, features: twinFeatures(model) } },
      graph: { url, file: served(bytes) },
      ...rest,
    };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    report(
      problemAt(source, [], {
        expected: 'formulas that ONNX can express',
        found,
        advice: 'name only inputs, constants and earlier terms',
      }),
    );
    return undefined;
  }
}

/** The card's own file, and what stays with the model: who it is and the digest of the rest. */
function cardApart(id: string, card: ModelCard) {
  const bytes = Buffer.from(JSON.stringify(card));
  const cardSha256 = sha256(bytes);
  const cardUrl = `/library/cards/${id}-${cardSha256}.json`;
  const { kind, name, version } = card;
  return {
    carried: { card: { kind, name, version }, cardUrl, cardSha256 },
    published: { url: cardUrl, file: { bytes, contentType: 'application/json; charset=utf-8' } },
  };
}

/** A card speaks of the very file that runs. */
function checkCard(
  { value: card, source }: { readonly value: ModelCard; readonly source: SourceFile },
  manifest: Manifest,
  report: Report,
): void {
  if (card.version !== manifest.version)
    report(
      problemAt(source, ['version'], {
        expected: `the manifest's version, ${manifest.version}`,
        found: card.version,
        advice: 'release both together',
      }),
    );
  if (manifest.kind !== 'onnx') return;
  const artifact = card.artifact as { readonly sha256?: unknown } | undefined;
  if (artifact?.sha256 !== manifest.sha256)
    report(
      problemAt(source, ['artifact', 'sha256'], {
        expected: `the digest of ${manifest.file}, ${manifest.sha256}`,
        found: String(artifact?.sha256 ?? 'nothing'),
        advice: 'write the card of the graph that was validated',
      }),
    );
}

/** A stratum without its row would give no number, to some patients and not to others. */
function checkStrata(model: RegressionModel, source: SourceFile, report: Report): void {
  const words = strataOf(model).map((name) =>
    Object.keys(model.inputs.find((input) => input.name === name)?.codes ?? {}),
  );
  const rows = words.reduce<readonly string[]>(
    (before, next) => before.flatMap((row) => next.map((word) => (row === '' ? word : `${row}/${word}`))),
    [''],
  );
  for (const table of ['constants', 'coefficients'] as const) {
    const given = model[table];
    if (!given || 'all' in given) continue;
    for (const row of rows.filter((candidate) => !Object.hasOwn(given, candidate)))
      report(
        problemAt(source, [table], {
          expected: `a row ${row || 'all'}`,
          found: Object.keys(given).join(', '),
          advice: 'give every stratum its row, or one row “all”',
        }),
      );
  }
}

/** Text formulas into trees, each checked to use only names that exist where it stands. */
function parseManifest(manifest: Manifest, source: SourceFile, report: Report) {
  const inputs = manifest.inputs.flatMap(({ name, missing }) => (missing ? [name, missing.indicator] : [name]));
  const outcomes = manifest.outcomes.map(({ id }) => id);
  const parse: Parse = (text, path, known) => {
    try {
      const expression = parseFormula(text);
      const unknown = namesIn(expression).filter((name) => !known.includes(name));
      if (unknown.length > 0) throw new FormulaError(`unknown name ${unknown.join(', ')}`);
      return expression;
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      report(
        problemAt(source, path, {
          expected: `a formula over ${known.join(', ')}`,
          found: `“${text}”: ${error.message}`,
          advice: 'correct the formula, or declare the name before it',
        }),
      );
      return { op: 'number', value: Number.NaN };
    }
  };
  const { advice, refuse, vectors: _, ...rest } = manifest;
  const parsedRefuse = refuse && {
    refuse: refuse.map((item, index) => ({ ...item, when: parse(item.when, ['refuse', index, 'when'], inputs) })),
  };
  const parsedAdvice = advice && {
    advice: advice.map((item, index) => ({
      ...item,
      when: parse(item.when, ['advice', index, 'when'], [...inputs, ...outcomes]),
    })),
  };
  switch (rest.kind) {
    case 'points':
      for (const [index, { points }] of rest.items.entries())
        for (const key of Object.keys(points).filter((candidate) => !outcomes.includes(candidate)))
          report(
            problemAt(source, ['items', index, 'points', key], {
              expected: `one of ${outcomes.join(', ')}`,
              found: `“${key}”`,
              advice: 'give points to an outcome of this model',
            }),
          );
      return {
        ...rest,
        ...parsedAdvice,
        ...parsedRefuse,
        items: rest.items.map((item, index) => ({ ...item, when: parse(item.when, ['items', index, 'when'], inputs) })),
      };
    case 'regression': {
      const { terms: __, equation: ___, ...plain } = rest;
      return { ...plain, ...parsedAdvice, ...parsedRefuse, ...parseRegression(rest, inputs, parse) };
    }
    case 'onnx':
      return {
        ...rest,
        ...parsedAdvice,
        ...parsedRefuse,
        features: rest.features.map((feature, index) => ({
          ...feature,
          formula: parse(feature.formula, ['features', index, 'formula'], inputs),
        })),
      };
  }
}

function parseRegression(manifest: Extract<Manifest, { kind: 'regression' }>, inputs: readonly string[], parse: Parse) {
  const known = [...inputs, ...Object.values(manifest.constants ?? {}).flatMap((row) => Object.keys(row))];
  const terms = manifest.terms?.map((term, index) => {
    const formula = parse(term.formula, ['terms', index, 'formula'], known);
    known.push(term.name);
    return { ...term, formula };
  });
  const equation =
    manifest.equation &&
    Object.fromEntries(
      Object.entries(manifest.equation).map(([id, text]) => [id, parse(text, ['equation', id], known)]),
    );
  return { ...(terms ? { terms } : {}), ...(equation ? { equation } : {}) };
}

function graphUrl(digest: string): string {
  return `/graphs/${digest}.onnx`;
}

function served(bytes: Uint8Array): ServedFile {
  return { bytes, contentType: 'application/octet-stream' };
}
