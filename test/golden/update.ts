/** `npm run golden`: writes what the engine says now. Read the difference before you commit it: it is changed advice. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenJudge, PATIENTS, patientFolders } from './golden.ts';

const judge = await goldenJudge();
for (const folder of patientFolders()) {
  const path = join(PATIENTS, folder, 'expected.json');
  const text = await judge(folder);
  const held = readIfThere(path);
  if (held !== text) writeFileSync(path, text);
  process.stdout.write(`${held === text ? 'same   ' : 'changed'} ${folder}\n`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
