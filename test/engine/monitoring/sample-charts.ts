/**
 * What the sample charts' medicines ask for, as tables: `node test/engine/monitoring/sample-charts.ts` writes
 * `docs/monitoring-sample.md`.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentsOf } from '../../../models/engine/facts/bundle.ts';
import { decodeDrugTable } from '../../../models/engine/facts/drug-table.ts';
import { standingText } from '../../../models/engine/monitoring/evaluate.ts';
import { type Watched, watchList } from '../../../models/engine/monitoring/watch-list.ts';
import { createResolver } from '../../../models/engine/resolve.ts';
import { newestEntry, readBundles } from '../../../server/commands/bundles.ts';
import { factsOf, patientsIn } from '../../../server/commands/chart.ts';
import { loadLibrary } from '../../../server/library.ts';

export const SAMPLES = '../shared/patients';
const DOCUMENT = fileURLToPath(new URL('../../../docs/monitoring-sample.md', import.meta.url));

/** One chart's watch list at the moment of its last entry. */
export interface Row {
  readonly name: string;
  readonly medicines: number;
  readonly items: readonly Watched[];
}

/** Every chart of a folder. */
export async function watchedIn(folder: string): Promise<readonly Row[]> {
  const { library, drugTable } = await loadLibrary({ dir: 'models' });
  const drugs = decodeDrugTable(drugTable);
  const rows: Row[] = [];
  for await (const read of readBundles([folder], async () => '')) {
    if ('problem' in read) throw new Error(`${read.source}: ${read.problem}`);
    const now = newestEntry(contentsOf(read.bundle).resources) ?? 0;
    for (const patientId of patientsIn(read.bundle)) {
      const facts = factsOf({ bundle: read.bundle, patientId, drugs, now });
      const resolver = createResolver({ facts, library, now });
      const medicines = facts.medication.filter(({ state }) => state === 'active').length;
      rows.push({
        name: basename(read.source, '.json'),
        medicines,
        items: watchList({ facts, library, resolver, now }),
      });
    }
  }
  return rows;
}

const STATES = ['overdue', 'due', 'done', 'unknown'] as const;

function count(items: readonly Watched[], state: (typeof STATES)[number]): number {
  return items.filter(({ standing }) => standing.is === state).length;
}

/** The document. */
export function documentOf(samples: readonly Row[]): string {
  const watched = samples.filter(({ items }) => items.length > 0);
  return `# Monitoring on the sample charts

Made by \`node test/engine/monitoring/sample-charts.ts\`. Each chart is judged at its newest entry. The intensive-care charts end with every medicine stopped and ask for nothing. A test counts once for each medicine that asks for it; on the screen one measurement is one line.

## Synthetic and example charts: ${samples.length}, of which ${watched.length} hold a medicine that asks for a test

| chart | active medicines | overdue | due | done | unknown |
|---|---|---|---|---|---|
${watched.map(({ name, medicines, items }) => `| ${name} | ${medicines} | ${STATES.map((state) => count(items, state)).join(' | ')} |`).join('\n')}

## Each line

${watched
  .map(
    ({ name, items }) =>
      `**${name}**\n\n${items.map((item) => `- ${item.label} for ${item.medicine}: ${standingText(item)}${item.beyond ? ` (value beyond the limit: ${item.beyond.limit.says})` : ''}`).join('\n')}`,
  )
  .join('\n\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DOCUMENT, documentOf(await watchedIn(SAMPLES)));
