/**
 * Reports the size of the core: whatever the app and its write-back load to launch, to relay and to write. Followed by its
 * imports, so that a mount that creeps in is counted. `docs/decisions/0017-what-the-core-is.md` says what the figure means.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const ASKED = 1500;

/** Where the core begins: the app without a mount, and the routes that write. */
export const CORE_ENTRIES = ['server/app.ts', 'server/write-back/routes.ts'] as const;

/** Files that are loaded with `entries`, types aside; the engine is not looked into. */
export function loadedWith(entries: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const follow = (file: string): void => {
    if (found.has(file) || file.startsWith('models/')) return;
    found.add(file);
    const source = readFileSync(join(root, file), 'utf8');
    for (const [, to = ''] of source.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?'(\.[^']+)'/gm)) {
      const path = resolve(root, dirname(file), to);
      if (existsSync(path)) follow(relative(root, path));
    }
  };
  for (const entry of entries) follow(entry);
  return found;
}

/** Lines that hold code: blank lines and comments are what makes the rest readable. */
function codeLines(file: string): number {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
}

function roomOf(file: string): string {
  if (file.startsWith('launch/') || /^server\/(sessions|authorize|turns|user-name)\.ts$/.test(file)) return 'launch';
  if (file.startsWith('server/write-back/')) return 'write-back';
  if (/^server\/(fhir|relay-plan|prefetch|egress|admit[\w-]*|launched|offers|outcome)\.ts$/.test(file)) return 'relay';
  return 'the app around them';
}

if (process.argv[1] === import.meta.filename) {
  const rooms = new Map<string, number>();
  for (const file of loadedWith(CORE_ENTRIES))
    rooms.set(roomOf(file), (rooms.get(roomOf(file)) ?? 0) + codeLines(file));
  const total = [...rooms.values()].reduce((sum, lines) => sum + lines, 0);
  process.stdout.write(`Core: ${total} lines of code; about ${ASKED} were asked for\n`);
  for (const [room, lines] of [...rooms].sort(([, a], [, b]) => b - a))
    process.stdout.write(`  ${String(lines).padStart(5)}  ${room}\n`);
}
