/** `unmapped FILE… [--code-map FILE]`: local codes and refused units with counts, one JSON line each, ready to become a code map. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { contentsOf } from '../../models/engine/facts/bundle.ts';
import type { CodeMap } from '../../models/engine/facts/code-map.ts';
import { mergeUnmapped, type Unmapped, unmapped } from '../../models/engine/facts/unmapped.ts';
import { CodeMapError, parseCodeMap } from '../code-map.ts';
import { readBundles } from './bundles.ts';
import { patientsIn } from './chart.ts';
import { type Command, UsageError } from './command.ts';

/** Exit 1 when a Bundle could not be read. */
export const unmappedCommand: Command = async ({ args, terminal, clock }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { 'code-map': { type: 'string' } },
    allowPositionals: true,
    strict: true,
  });
  if (positionals.length === 0) throw new UsageError('unmapped needs a file, a folder, or - for standard input');
  const codeMap = await codeMapAsked(values['code-map']);
  const reports: (readonly Unmapped[])[] = [];
  let fellShort = false;
  for await (const read of readBundles(positionals, terminal.stdin)) {
    if ('problem' in read) {
      terminal.err(`${read.source}: ${read.problem}`);
      fellShort = true;
      continue;
    }
    const { resources, fullUrls } = contentsOf(read.bundle);
    for (const patientId of patientsIn(read.bundle))
      reports.push(unmapped({ patientId, resources, fullUrls, now: clock(), ...(codeMap ? { codeMap } : {}) }));
  }
  for (const line of mergeUnmapped(reports)) terminal.out(JSON.stringify(line));
  return fellShort ? 1 : 0;
};

/** The code map of a file named on the command line. @throws UsageError when it cannot be used */
export async function codeMapAsked(file: string | undefined): Promise<CodeMap | undefined> {
  if (file === undefined) return undefined;
  try {
    return parseCodeMap(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(error instanceof CodeMapError ? error.message : `${file} cannot be read`);
  }
}
