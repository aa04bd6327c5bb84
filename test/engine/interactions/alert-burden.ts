/**
 * How much is said of medicines, and what context and merging take away: `node test/engine/interactions/alert-burden.ts`
 * writes `docs/alert-burden.md`. Every chart is judged at its newest entry; of the real intensive-care patients, whose
 * orders have all ended, on the day with the most orders running. Counts only; nothing comes from one patient of those.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluate } from '../../../models/engine/evaluate.ts';
import type { Evaluation, Indicator } from '../../../models/engine/evaluation.ts';
import { contentsOf } from '../../../models/engine/facts/bundle.ts';
import { type DrugTable, decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import type { Facts } from '../../../models/engine/facts/facts.ts';
import { isObject, type Json } from '../../../models/engine/facts/json.ts';
import type { Library } from '../../../models/engine/library.ts';
import { prioritise } from '../../../models/engine/prioritise.ts';
import { newestEntry, readBundles } from '../../../server/commands/bundles.ts';
import { factsOf, patientsIn } from '../../../server/commands/chart.ts';
import { loadLibrary } from '../../../server/library.ts';

export const SAMPLES = '../shared/patients';
export const INTENSIVE_CARE = '../shared/patients/mimic3_demo_fhir';
const DOCUMENT = fileURLToPath(new URL('../../../docs/alert-burden.md', import.meta.url));

const KINDS: ReadonlySet<Evaluation['kind']> = new Set([
  'interaction',
  'burden',
  'duplicate',
  'companion',
  'allergy',
  'caution',
  'gene',
  'exposure',
  'dose',
]);
const TIERS: readonly Indicator[] = ['critical', 'warning', 'info'];
type Counts = Readonly<Record<Indicator, number>>;

/** One chart: findings about medicines with the modifiers taken away, with them, and as cards. */
export interface Burdened {
  readonly name: string;
  readonly medicines: number;
  readonly bare: Counts;
  readonly context: Counts;
  readonly cards: Counts;
}

/** The same knowledge without what it knows of a patient. */
function withoutContext(library: Library): Library {
  const bare = library.interactions.map((interaction) => ({ ...interaction, modifiers: [] }));
  return { ...library, interactions: bare };
}

/** Every chart of a folder that holds two medicines or more. `during`: on the day with the most orders running. */
export async function burdensIn(folder: string, { during = false } = {}): Promise<readonly Burdened[]> {
  const { library: loaded, drugTable } = await loadLibrary({ dir: 'models' });
  const library: Library = { ...loaded, risk: loaded.risk.filter(({ kind }) => kind !== 'onnx') };
  const bare = withoutContext(library);
  const drugs = decodeDrugTable(drugTable);
  const rows: Burdened[] = [];
  for await (const read of readBundles([folder], async () => '')) {
    if ('problem' in read) throw new Error(`${read.source}: ${read.problem}`);
    const { bundle, now } = during
      ? onBusiestDay(read.bundle)
      : { bundle: read.bundle, now: newestEntry(contentsOf(read.bundle).resources) ?? 0 };
    for (const patientId of patientsIn(bundle)) {
      const facts = factsOf({ bundle, patientId, drugs: drugs satisfies DrugTable, now });
      const medicines = facts.medication.filter(({ state }) => state === 'active').length;
      if (medicines < 2) continue;
      rows.push({
        name: basename(read.source, '.json'),
        medicines,
        bare: await findings(facts, bare, now),
        context: await findings(facts, library, now),
        cards: await cards(facts, library, now),
      });
    }
  }
  return rows;
}

const runtime = { predict: () => Promise.reject(new Error('no trained model is asked')) };

async function findings(facts: Facts, library: Library, now: number): Promise<Counts> {
  const evaluations = await evaluate(facts, library, runtime, now);
  return count(
    evaluations.flatMap((one) => (one.status === 'finding' && KINDS.has(one.kind) ? [one.finding.indicator] : [])),
  );
}

async function cards(facts: Facts, library: Library, now: number): Promise<Counts> {
  const evaluations = await evaluate(facts, library, runtime, now);
  const ours = new Set(evaluations.filter(({ kind }) => KINDS.has(kind)).map(({ id }) => id));
  const { today, others } = prioritise(evaluations, facts);
  return count(
    [...today, ...others].flatMap(({ from, indicator }) => (from.some((id) => ours.has(id)) ? [indicator] : [])),
  );
}

function count(indicators: readonly Indicator[]): Counts {
  const of = (tier: Indicator) => indicators.filter((one) => one === tier).length;
  return { critical: of('critical'), warning: of('warning'), info: of('info') };
}

