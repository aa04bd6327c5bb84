/** The exposure graph in a real browser: a worker runs it on sums of every shape and compares with the TypeScript. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { PATHWAYS } from '../../models/engine/exposure/graph.ts';
import type { Factor } from '../../models/engine/exposure/model.ts';
import type { Graph } from '../../models/engine/runtime.ts';
import { type LoadedLibrary, loadLibrary } from '../../server/library.ts';

/** What the worker is given. */
export interface ExposureQuestion {
  readonly graph: Graph;
  readonly rows: readonly (readonly Factor[])[];
}

/** What it found: the largest difference, relative where the ratio is above 1. */
export interface ExposureAnswer {
  readonly rows: number;
  readonly largestRatio: number;
  readonly maxDifference: number;
}

const root = resolve(import.meta.dirname, '../..');

/** Builds the page, serves it with the library's own graph, and lets `browser` compare. */
export async function exposureParity({ browser }: { readonly browser: Browser }): Promise<ExposureAnswer> {
  const loaded = await loadLibrary({ dir: join(root, 'models') });
  const folder = await mkdtemp(join(tmpdir(), 'exposure-parity-'));
  const context = await browser.newContext();
  const server = await serve(folder, loaded);
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      root: join(import.meta.dirname, 'exposure-parity'),
      build: { outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
      worker: { format: 'es' },
    });
    const page = await context.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/index.html`);
    await page.waitForFunction(() => window.exposureParity !== undefined, undefined, { timeout: 60_000 });
    const answer = (await page.evaluate(() => window.exposureParity)) as ExposureAnswer | { error: string };
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  } finally {
    await context.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** 500 sums of up to eight pathways, the same every time: multiples of the golden ratio, one phase a figure. */
function question({ library }: LoadedLibrary): ExposureQuestion {
  const graph = library.apart?.exposureGraph;
  if (!graph) throw new Error('the library has no exposure graph');
  const share = (n: number, phase: number) => (n * 0.618_033_988_75 + phase * 0.754_877_666) % 1;
  const rows = Array.from({ length: 500 }, (_, n) => {
    const pathways = PATHWAYS.filter((_, index) => share(n, index + 7) < 0.3).slice(0, 8);
    return pathways.map(
      (pathway, index): Factor => ({
        pathway,
        cr: (index === 0 ? 0.9 : 0.08 / pathways.length) * share(n, 3 * index),
        fa: (n % 2 === 0 ? 2 : 1) * share(n, 3 * index + 1),
        ir: 0.99 * share(n, 3 * index + 2),
        ic: n % 2 === 0 ? 12 * share(n, 5 * index) : 0,
      }),
    );
  });
  return { graph: { id: 'exposure', ...graph }, rows };
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

async function serve(folder: string, loaded: LoadedLibrary): Promise<Server> {
  const asked = JSON.stringify(question(loaded));
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const bytes =
      path === '/question.json'
        ? Buffer.from(asked)
        : (loaded.files.get(path)?.bytes ?? (await readFile(join(folder, path)).catch(() => undefined)));
    response.writeHead(bytes ? 200 : 404, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
    response.end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}
