/**
 * What became of the shared charts, as tables: `node test/engine/facts/charts-read.ts` writes `docs/charts-read.md`.
 * Counts and drug names only; nothing in it comes from one patient.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ANALYTE_BY_KEY } from '../../../models/engine/facts/analytes.ts';
import { contentsOf } from '../../../models/engine/facts/bundle.ts';
import { decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import type { Facts, MedicationFact } from '../../../models/engine/facts/facts.ts';
import { isObject, type Json } from '../../../models/engine/facts/json.ts';
import { newestEntry, readBundles } from '../../../server/commands/bundles.ts';
import { factsOf, patientsIn } from '../../../server/commands/chart.ts';

export const SAMPLES = '../shared/patients';
export const INTENSIVE_CARE = '../shared/patients/mimic3_demo_fhir';
const DOCUMENT = fileURLToPath(new URL('../../../docs/charts-read.md', import.meta.url));
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const DRUGS = decodeDrugTable(
  JSON.parse(readFileSync(new URL('../../../models/drugs/rxnorm.json', import.meta.url), 'utf8')),
);

/** One patient's chart, read at the moment of its last entry. */
export interface ReadChart {
  readonly facts: Facts;
  readonly resources: readonly unknown[];
}

/** Every chart of a folder. @throws when a file is not a chart */
export async function chartsOf(folder: string): Promise<readonly ReadChart[]> {
  const charts: ReadChart[] = [];
  for await (const read of readBundles([folder], async () => '')) {
    if ('problem' in read) throw new Error(`${read.source}: ${read.problem}`);
    const { resources } = contentsOf(read.bundle);
    const now = newestEntry(resources) ?? 0;
    for (const patientId of patientsIn(read.bundle))
      charts.push({ facts: factsOf({ bundle: read.bundle, patientId, drugs: DRUGS, now }), resources });
  }
  return charts;
}

/** How many of how many. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

/** The figures of one set of charts. */
export interface Tally {
  readonly charts: number;
  readonly numbers: number;
  /** Laboratory results with a code this app reads: those that became numbers. */
  readonly laboratory: Share;
  /** All laboratory results, also those of measurements no model uses. */
  readonly ofAllResults: Share;
  readonly coded: Share;
  readonly freeText: Share;
  readonly packaging: number;
  readonly unread: ReadonlyMap<string, number>;
  /** Free text → ingredients and how often. */
  readonly named: ReadonlyMap<string, { readonly ingredients: string; readonly count: number }>;
  readonly unresolved: ReadonlyMap<string, number>;
}

/** Counts what was read of some charts. */
export function tally(charts: readonly ReadChart[]): Tally {
  const unread = new Map<string, number>();
  const named = new Map<string, { ingredients: string; count: number }>();
  const unresolved = new Map<string, number>();
  const [laboratory, ofAllResults, coded, freeText] = [share(), share(), share(), share()];
  let numbers = 0;
  for (const { facts, resources } of charts) {
    for (const { reason } of facts.unread) unread.set(reason, (unread.get(reason) ?? 0) + 1);
    for (const [key, list] of Object.entries(facts.observation)) {
      numbers += list.length;
      if (ANALYTE_BY_KEY.get(key)?.category === 'laboratory') laboratory.part += list.length;
    }
    laboratory.of += facts.unread.filter(({ path }) => isLaboratory(path)).length;
    ofAllResults.of += resources.filter(isLaboratoryResult).length;
    const byReference = medicationsBySource(facts);
    for (const entry of resources.filter(isMedicationEntry)) {
      const fact = byReference.get(`${entry.resourceType}/${entry.id}`);
      if (fact === undefined) continue;
      const group = hasRxNorm(entry, resources) ? coded : freeText;
      group.of += 1;
      if (fact.resolution !== 'unresolved') group.part += 1;
      const name = wordsOf(entry) ?? fact.text;
      if (fact.resolution === 'by-name') {
        const ingredients = fact.ingredients.map((each) => each.name).join(' + ');
        named.set(name, { ingredients, count: (named.get(name)?.count ?? 0) + 1 });
      }
      if (fact.resolution === 'unresolved') unresolved.set(name, (unresolved.get(name) ?? 0) + 1);
    }
  }
  laboratory.of += laboratory.part;
  ofAllResults.part = laboratory.part;
  const packaging = unread.get('not-a-medicine') ?? 0;
  return {
    charts: charts.length,
    numbers,
    laboratory,
    ofAllResults,
    coded,
    freeText,
    packaging,
    unread,
    named,
    unresolved,
  };
}

function share(): { part: number; of: number } {
  return { part: 0, of: 0 };
}

function isLaboratory(path: string | undefined): boolean {
  return ANALYTE_BY_KEY.get(path?.slice('observation.'.length) ?? '')?.category === 'laboratory';
}

function isLaboratoryResult(resource: unknown): boolean {
  return (
    isObject(resource) &&
    resource.resourceType === 'Observation' &&
    JSON.stringify(resource.category ?? '').includes('"laboratory"')
  );
}

function isMedicationEntry(resource: unknown): resource is Json {
  return (
    isObject(resource) &&
    (resource.resourceType === 'MedicationRequest' || resource.resourceType === 'MedicationStatement')
  );
}

function medicationsBySource({ medication }: Facts): ReadonlyMap<string, MedicationFact> {
  return new Map(medication.flatMap((fact) => fact.sources.map((source) => [source, fact] as const)));
}

