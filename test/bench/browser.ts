/** What the physician waits for, in headless Chromium against the practice EHR: first number, Today settled, bytes on the wire. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Stage, setStage } from '../e2e/stage.ts';
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

/** One row per figure and latency; each the median of several visits, after four that warm the server up. */
export async function browserRows(latencies: readonly number[], visits = 5): Promise<Row[]> {
  const stage = await setStage({ patients: [largeChart(10_000, Date.now())] });
  try {
    for (let index = 0; index < 4; index += 1) await visit(stage);
    const rows: Row[] = [];
    for (const latency of latencies) {
      stage.ehr.setLatency(latency);
      const seen: Visit[] = [];
      for (let index = 0; index < visits; index += 1) seen.push(await visit(stage));
      rows.push(
        {
          what: `first number painted, L = ${latency} ms, 10,000 Observations`,
          measured: median(seen.map((one) => one.firstNumber)),
          budget: 2 * latency + 300,
          unit: 'ms',
        },
        {
          what: `Today settled, L = ${latency} ms`,
          measured: median(seen.map((one) => one.settled)),
          budget: 2 * latency + 1000,
          unit: 'ms',
        },
      );
      if (latency === latencies[0])
        rows.push(
          {
            what: 'HTML + JS + CSS to the first number, brotli',
            measured: median(seen.map((one) => one.bytesToFirstNumber)) / 1000,
            budget: 60,
            unit: 'kB',
          },
          {
            what: 'bytes to Today settled, all but the chart, brotli',
            measured: median(seen.map((one) => one.bytesToSettled)) / 1000,
            budget: 450,
            unit: 'kB',
          },
        );
    }
    return rows;
  } finally {
    await stage.close();
  }
}

async function visit(stage: Stage): Promise<Visit> {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  let callback = 0;
  const loads: { readonly url: string; readonly at: number; readonly bytes: number }[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/callback?')) callback = Date.now();
  });
  page.on('response', (response) => {
    const { pathname, origin } = new URL(response.url());
    if (origin === stage.appOrigin)
      loads.push({ url: pathname, at: Date.now(), bytes: sent(pathname, response.headers()) });
  });
  await page.goto(stage.ehr.createLaunch({ patientId: 'large' }).launchUrl);
  const marked = async (name: string): Promise<number> => {
    await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, name);
    return page.evaluate(
      (mark) => performance.timeOrigin + (performance.getEntriesByName(mark)[0]?.startTime ?? Number.NaN),
      name,
    );
  };
  const first = await marked('attune:first-number');
  const settled = await marked('attune:today-settled');
  await context.close();
  const page_ = loads.filter(({ url }) => !url.includes('/fhir/'));
  const sum = (until: number, which: (url: string) => boolean) =>
    page_.filter(({ at, url }) => at <= until && which(url)).reduce((total, { bytes }) => total + bytes, 0);
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
