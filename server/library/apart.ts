/** Reads the knowledge that travels apart: gene guidance and exposure parameters. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ApartFile } from '../../models/engine/apart.ts';
import { exposureGraph, PATHWAYS } from '../../models/engine/exposure/graph.ts';
import type { ExposureKnowledge, Parameter } from '../../models/engine/exposure/knowledge.ts';
import type { GeneKnowledge } from '../../models/engine/genes/knowledge.ts';
import { sha256 } from './canonical.ts';
import { problemAt, type Report, readKnowledge } from './read.ts';
import type { ServedFile } from './risk.ts';
import { citation } from './schema.ts';

const text = z.string().min(1);
const pathway = z.string().refine((name) => PATHWAYS.includes(name), { error: `one of ${PATHWAYS.join(', ')}` });
const version = z.string().regex(/^\d+\.\d+\.\d+$/, 'a version like 1.0.0');
const drug = z.strictObject({ rxcui: text, name: text });

/** `genes/cpic.json` */
export const guidance = z.strictObject({
  id: z.literal('cpic'),
  version,
  asOf: z.iso.date(),
  attribution: text,
  citation,
  advice: z.record(
    z.string(),
    z.strictObject({
      category: z.enum(['avoid_or_alternative', 'dose_reduce', 'dose_increase', 'caution_monitor', 'standard', 'none']),
      do: text.max(110),
      more: text.exactOptional(),
    }),
  ),
  tables: z.array(
    z.strictObject({
      drugs: z.array(drug).min(1),
      url: z.url(),
      genes: z.array(text).min(1).max(2),
      population: text,
      rows: z.array(z.array(text).min(3).max(4)),
    }),
  ),
});

/** `genes/alleles.json` */
export const alleles = z.strictObject({
  id: z.literal('alleles'),
  version,
  attribution: text,
  citation,
  genes: z.record(
    z.string(),
    z.strictObject({
      version: text,
      by: z.enum(['activity', 'function']),
      alleles: z.record(z.string(), text),
      phenotypes: z.array(z.tuple([z.number(), text])).exactOptional(),
      rules: z.record(z.string(), text).exactOptional(),
    }),
  ),
});

/** `genes/labels.json` */
export const geneLabels = z.strictObject({
  id: z.literal('labels'),
  version,
  citations: z.record(z.string(), citation),
  entries: z.array(
    z.strictObject({
      ...drug.shape,
      gene: text,
      results: z.array(text).min(1),
      indicator: z.enum(['info', 'warning', 'critical']),
      do: text.max(110),
      more: text,
      cite: text,
      belowAge: z.int().positive().exactOptional(),
      toleratedAfterDays: z.int().positive().exactOptional(),
    }),
  ),
});

const grade = z.enum(['A', 'B', 'C', 'R']);
const share = z.number().min(0).max(0.999);
const ratio = z.union([z.tuple([share, grade]), z.tuple([share, grade, share])]);
const increase = z.union([z.tuple([z.number().min(0), grade]), z.tuple([z.number().min(0), grade, z.number().min(0)])]);

/** `exposure/parameters.json` */
export const exposureParameters = z.strictObject({
  id: z.literal('exposure'),
  version,
  citations: z.array(citation).min(1),
  constants: z.strictObject({
    gutInduction: z.number().positive(),
    singleDose: share,
    residual: z.number().positive(),
  }),
  activity: z.record(z.string(), z.strictObject({ pathway, of: z.record(z.string(), z.number().min(0)) })),
  objects: z.array(
    z.strictObject({
      rxcui: text.exactOptional(),
      name: text,
      cr: z.record(pathway, ratio),
      flags: z.array(z.enum(['prodrug', 'active-metabolite', 'narrow-index', 'gut'])).exactOptional(),
      decline: z.record(z.string(), text).exactOptional(),
    }),
  ),
  precipitants: z.array(
    z.strictObject({
      rxcui: text.exactOptional(),
      name: text,
      ir: z.record(pathway, ratio).exactOptional(),
      ic: z.record(pathway, increase).exactOptional(),
    }),
  ),
});

/** What was read, where the browser gets it, and what the library's digest covers. */
export interface ReadApart {
  readonly entries?: Readonly<Record<'genes' | 'exposure' | 'exposureGraph', ApartFile>>;
  readonly genes?: GeneKnowledge;
  readonly exposure?: ExposureKnowledge;
  readonly files: ReadonlyMap<string, ServedFile>;
}