/** The orders that ran on the busiest day as active ones, and noon of that day. */
function onBusiestDay(bundle: unknown): { readonly bundle: unknown; readonly now: number } {
  const { resources } = contentsOf(bundle);
  const orders = resources.filter((one): one is Json => isObject(one) && one.resourceType === 'MedicationRequest');
  const running = (day: number) => orders.filter((order) => runs(order, day));
  const days = [...new Set(orders.map((order) => Math.floor(Date.parse(String(order.authoredOn)) / DAY)))].filter(
    Number.isFinite,
  );
  const busiest = days.sort((a, b) => running(b).length - running(a).length || a - b)[0] ?? 0;
  const active = new Set(running(busiest));
  const entry = resources.flatMap((resource) => {
    if (!isObject(resource)) return [];
    if (resource.resourceType === 'Patient') return [{ resource: alive(resource) }];
    if (resource.resourceType !== 'MedicationRequest') return [{ resource }];
    return active.has(resource) ? [{ resource: { ...resource, status: 'active' } }] : [];
  });
  return { bundle: { resourceType: 'Bundle', type: 'collection', entry }, now: busiest * DAY + DAY / 2 };
}

const DAY = 86_400_000;

/** As on that day: all of them died later. */
function alive({ deceasedDateTime: _, deceasedBoolean: __, ...patient }: Json): Json {
  return patient;
}

function runs(order: Json, day: number): boolean {
  const period = isObject(order.dispenseRequest) ? order.dispenseRequest.validityPeriod : undefined;
  const [start, end] = isObject(period)
    ? [Date.parse(String(period.start)), Date.parse(String(period.end))]
    : [Date.parse(String(order.authoredOn)), Number.NaN];
  const first = Math.floor(start / DAY);
  const last = Number.isFinite(end) ? Math.floor(end / DAY) : first;
  return first <= day && day <= last;
}

/** The document. */
export function documentOf(samples: readonly Burdened[], intensiveCare: readonly Burdened[]): string {
  const cell = (counts: Counts) => TIERS.map((tier) => counts[tier]).join(' / ');
  const mean = (rows: readonly Burdened[], of: 'bare' | 'context' | 'cards', tier: Indicator) =>
    (rows.reduce((sum, row) => sum + row[of][tier], 0) / Math.max(rows.length, 1)).toFixed(2);
  const summary = (title: string, rows: readonly Burdened[]) =>
    `| ${title} | ${rows.length} | ${(rows.reduce((sum, { medicines }) => sum + medicines, 0) / Math.max(rows.length, 1)).toFixed(1)} | ${(['bare', 'context', 'cards'] as const).map((of) => TIERS.map((tier) => mean(rows, of, tier)).join(' / ')).join(' | ')} |`;
  return `# How much is said of medicines

Made by \`node test/engine/interactions/alert-burden.ts\`. Findings about medicines (interactions, burdens, duplicates, companions, allergies, cautions, genes, exposure, doses) of every chart with two medicines or more: critical / important / for information. *Bare*: interactions without what is known of the patient. *In context*: with it. *Cards*: merged, as on the screen; of those only the critical ones and at most three others stand on Today.

| charts | n | medicines | bare | in context | cards |
|---|---|---|---|---|---|
${summary('synthetic and examples', samples)}
${summary('real intensive care, busiest day', intensiveCare)}

The real patients had on their busiest day ${range(intensiveCare.map(({ medicines }) => medicines))} medicines; cards that are critical: ${range(intensiveCare.map(({ cards: { critical } }) => critical))} a patient.

## What was read, and what was mended

Twenty of the real charts were read card by card as a pharmacist would (23 November 2026). Mended because of it: solid potassium chloride with anticholinergics spoke of infusions too, and is for information now; a predicted exposure warned for medicines that forgive it (pantoprazole, oxybutynin, nifedipine), and warns now only where more of it harms; sedation under propofol or a muscle blocker is no interrupting pair; salts given into a vein bind nothing in the gut. Left as it is: morphine with magnesium sulfate counts as sedation; a heparin lock counts as heparin where the order does not say that it is one.

## Synthetic and example charts

| chart | medicines | bare | in context | cards |
|---|---|---|---|---|
${samples.map(({ name, medicines, bare, context, cards: merged }) => `| ${name} | ${medicines} | ${cell(bare)} | ${cell(context)} | ${cell(merged)} |`).join('\n')}
`;
}

function range(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `${sorted[0] ?? 0} to ${sorted.at(-1) ?? 0} (median ${sorted[Math.floor(sorted.length / 2)] ?? 0})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(DOCUMENT, documentOf(await burdensIn(SAMPLES), await burdensIn(INTENSIVE_CARE, { during: true })));
