/** `evaluate [FILE|DIR… or -] [--now ISO|last] [--code-map FILE]`: one line of JSON per patient of each Bundle. */
import { parseArgs } from 'node:util';
import { evaluate } from '../../models/engine/evaluate.ts';
import { contentsOf } from '../../models/engine/facts/bundle.ts';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { Facts, Unread } from '../../models/engine/facts/facts.ts';
import type { Library } from '../../models/engine/library.ts';
import { prioritise } from '../../models/engine/prioritise.ts';
import { createResolver } from '../../models/engine/resolve.ts';
import { createNodeRuntime } from '../ort.ts';
import { newestEntry, readBundles } from './bundles.ts';
import { factsOf, patientsIn } from './chart.ts';
import { type Command, UsageError } from './command.ts';
import { codeMapAsked } from './unmapped.ts';

/** Facts, evaluations and recommendations of each Bundle; exit 1 when one could not be read. */
export const evaluateCommand: Command = async ({ args, terminal, library, clock }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { now: { type: 'string' }, 'code-map': { type: 'string' } },
    allowPositionals: true,
    strict: true,
  });
  if (positionals.length === 0) throw new UsageError('evaluate needs a file, a folder, or - for standard input');
  const fixed = momentAsked(values.now);
  const codeMap = await codeMapAsked(values['code-map']);
  const loaded = await library();
  const drugs = decodeDrugTable(loaded.drugTable);
  const runtime = await createNodeRuntime({ load: async (url) => bytesOf(loaded.files.get(url)?.bytes, url) });
  let fellShort = false;
  for await (const read of readBundles(positionals, terminal.stdin)) {
    if ('problem' in read) {
      terminal.err(`${read.source}: ${read.problem}`);
      fellShort = true;
      continue;
    }
    const { resources } = contentsOf(read.bundle);
    const now = fixed ?? (values.now === 'last' ? newestEntry(resources) : undefined) ?? clock();
    const held = { version: loaded.library.version, digest: loaded.library.digest };
    const patients = patientsIn(read.bundle);
    if (patients.length === 0) terminal.out(JSON.stringify({ ...nobody(read.source), library: held }));
    for (const patientId of patients) {
      const facts = factsOf({ bundle: read.bundle, patientId, drugs, now, ...(codeMap ? { codeMap } : {}) });
      const evaluations = await evaluate(facts, loaded.library, runtime, now);
      const { today, others, notChecked } = prioritise(evaluations, facts);
      terminal.out(
        JSON.stringify({
          source: read.source,
          patient: patientId,
          facts: factLines(facts, loaded.library, now),
          unread: facts.unread.map(unreadLine),
          evaluations,
          recommendations: [...today, ...others],
          notChecked,
          library: held,
        }),
      );
    }
  }
  return fellShort ? 1 : 0;
};

/** A Bundle that holds no Patient: nothing is known and nothing was checked, and the line says so. */
function nobody(source: string) {
  const notChecked = [{ text: 'The whole chart', reason: 'the Bundle holds no Patient' }];
  return { source, patient: null, facts: [], unread: [], evaluations: [], recommendations: [], notChecked };
}

function momentAsked(now: string | undefined): number | undefined {
  if (now === undefined || now === 'last') return undefined;
  const moment = Date.parse(now);
  if (Number.isNaN(moment)) throw new UsageError(`--now takes an ISO date and time, or last; not ${now}`);
  return moment;
}

function bytesOf(bytes: Uint8Array | undefined, url: string): Uint8Array {
  if (!bytes) throw new Error(`no graph at ${url}`);
  return bytes;
}

/** One fact as the contract prints it. */
interface FactLine {
  readonly path: string;
  readonly value: unknown;
  readonly unit?: string;
  readonly comparator?: string;
  readonly effective?: string;
  readonly status?: string;
  readonly source: string;
}

