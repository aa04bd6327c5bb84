/**
 * The only reader of `models/`: every knowledge file validated, every formula parsed, every graph checked against
 * its digest, and the whole given one digest. Nothing is used if anything is wrong.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Library, ValueSet } from '../models/engine/library.ts';
import { readApart } from './library/apart.ts';
import { canonical, sha256 } from './library/canonical.ts';
import { checkCriticals } from './library/criticals.ts';
import { readIngredients } from './library/ingredients.ts';
import { checkLabels, labelsOf } from './library/labels.ts';
import { type PharmacokineticVectors, readPharmacokinetics } from './library/pharmacokinetics.ts';
import { LibraryError, type Problem } from './library/problem.ts';
import { type Report, readKnowledge } from './library/read.ts';
import { checkReferences } from './library/references.ts';
import { readRiskModel, type ServedFile } from './library/risk.ts';
import {
  burden,
  cautionTheme,
  companion,
  crossReactivity,
  doseTheme,
  drugClass,
  duplicate,
  injury,
  interaction,
  labelFacts,
  monitoringTheme,
  rule,
  siteSettings,
  treatmentEffect,
  type VectorMapping,
  valueSet,
} from './library/schema.ts';

import { checkSignature, type Signers } from './library/signature.ts';

export { LibraryError, lineOfProblem, type Problem } from './library/problem.ts';
export type { ServedFile } from './library/risk.ts';

/** A validated library and the files the browser fetches for it, by URL path. */
export interface LoadedLibrary {
  readonly library: Library;
  /** `/library/<digest>.json`, `/library/drugs-<sha>.json`, `/library/cards/<id>-<sha>.json`, `/graphs/<sha>.onnx`. */
  readonly files: ReadonlyMap<string, ServedFile>;
  /** By model id: how conformance files map to it. They prove a model and do not travel to the browser. */
  readonly vectors: ReadonlyMap<string, readonly VectorMapping[]>;
  /** By pharmacokinetic model id, likewise. */
  readonly pharmacokineticVectors: ReadonlyMap<string, PharmacokineticVectors>;
  /** The drug table as read, for hosts on this machine. */
  readonly drugTable: unknown;
}

/** Where knowledge lies: the project's own folder, and a site's own beside it, whose files replace ours of the same name. */
export interface LibraryFolders {
  readonly dir: string;
  readonly overlay?: string;
  /** Who signs for the site: its folder is used only if every file is as enough of them signed it. */
  readonly overlaySigners?: Signers;
}

/**
 * @throws LibraryError when the site's folder is not as signed, or with every problem found, each with file, line, path and what to try
 */
export async function loadLibrary(folders: LibraryFolders): Promise<LoadedLibrary> {
  if (folders.overlay && folders.overlaySigners) await checkSignature(folders.overlay, folders.overlaySigners);
  const problems: Problem[] = [];
  const loaded = await readLibrary(folders, (problem) => problems.push(problem));
  if (problems.length > 0) throw new LibraryError(problems);
  return loaded;
}

/** Every problem of the knowledge in these folders; an empty list means that it can be used. */
export async function validateLibrary(folders: LibraryFolders): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  await readLibrary(folders, (problem) => problems.push(problem));
  return problems;
}

async function readLibrary(folders: LibraryFolders, report: Report): Promise<LoadedLibrary> {
  const files = new Map<string, ServedFile>();
  const risk = [];
  const vectors = new Map<string, readonly VectorMapping[]>();
  for (const [name, folder] of await entries(folders, 'risk', isRiskFolder)) {
    const read = await readRiskModel({ folder, name }, report);
    if (!read) continue;
    risk.push(read.model);
    vectors.set(read.model.id, read.vectors);
    files.set(read.card.url, read.card.file);
    if (read.graph) files.set(read.graph.url, read.graph.file);
  }
  const interactions = (await readAll(folders, { under: 'interactions', schema: interaction }, report)).map(
    withoutCases,
  );
  const labelFiles = await readAll(folders, { under: 'interactions/label', schema: labelFacts }, report);
  const rules = (await readAll(folders, { under: 'rules', schema: rule }, report)).map(withoutCases);
  const pharmacokineticVectors = new Map<string, PharmacokineticVectors>();
  const pharmacokinetics = [];
  for (const [name, absolute] of await entries(folders, 'dosing', isKnowledgeFile)) {
    const read = await readPharmacokinetics({ absolute, file: `dosing/${name}` }, report);
    if (!read) continue;
    pharmacokinetics.push(read.model);
    if (read.vectors) pharmacokineticVectors.set(read.model.id, read.vectors);
  }
  const cautions = await readAll(folders, { under: 'cautions', schema: cautionTheme }, report);
  const allergies = await readAll(folders, { under: 'allergies', schema: crossReactivity }, report);
  const together = {
    burdens: await readAll(folders, { under: 'burdens', schema: burden }, report),
    duplicates: await readAll(folders, { under: 'duplicates', schema: duplicate }, report),
    companions: await readAll(folders, { under: 'companions', schema: companion }, report),
  };
  const valueSets = (await readAll(folders, { under: 'value-sets', schema: valueSet }, report)).map(withoutDisplays);
  const drugClasses = await readAll(folders, { under: 'drugs/classes', schema: drugClass }, report);
  const drugs = await readDrugTable(folders, report);
  const groups = await entries(folders, 'drugs/ingredients', isKnowledgeFile);
  const ingredients = await readIngredients({ groups, drugClasses, drugTable: drugs.table }, report);
  const apart = await readApart([folders.dir, ...(folders.overlay ? [folders.overlay] : [])], report);
  const content = {
    version: await versionOf(folders),
    risk,
    interactions,
    labels: labelsOf(labelFiles),
    rules,
    cautions,
    allergies,
    ...together,
    doses: await readAll(folders, { under: 'doses', schema: doseTheme }, report),
    monitoring: await readAll(folders, { under: 'monitoring', schema: monitoringTheme }, report),
    injuries: await readAll(folders, { under: 'injury', schema: injury }, report),
    pharmacokinetics,
    valueSets,
    drugClasses,
    ingredients,
    effects: await readAll(folders, { under: 'effects', schema: treatmentEffect }, report),
    ...(await readSite(folders, report)),
    drugTable: drugs.entry,
    ...(apart.entries && { apart: apart.entries }),
  };
  checkReferences(content, report);
  checkLabels(content, report);
  checkCriticals(content, report);
  const hex = sha256(canonical(content));
  const library: Library = { ...content, digest: `sha256:${hex}` };
  files.set(`/library/${hex}.json`, json(Buffer.from(JSON.stringify(library))));
  files.set(drugs.entry.url, json(drugs.bytes));
  for (const [url, file] of apart.files) files.set(url, file);
  const whole = {
    ...library,
    ...(apart.genes && { genes: apart.genes }),
    ...(apart.exposure && { exposure: apart.exposure }),
  };
  return { library: whole, files, vectors, pharmacokineticVectors, drugTable: drugs.table };
}

