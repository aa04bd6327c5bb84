/**
 * `npm run golden`: writes what the engine says now, and prints what changed. `--new`: only patients that have no
 * expectation yet. Read the difference before you commit it: it is changed advice.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { difference } from './difference.ts';
import { goldenJudge, PATIENTS, patientFolders } from './golden.ts';

const onlyNew = process.argv.includes('--new');
const judge = await goldenJudge();
for (const folder of patientFolders()) {
  const path = join(PATIENTS, folder, 'expected.json');
  const held = readIfThere(path);
  if (onlyNew && held !== undefined) continue;
  const text = await judge(folder);
  if (held !== text) writeFileSync(path, text);
  process.stdout.write(`${held === text ? 'same   ' : 'changed'} ${folder}\n`);
  for (const line of difference(held, text)) process.stdout.write(`  ${line}\n`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
