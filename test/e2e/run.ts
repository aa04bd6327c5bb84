/**
 * `npm run test:e2e`: builds the client as IT would, then drives it in a real Chromium.
 * Chromium is the system's own (`CHROMIUM`, else /usr/bin/chromium); where there is none the run fails and says so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromiumPath } from './chromium.ts';

const root = resolve(import.meta.dirname, '../..');

function run(command: string, args: readonly string[]): number {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}

if (!existsSync(chromiumPath)) {
  process.stderr.write(
    `No Chromium at ${chromiumPath}. Install one (Debian: apt-get install chromium) or set CHROMIUM.\n`,
  );
  process.exit(1);
}
const built = run(process.execPath, [join(root, 'server/build.ts')]);
if (built !== 0) process.exit(built);
process.exit(
  run(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    'test/e2e/vitest.config.ts',
    ...process.argv.slice(2),
  ]),
);
