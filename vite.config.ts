/** Builds the page: one small entry for the first number, everything heavy in the worker, nothing inline. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string };

/** FHIRPath from its sources, without its parser, UCUM, decimal.js and what is for other uses: 105 of its 130 kB (brotli). What stands in for them says why. */
function lightFhirpath(): Plugin {
  const leftOut = resolve(root, 'client/fhirpath/left-out.ts');
  const instead: Readonly<Record<string, string>> = {
    './parser': resolve(root, 'client/fhirpath/parser.ts'),
    '@lhncbc/ucum-lhc': leftOut,
    'decimal.js': resolve(root, 'client/fhirpath/no-decimals.ts'),
    './additional': leftOut,
    './factory': leftOut,
    './html-checks': leftOut,
    './instance-selector': leftOut,
    './sdc-ig-supplements': leftOut,
    './terminologies': leftOut,
  };
  return {
    name: 'light-fhirpath',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id === 'fhirpath') return resolve(root, 'node_modules/fhirpath/src/fhirpath.js');
      return importer?.includes('/fhirpath/src/') ? instead[id] : undefined;
    },
  };
}

export default defineConfig({
  root: resolve(root, 'client'),
  base: '/',
  publicDir: false,
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false }), lightFhirpath()],
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
  worker: { format: 'es', plugins: () => [lightFhirpath()] },
  build: {
    outDir: resolve(root, 'dist/client'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
});