function hasRxNorm(entry: Json, resources: readonly unknown[]): boolean {
  const reference = isObject(entry.medicationReference) ? String(entry.medicationReference.reference) : '';
  const linked = resources.find((each) => isObject(each) && `${each.resourceType}/${each.id}` === reference);
  return `${JSON.stringify(entry)}${JSON.stringify(linked ?? '')}`.includes(RXNORM);
}

/** Every name the entry gives its drug, since the reader looks at all of them. */
function wordsOf(entry: Json): string | undefined {
  const concept = isObject(entry.medicationCodeableConcept) ? entry.medicationCodeableConcept : {};
  const displays = Array.isArray(concept.coding) ? concept.coding.map((coding) => (coding as Json).display) : [];
  const words = [...new Set([concept.text, ...displays].filter((each) => typeof each === 'string'))];
  return words.length === 0 ? undefined : words.join(' / ');
}

/** Every n-th of the free-text names, so that frequent and rare ones are both seen. */
export function sample({ named }: Tally, size: number): readonly (readonly [string, string, number])[] {
  const sorted = [...named].sort(([a], [b]) => (a < b ? -1 : 1));
  const step = Math.max(1, Math.floor(sorted.length / size));
  return sorted
    .filter((_, index) => index % step === 0)
    .slice(0, size)
    .map(([name, { ingredients, count }]) => [name, ingredients, count]);
}

const WHY: Readonly<Record<string, string>> = {
  'unit-missing': 'a number without a unit, for a measurement that needs one',
  'unit-unknown': 'a unit that is not known',
  'unit-does-not-fit': 'a unit that measures something else',
  'not-a-number': 'words, a range, a titre',
  'no-value': 'no value at all',
  'data-absent': 'the EHR says that it is absent or hidden',
  implausible: 'impossible in a living patient',
  'no-date': 'no date',
  'future-date': 'dated after the moment of reading',
  'status-not-final': 'preliminary, registered, an order not to give it',
  'entered-in-error': 'entered in error, cancelled, refuted',
  'specimen-does-not-fit': 'another specimen',
  'display-disagrees': 'its name and its code disagree',
  'other-patient': 'about another patient of the same file',
  malformed: 'not the shape FHIR prescribes, or a modifier not understood',
  superseded: 'replaced by a corrected result',
  'unresolved-medication': 'a medicine not recognised: listed by name, said to be unchecked',
  'not-a-medicine': 'packaging ordered beside a drug (vial, bag, syringe)',
};

/** The document. */
export function document(samples: Tally, intensive: Tally): string {
  const percent = ({ part, of }: Share): string =>
    of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} % (${part} of ${of})`;
  const both = (title: string, of: (tally: Tally) => string): string =>
    `| ${title} | ${of(samples)} | ${of(intensive)} |`;
  const reasons = [...new Set([...samples.unread.keys(), ...intensive.unread.keys()])].sort();
  const withPackaging = ({ freeText, packaging }: Tally): Share => ({
    part: freeText.part,
    of: freeText.of + packaging,
  });
  const checked = sample(intensive, 60);
  return `# What was read of the sample charts

Made by \`node test/engine/facts/charts-read.ts\`; a test holds it to what the reader does. The sample charts are
synthetic or published examples from several vendors; the intensive-care charts are the MIMIC-III demo (PhysioNet, ODbL),
mapped to FHIR with the hospital's own units and drug names. Each chart is read at the moment of its last entry.

| | sample charts | intensive care |
|---|---:|---:|
${both('patients', ({ charts }) => String(charts))}
${both('numbers read', ({ numbers }) => String(numbers))}
${both('laboratory results asked for that became numbers', ({ laboratory }) => percent(laboratory))}
${both('the same, of all laboratory results in the charts', ({ ofAllResults }) => percent(ofAllResults))}
${both('medication entries with an RxNorm code: resolved to ingredients', ({ coded }) => percent(coded))}
${both('medication entries in words: resolved to ingredients', ({ freeText }) => percent(freeText))}
${both('the same, with packaging counted as unresolved', (tally) => percent(withPackaging(tally)))}

Results of measurements that no model uses are not asked of an EHR, so they are neither read nor unread.

## Everything unread, by reason
| reason | means | sample charts | intensive care |
|---|---|---:|---:|
${reasons.map((reason) => `| ${reason} | ${WHY[reason] ?? ''} | ${samples.unread.get(reason) ?? 0} | ${intensive.unread.get(reason) ?? 0} |`).join('\n')}

## Drug names in words
Every ${Math.max(1, Math.floor(intensive.named.size / 60))}th of the ${intensive.named.size} different names that were matched, in alphabetical order. Each line was read
by hand: a wrong or a missing ingredient would be an error of the matcher.

| in the chart | ingredients | entries |
|---|---|---:|
${checked.map(([name, ingredients, count]) => `| ${cell(name)} | ${cell(ingredients)} | ${count} |`).join('\n')}

## Names not recognised (five entries or more)
| in the chart | entries |
|---|---:|
${[...intensive.unresolved]
  .filter(([, count]) => count >= 5)
  .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  .map(([name, count]) => `| ${cell(name)} | ${count} |`)
  .join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(DOCUMENT, document(tally(await chartsOf(SAMPLES)), tally(await chartsOf(INTENSIVE_CARE))));
}
