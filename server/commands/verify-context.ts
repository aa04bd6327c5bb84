/**
 * `verify context FILE [--values]`: medicines together with some facts of a patient. Every case is made into a Bundle
 * and goes through the same readers as a chart.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import { factsOf } from './chart.ts';
import { type Command, UsageError } from './command.ts';
import { bundleOf, contextCase } from './context-bundle.ts';
import { highestTier, saidTogether, type Tier } from './list-of-medicines.ts';

const contextFile = z.looseObject({ cases: z.array(contextCase) });

/** Words of an expectation, the longest first → the tiers that meet it. */
const EXPECTATIONS: readonly (readonly [string, readonly Tier[]])[] = [
  ['no interruptive alert', ['warning', 'info', 'none']],
  ['no alert', ['info', 'none']],
  ['HIGH/moderate', ['critical', 'warning']],
  ['LOW/MONITOR', ['warning', 'info', 'none']],
  ['MODERATE', ['critical', 'warning']],
  ['MONITOR', ['warning', 'info']],
  ['HIGH', ['critical']],
  ['LOW', ['info', 'none']],
];

/** Exit 1 when a case got a tier that does not meet its expectation. */
export const verifyContextCommand: Command = async ({ args, terminal, library, clock }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { values: { type: 'boolean' } },
    allowPositionals: true,
    strict: true,
  });
  const [path, ...rest] = positionals;
  if (!path || rest.length > 0) throw new UsageError('verify context takes one file of cases');
  const file = basename(path);
  const { cases } = contextFile.parse(JSON.parse(await readFile(path, 'utf8')));
  const loaded = await library();
  const drugs = decodeDrugTable(loaded.drugTable);
  const now = clock();
  const failures = [];
  for (const one of cases) {
    const { bundle, notUnderstood } = bundleOf(one, { library: loaded.library, now });
    for (const words of notUnderstood) terminal.err(`${file}  ${one.id}: not understood: ${words}`);
    const facts = factsOf({ bundle, patientId: 'case', drugs, now });
    for (const { text, resolution } of facts.medication)
      if (resolution === 'unresolved') terminal.err(`${file}  ${one.id}: no such medicine: ${text}`);
    const said = await saidTogether(facts, loaded.library, now);
    const got = highestTier(said);
    if (values.values) terminal.out(JSON.stringify({ file, id: one.id, expect: one.expect, got }));
    if (!allowed(one.expect).includes(got)) {
      failures.push({ id: one.id, expect: one.expect, got });
      terminal.err(`${file}  ${one.id}: expected ${one.expect}, got ${got} (${said[0]?.finding.summary ?? 'nothing'})`);
    }
  }
  const results = [{ file, cases: cases.length, passed: cases.length - failures.length, failures }];
  if (!values.values) terminal.out(JSON.stringify({ results }));
  return failures.length > 0 ? 1 : 0;
};

/** @throws UsageError for words that are no expectation */
function allowed(expectation: string): readonly Tier[] {
  const found = EXPECTATIONS.find(([words]) => expectation.toLowerCase().startsWith(words.toLowerCase()));
  if (!found) throw new UsageError(`not an expectation: ${expectation}`);
  return found[1];
}