/** Files or folders of one kind by name, in order; the overlay's replace ours. */
async function entries(
  { dir, overlay }: LibraryFolders,
  under: string,
  wanted: (path: string) => boolean,
): Promise<readonly (readonly [string, string])[]> {
  const found = new Map<string, string>();
  for (const root of [dir, ...(overlay ? [overlay] : [])]) {
    const folder = join(root, under);
    if (!existsSync(folder)) continue;
    for (const name of await readdir(folder)) {
      if (wanted(join(folder, name))) found.set(name, join(folder, name));
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function isRiskFolder(path: string): boolean {
  return existsSync(join(path, 'manifest.json'));
}

async function readAll<S extends z.ZodType>(
  folders: LibraryFolders,
  { under, schema }: { readonly under: string; readonly schema: S },
  report: Report,
): Promise<z.infer<S>[]> {
  const values: z.infer<S>[] = [];
  for (const [name, absolute] of await entries(folders, under, isKnowledgeFile)) {
    const read = await readKnowledge({ absolute, file: `${under}/${name}`, schema }, report);
    if (read) values.push(read.value);
  }
  return values;
}

function isKnowledgeFile(path: string): boolean {
  return path.endsWith('.json') && !path.endsWith('.cases.json');
}

/** What a code is called is for those who edit the file; nothing reads it, and it does not travel. */
function withoutDisplays({ codes, ...valueSet }: ValueSet): ValueSet {
  return { ...valueSet, codes: codes.map(({ display: _, ...code }) => code) };
}

/** Cases prove a piece of knowledge; they do not travel to the browser. */
function withoutCases<T extends { cases?: unknown }>({ cases: _, ...knowledge }: T): Omit<T, 'cases'> {
  return knowledge;
}

async function readDrugTable({ dir, overlay }: LibraryFolders, report: Report) {
  const path = [overlay, dir].flatMap((root) => (root ? [join(root, 'drugs/rxnorm.json')] : [])).find(existsSync);
  const bytes = path ? await readFile(path) : Buffer.from('{}');
  const table: unknown = JSON.parse(bytes.toString('utf8'));
  const parsed = z.looseObject({ asOf: z.iso.date() }).safeParse(table);
  if (!parsed.success)
    report({
      file: 'drugs/rxnorm.json',
      line: 1,
      path: 'asOf',
      expected: 'a drug table with the date of its RxNorm release',
      found: path ? 'no date' : 'no file',
      advice: 'make it again with the script beside it',
    });
  const digest = sha256(bytes);
  return {
    bytes,
    table,
    entry: { asOf: parsed.data?.asOf ?? '', sha256: digest, url: `/library/drugs-${digest}.json` },
  };
}

/** The site's own settings win over ours one by one. */
async function readSite({ dir, overlay }: LibraryFolders, report: Report): Promise<Pick<Library, 'site'>> {
  const site: Record<string, string | number> = {};
  for (const root of [dir, ...(overlay ? [overlay] : [])]) {
    const absolute = join(root, 'site.json');
    if (!existsSync(absolute)) continue;
    Object.assign(site, (await readKnowledge({ absolute, file: 'site.json', schema: siteSettings }, report))?.value);
  }
  return Object.keys(site).length > 0 ? { site } : {};
}

/** The version of the knowledge: the project's, with the overlay said. */
async function versionOf({ dir, overlay }: LibraryFolders): Promise<string> {
  const file = join(dir, '..', 'package.json');
  const version = existsSync(file)
    ? z.looseObject({ version: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).version
    : '0.0.0';
  return overlay ? `${version}+site` : version;
}

function json(bytes: Uint8Array): ServedFile {
  return { bytes, contentType: 'application/json; charset=utf-8' };
}
