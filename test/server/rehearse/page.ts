/** `node test/server/rehearse/page.ts` writes a part of docs/write-back.md: what rehearsals on the practice EHR come to, in all its modes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { VENDOR_MODES, type VendorMode } from '../../../fixtures/ehr/quirks.ts';
import { nameOf, seenOf } from '../../../server/rehearse/markdown.ts';
import type { RehearsalReport } from '../../../server/rehearse/report.ts';
import { openStage } from './stage.ts';

export const PAGE = resolve(import.meta.dirname, '../../../docs/write-back.md');
const [FROM, TO] = ['<!-- rehearsal: from here', '<!-- rehearsal: to here -->'];

/** The report of a rehearsal run as IT runs it, with everything switched on. */
export async function rehearsedIn(mode: VendorMode | undefined): Promise<RehearsalReport> {
  const stage = await openStage(mode ? { ehr: { quirks: mode } } : {});
  try {
    const { report, err } = await stage.rehearse();
    if (!report) throw new Error(err);
    return report;
  } finally {
    await stage.close();
  }
}

/** The two tables. Ids and days differ from run to run and are not told. */
export async function rehearsalTables(): Promise<string> {
  const named: [name: string, report: RehearsalReport][] = [['as specified', await rehearsedIn(undefined)]];
  for (const mode of VENDOR_MODES) named.push([mode, await rehearsedIn(mode)]);
  const ways = named[0]?.[1].rungs.map(nameOf) ?? [];
  return [
    line(['way of writing', ...named.map(([name]) => name)]),
    rule(named.length + 1),
    ...ways.map((way, row) => line([way, ...named.map(([, { rungs }]) => verdictIn(rungs[row]))])),
    '',
    'What was seen of those that were tried:',
    '',
    line([
      '',
      'way of writing',
      'create',
      'key',
      'AI label',
      'search by key',
      'shown',
      'conditional create',
      'taken back',
      'found by',
    ]),
    rule(10),
    ...named.flatMap(([name, { rungs }]) =>
      seenAlike(rungs).map(([seen, alike]) => line([name, alike.join(', '), seen])),
    ),
  ].join('\n');
}

/** What was seen, and the ways of writing of which it was seen. */
function seenAlike(rungs: RehearsalReport['rungs']): [seen: string, ways: string[]][] {
  const alike = new Map<string, string[]>();
  for (const rung of rungs) {
    if (!rung.shown) continue;
    const seen = [...seenOf(rung), rung.shown.foundBy].join(' | ');
    alike.set(seen, [...(alike.get(seen) ?? []), nameOf(rung)]);
  }
  return [...alike];
}

function verdictIn(rung: RehearsalReport['rungs'][number] | undefined): string {
  if (!rung) return '–';
  return rung.verdict === 'not-tried'
    ? /does not accept|takes no/.test(rung.why)
      ? 'not offered'
      : rung.why
    : rung.verdict;
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const rule = (columns: number) => `|${'---|'.repeat(columns)}`;

/** The part of the page between its two marks. */
export function kept(page = readFileSync(PAGE, 'utf8')): string {
  const [, part] = new RegExp(`${FROM}[^\\n]*\\n\\n([\\s\\S]*?)\\n\\n${TO}`).exec(page) ?? [];
  if (part === undefined) throw new Error('docs/write-back.md has no marks');
  return part;
}

if (import.meta.main) {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, page.replace(kept(page), () => '@@').replace('@@', await rehearsalTables()));
}
