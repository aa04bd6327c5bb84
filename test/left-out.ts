/** Says, after every run of `npm test`, what that run did not try and where it is tried. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** vitest's global set-up: the returned function runs after the last test. */
export default function setup(): () => void {
  return () => {
    const shared = existsSync(resolve(import.meta.dirname, '../../shared/vectors'));
    const lines = [
      'Left out of this run:',
      '  browser tests (Chromium)            → npm run test:e2e, or .ci/run',
      '  retraining the trained model (Python) → .ci/run',
      ...(shared
        ? []
        : ['  published vectors and sample charts  → they lie outside this repository (../shared) and were not found']),
    ];
    process.stdout.write(`\n${lines.join('\n')}\n`);
  };
}
