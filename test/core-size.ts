/** Reports the size of the core that must stay small enough to read in an afternoon: launch, relay, write-back. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const budget = 1500;

/** What runs beside the core, or is mounted on it. */
const notCore =
  /^launch\/proof\/|^server\/(library|commands|cds-hooks|doctor|rehearse|store|cli\.ts|build\.ts|library\.ts|ort\.ts|audit\.ts)/;

const files = execFileSync('git', ['ls-files', 'launch/**/*.ts', 'launch/*.ts', 'server/*.ts', 'server/**/*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !notCore.test(file));

/** Lines that hold code: blank lines and comments are what makes the rest readable. */
function codeLines(file: string): number {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
}

const sizes = files.map((file) => ({ file, lines: codeLines(file) })).sort((a, b) => b.lines - a.lines);
const total = sizes.reduce((sum, { lines }) => sum + lines, 0);
process.stdout.write(
  `Core (launch, relay, write-back): ${total} lines of code in ${files.length} files; aim: about ${budget}\n`,
);
for (const { file, lines } of sizes.slice(0, 5)) process.stdout.write(`  ${String(lines).padStart(5)}  ${file}\n`);