/** A library without these folders has none of it; one of two is an error of the reader's, not the patient's. */
export async function readApart(roots: readonly string[], report: Report): Promise<ReadApart> {
  const read = async <S extends z.ZodType>(file: string, schema: S) => {
    const absolute = roots.map((root) => join(root, file)).findLast((path) => existsSync(path));
    return absolute === undefined ? undefined : readKnowledge({ absolute, file, schema }, report);
  };
  const [cpic, allele, label, parameters] = [
    await read('genes/cpic.json', guidance),
    await read('genes/alleles.json', alleles),
    await read('genes/labels.json', geneLabels),
    await read('exposure/parameters.json', exposureParameters),
  ];
  if (!cpic || !allele || !label || !parameters) return { files: new Map() };
  checkGenes(cpic, label, report);
  const genes: GeneKnowledge = { guidance: cpic.value, alleles: allele.value, labels: label.value };
  const exposure: ExposureKnowledge = parameters.value;
  const files = new Map<string, ServedFile>();
  const served = (bytes: Uint8Array, url: (digest: string) => string, contentType: string): ApartFile => {
    const digest = sha256(bytes);
    files.set(url(digest), { bytes, contentType });
    return { url: url(digest), sha256: digest };
  };
  const json = (name: string, value: unknown) =>
    served(
      Buffer.from(JSON.stringify(value)),
      (digest) => `/library/${name}-${digest}.json`,
      'application/json; charset=utf-8',
    );
  return {
    entries: {
      genes: json('genes', genes),
      exposure: json('exposure', forBrowser(exposure)),
      exposureGraph: served(exposureGraph(), (digest) => `/graphs/${digest}.onnx`, 'application/octet-stream'),
    },
    genes,
    exposure,
    files,
  };
}

/** Without what only people and the fit read: names, the sources' own figures, drugs that no RxCUI finds or nothing changes. */
function forBrowser(exposure: ExposureKnowledge): ExposureKnowledge {
  const inForce = (record: Readonly<Record<string, Parameter>>): Readonly<Record<string, Parameter>> =>
    Object.fromEntries(Object.entries(record).map(([key, [value, of]]) => [key, [value, of]]));
  return {
    ...exposure,
    objects: exposure.objects
      .filter(({ rxcui, cr }) => rxcui !== undefined && Object.keys(cr).length > 0)
      .map(({ name: _, ...object }) => ({ ...object, cr: inForce(object.cr) })),
    precipitants: exposure.precipitants
      .filter(({ rxcui }) => rxcui !== undefined)
      .map(({ name: _, ir, ic, ...precipitant }) => ({
        ...precipitant,
        ...(ir ? { ir: inForce(ir) } : {}),
        ...(ic ? { ic: inForce(ic) } : {}),
      })),
  };
}

type ReadFile<T> = { readonly value: T; readonly source: Parameters<typeof problemAt>[0] };

/** Every row names words that exist; a `critical` rests on a document that was opened, or on a grade A. */
function checkGenes(
  cpic: ReadFile<z.infer<typeof guidance>>,
  label: ReadFile<z.infer<typeof geneLabels>>,
  report: Report,
): void {
  for (const [table, { rows, genes }] of cpic.value.tables.entries())
    for (const [row, cells] of rows.entries()) {
      const advice = cells[genes.length + 1] ?? '';
      if (cells.length === genes.length + 2 && Object.hasOwn(cpic.value.advice, advice)) continue;
      report(
        problemAt(cpic.source, ['tables', table, 'rows', row], {
          expected: 'a key per gene, a strength and an id of advice',
          found: cells.join(', '),
          advice: 'compare with the other rows',
        }),
      );
    }
  for (const [index, { cite, indicator }] of label.value.entries.entries()) {
    const citation = label.value.citations[cite];
    if (citation && (indicator !== 'critical' || citation.basis === 'opened' || citation.grade === 'A')) continue;
    report(
      problemAt(label.source, ['entries', index, 'cite'], {
        expected: 'a citation of this file; for a critical an opened one',
        found: cite,
        advice: 'open the label and cite it, or lower the tier',
      }),
    );
  }
}
