/**
 * The models in a real browser: a page under the app's Content-Security-Policy (it may not compile WebAssembly), a worker
 * that may, the engine's own ONNX adapter, the library as it is served, and scikit-learn's numbers to compare with.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import type { Library } from '../../models/engine/library.ts';
import { type LoadedLibrary, loadLibrary } from '../../server/library.ts';

/** What the worker is given. */
export interface ParityQuestion {
  readonly library: Library;
  /** Made-up people with scikit-learn's probability. */
  readonly rows: readonly {
    readonly inputs: Readonly<Record<string, number>>;
    readonly probability: number;
    /** Each feature's part of the log odds. */
    readonly contributions: readonly number[];
  }[];
  readonly intercept: number;
  /** Inputs for the twin of each published equation. */
  readonly twins: readonly { readonly id: string; readonly inputs: readonly Readonly<Record<string, number>>[] }[];
}

/** What it found. Differences are the largest, in the outcome's own unit. */
export interface ParityAnswer {
  readonly readyAfterMs: number;
  readonly trained: {
    readonly rows: number;
    readonly maxDifference: number;
    /** Of the second output, in log odds; and of the parts with the intercept against the log odds of the first. */
    readonly maxContributionDifference: number;
    readonly maxSumDifference: number;
  };
  readonly twins: readonly { readonly id: string; readonly rows: number; readonly maxDifference: number }[];
}

export type Parity = ParityAnswer & {
  /** Must be false: only the worker's response carries `wasm-unsafe-eval`. */
  readonly pageMayCompile: boolean;
  /** Violations of the policy and uncaught errors. */
  readonly troubles: readonly string[];
};

const root = resolve(import.meta.dirname, '../..');

/**
 * Builds the page, serves it, and lets `browser` compare.
 * @throws Error when the worker could not run at all
 */
export async function onnxParity({ browser }: { readonly browser: Browser }): Promise<Parity> {
  const loaded = await loadLibrary({ dir: join(root, 'models') });
  const folder = await mkdtemp(join(tmpdir(), 'onnx-parity-'));
  const context = await browser.newContext();
  const server = await serve(folder, loaded);
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      root: join(import.meta.dirname, 'onnx-parity'),
      build: { outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
      worker: { format: 'es' },
    });
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', ({ message }) => troubles.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text());
    });
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/index.html`);
    await page.waitForFunction(() => window.parity !== undefined && window.pageMayCompile !== undefined, undefined, {
      timeout: 60_000,
    });
    const answer = (await page.evaluate(() => window.parity)) as ParityAnswer | { error: string };
    if ('error' in answer) throw new Error(`${answer.error} ${troubles.join(' | ')}`);
    return { ...answer, pageMayCompile: (await page.evaluate(() => window.pageMayCompile)) ?? true, troubles };
  } finally {
    await context.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function question(library: Library): Promise<ParityQuestion> {
  const parity = await readFile(join(root, 'models/risk/hidden-albuminuria/parity.json'), 'utf8');
  const { rows, intercept } = JSON.parse(parity) as Pick<ParityQuestion, 'rows' | 'intercept'>;
  const equations = library.risk.filter((model) => model.kind === 'regression');
  const twins = equations.map(({ id, inputs }) => ({
    id,
    inputs: Array.from({ length: 100 }, (_, n) => point(inputs, n)),
  }));
  return { library, rows, intercept, twins };
}

/** The nth point spread over the inputs' ranges, the same every time: the golden ratio's multiples, one phase an input. */
function point(inputs: Library['risk'][number]['inputs'], n: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    inputs.map(({ name, codes, range: [low, high] = [0.3, 6] }, index) => {
      const share = (n * 0.618_033_988_75 + index * 0.754_877_666) % 1;
      const values = Object.values(codes ?? {});
      return [name, values[Math.floor(share * values.length)] ?? low + share * (high - low)];
    }),
  );
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

async function serve(folder: string, { library, files }: LoadedLibrary): Promise<Server> {
  const asked = JSON.stringify(await question(library));
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const bytes =
      path === '/question.json'
        ? Buffer.from(asked)
        : (files.get(path)?.bytes ?? (await readFile(join(folder, path)).catch(() => undefined)));
    response.writeHead(bytes ? 200 : 404, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-security-policy': policy({ wasm: /\/worker-[^/]*\.js$/.test(path) }),
    });
    response.end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

function policy({ wasm }: { readonly wasm: boolean }): string {
  return [
    "default-src 'none'",
    `script-src 'self'${wasm ? " 'wasm-unsafe-eval'" : ''}`,
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