/** Every fact under its stable path: observations newest first, list entries by their place. */
export function factLines(facts: Facts, library: Library, now: number): readonly FactLine[] {
  const { patient } = facts;
  const of = (path: string, value: unknown): FactLine[] =>
    value === undefined ? [] : [{ path, value, source: patient.source }];
  return [
    ...of('patient.age', patient.age).map((line) => ({ ...line, unit: 'a' })),
    ...of('patient.sex', patient.sex),
    ...of('patient.deceased', patient.deceased),
    ...Object.values(facts.observation).flat().map(observationLine),
    ...Object.values(facts.coded)
      .flat()
      .map(({ path, value, effective, source }) => ({ path, value, effective: effective.text, source })),
    ...derivedLines(facts, library, now),
    ...facts.condition.map(({ text, clinicalStatus, onset, source }, index) => ({
      path: `condition[${index}]`,
      value: text,
      status: clinicalStatus,
      ...(onset ? { effective: onset.text } : {}),
      source,
    })),
    ...facts.allergy.flatMap(({ text, kind, ingredients = [], source }, index) => [
      { path: `allergy[${index}]`, value: text, status: kind, source },
      ...(ingredients.length > 0 ? [{ path: `allergy[${index}].ingredients`, value: ingredients, source }] : []),
    ]),
    ...facts.medication.flatMap(medicationLines),
    ...otherLines(facts),
  ];
}

/** Procedures, genes, relatives, devices and the aim of care, each under its kind and place. */
function otherLines({ procedure = [], gene = [], family = [], device = [], care = [] }: Facts): readonly FactLine[] {
  const dated = (when: { readonly text: string } | undefined) => (when ? { effective: when.text } : {});
  return [
    ...procedure.map(({ text, status, performed, source }, index) => ({
      path: `procedure[${index}]`,
      value: text,
      status,
      ...dated(performed),
      source,
    })),
    ...gene.map(({ gene: symbol, diplotype, allele, phenotype, activityScore, effective, source }) => ({
      path: `gene.${symbol}`,
      value: { diplotype, allele, phenotype, activityScore },
      ...dated(effective),
      source,
    })),
    ...family.map(({ relation, text, source }, index) => ({
      path: `family[${index}]`,
      value: `${relation}: ${text}`,
      source,
    })),
    ...device.map(({ text, status, source }, index) => ({ path: `device[${index}]`, value: text, status, source })),
    ...care.map(({ aim, effective, source }, index) => ({
      path: `care[${index}]`,
      value: aim,
      ...dated(effective),
      source,
    })),
  ];
}

function observationLine({
  path,
  value,
  unit,
  comparator,
  effective,
  status,
  source,
}: Facts['observation'][string][number]): FactLine {
  return { path, value, unit, ...(comparator ? { comparator } : {}), effective: effective.text, status, source };
}

function medicationLines(
  { text, ingredients, state, dailyDose, start, sources }: Facts['medication'][number],
  index: number,
): FactLine[] {
  const common = { status: state, ...(start ? { effective: start.text } : {}), source: sources[0] ?? '' };
  return [
    { path: `medication[${index}].text`, value: text, ...common },
    { path: `medication[${index}].ingredients`, value: ingredients, ...common },
    ...(dailyDose
      ? [{ path: `medication[${index}].dailyDose`, value: dailyDose.value, unit: dailyDose.unit, ...common }]
      : []),
  ];
}

function derivedLines(facts: Facts, library: Library, now: number): readonly FactLine[] {
  const resolver = createResolver({ facts, library, now });
  return library.risk.flatMap(({ provides, title }) => {
    if (!provides) return [];
    const resolved = resolver.resolve({ fact: provides, label: title, required: false });
    if (resolved.state === 'absent') return [];
    const { value, unit, effective, sources } = resolved.input;
    return [
      {
        path: provides,
        value,
        ...(unit ? { unit } : {}),
        ...(effective ? { effective: effective.text } : {}),
        source: sources.find((source) => source.startsWith('Observation/')) ?? sources[0] ?? '',
      },
    ];
  });
}

function unreadLine({ source, reason, text }: Unread) {
  return { source, reason, ...(text ? { text } : {}) };
}
