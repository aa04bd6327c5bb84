/** Test runner: every test under `test/` but the browser tests, which `npm run test:e2e` drives. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { FHIRCLIENT_PURE: 'true' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/e2e/**', '**/node_modules/**'],
    globalSetup: ['test/left-out.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
