/** Builds the page: one small entry for the first number, everything heavy in the worker, nothing inline. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string };

export default defineConfig({
  root: resolve(root, 'client'),
  base: '/',
  publicDir: false,
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  define: {
    ATTUNE_VERSION: JSON.stringify(version),
    // The build of fhirclient for browsers that need no polyfills.
    FHIRCLIENT_PURE: 'true',
  },
  resolve: {
    alias: {
      // It prints what passes through fhirclient to the console when localStorage says so.
      debug: resolve(root, 'client/quiet-debug.cjs'),
    },
  },
  worker: { format: 'es' },
  build: {
    outDir: resolve(root, 'dist/client'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
});
