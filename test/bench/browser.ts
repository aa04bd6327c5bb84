/** What the physician waits for, in headless Chromium against the practice EHR: first number, Today settled, bytes on the wire. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../e2e/chromium.ts';
import { freePort } from '../e2e/stage.ts';
import { largeChart } from './large-chart.ts';
import { median, type Row } from './table.ts';

const client = resolve(import.meta.dirname, '../../dist/client');

interface Visit {
  /** Milliseconds from the start of the callback request. */
  readonly firstNumber: number;
  readonly settled: number;
  /** Bytes as sent, before each moment. */
  readonly bytesToFirstNumber: number;
  readonly bytesToSettled: number;
}

/** One row per figure and latency; each the median of several visits, after four that warm the servers up. */
export async function browserRows(latencies: readonly number[], visits = 11): Promise<Row[]> {
  const browser = await launchChromium();
  const rows: Row[] = [];
  try {
    for (const latency of latencies) {
      const site = await startSite(latency);
      const seen: Visit[] = [];
      for (let index = 0; index < visits + 4; index += 1) {
        const one = await visit(browser, site);
        if (index >= 4) seen.push(one);
      }
      site.stop();
      const of = (figure: keyof Visit) => median(seen.map((one) => one[figure]));
      rows.push(
        {
          what: `first number painted, L = ${latency} ms, 10,000 Observations`,
          measured: of('firstNumber'),
          budget: 2 * latency + 300,
          unit: 'ms',
        },
        { what: `Today settled, L = ${latency} ms`, measured: of('settled'), budget: 2 * latency + 1000, unit: 'ms' },
      );
      if (latency === latencies[0])
        rows.push(
          {
            what: 'HTML + JS + CSS to the first number, brotli',
            measured: of('bytesToFirstNumber') / 1000,
            budget: 60,
            unit: 'kB',
          },
          {
            what: 'bytes to Today settled, all but the chart, brotli',
            measured: of('bytesToSettled') / 1000,
            budget: 450,
            unit: 'kB',
          },
        );
    }
    return rows;
  } finally {
    await browser.close();
  }
}

interface Site {
  readonly ehrOrigin: string;
  readonly appOrigin: string;
  stop(): void;
}

/** App and practice EHR as processes of their own, as the README starts them: neither shares this one's thread. */
async function startSite(latency: number): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'attune-bench-'));
  const patients = join(folder, 'patients');
  mkdirSync(patients);
  writeFileSync(join(patients, 'large.json'), JSON.stringify(largeChart(10_000, Date.now())));
  const [ehrPort, appPort] = [await freePort(), await freePort()];
  const child = spawn(
    process.execPath,
    [
      resolve(import.meta.dirname, '../../fixtures/start.ts'),
      ...['--ehr-port', String(ehrPort), '--app-port', String(appPort), '--data', folder],
      ...['--patients', patients, '--latency', String(latency)],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise<void>((ready, failed) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (/^http:/m.test(chunk.toString('utf8'))) ready();
    });
    child.once('exit', () => failed(new Error('the practice EHR did not start')));
  });
  return {
    ehrOrigin: `http://127.0.0.1:${ehrPort}`,
    appOrigin: `http://localhost:${appPort}`,
    stop: () => {
      child.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function visit(browser: Browser, { ehrOrigin, appOrigin }: Site): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  let callback = 0;
  const loads: { readonly url: string; readonly at: number; readonly bytes: number }[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/callback?')) callback = Date.now();
  });
  page.on('response', (response) => {
    const { pathname, origin } = new URL(response.url());
    if (origin === appOrigin) loads.push({ url: pathname, at: Date.now(), bytes: sent(pathname, response.headers()) });
  });
  await page.goto(`${ehrOrigin}/chart/large`);
  await page.frameLocator('iframe').locator('[data-models="done"]').waitFor({ state: 'attached' });
  const frame = page.frames().find((candidate) => candidate.url().startsWith(appOrigin));
  const marked = async (name: string): Promise<number> =>
    (await frame?.evaluate(
      (mark) => performance.timeOrigin + (performance.getEntriesByName(mark)[0]?.startTime ?? Number.NaN),
      name,
    )) ?? Number.NaN;
  const first = await marked('attune:first-number');
  const settled = await marked('attune:today-settled');
  await context.close();
  const own = loads.filter(({ url }) => !url.includes('/fhir/'));
  const sum = (until: number, which: (url: string) => boolean) =>
    own.filter(({ at, url }) => at <= until && which(url)).reduce((total, { bytes }) => total + bytes, 0);
  return {
    firstNumber: first - callback,
    settled: settled - callback,
    // The worker and its knowledge load beside the page; the first number does not wait for them.
    bytesToFirstNumber: sum(first, (url) => url.endsWith('/') || /\/assets\/index-/.test(url)),
    bytesToSettled: sum(settled, () => true),
  };
}

/** What a response weighed: the length it declared, else that of the compressed file it came from. */
function sent(pathname: string, headers: Readonly<Record<string, string>>): number {
  const declared = Number(headers['content-length']);
  if (declared > 0) return declared;
  const file = join(client, /\/l\/[^/]+\/$/.test(pathname) ? 'index.html.br' : `${pathname}.br`);
  return existsSync(file) ? statSync(file).size : 0;
}
