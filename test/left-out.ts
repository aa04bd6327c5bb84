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
      ...(process.env.DATABASE_URL
        ? []
        : ['  PostgreSQL, and three servers on it  → .ci/run, or DATABASE_URL=postgres://…']),
      ...(process.env.ATTUNE_KILLS ? [] : ['  50 killed servers (5 were)           → .ci/run, or ATTUNE_KILLS=50']),
      ...(shared
        ? []
        : ['  published vectors and sample charts  → they lie outside this repository (../shared) and were not found']),
    ];
    process.stdout.write(`\n${lines.join('\n')}\n`);
  };
}
