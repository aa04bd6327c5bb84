/** ONNX Runtime never delays the first card: a Chromium trace of one launch, and a launch in which its file never comes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** The part of a trace event that is read; `ts` in microseconds on one clock for all processes. */
interface TraceEvent {
  readonly name: string;
  readonly ts: number;
  readonly args?: { readonly data?: { readonly url?: string } };
}

it('the trace: its requests start after Today has been painted', async () => {
  const page = await stage.browser.newPage();
  await stage.browser.startTracing(page, { categories: ['blink.user_timing', 'devtools.timeline'] });
  await page.goto(stage.ehr.createLaunch({ patientId: 'ckd4' }).launchUrl);
  await page.locator('[data-models="done"]').waitFor({ state: 'attached' });
  const { traceEvents } = JSON.parse((await stage.browser.stopTracing()).toString('utf8')) as {
    traceEvents: TraceEvent[];
  };
  await page.close();
  const painted = traceEvents.find(({ name }) => name === 'attune:today-settled')?.ts ?? Number.NaN;
  const asked = traceEvents.filter(
    ({ name, args }) => name === 'ResourceSendRequest' && /ort[.-].*\.(wasm|m?js)/.test(args?.data?.url ?? ''),
  );
  console.info(
    'after Today’s paint',
    asked.map(({ ts, args }) => `${((ts - painted) / 1000).toFixed(1)} ms ${new URL(args?.data?.url ?? '').pathname}`),
  );
  expect(asked.some(({ args }) => args?.data?.url?.endsWith('.wasm'))).toBe(true);
  for (const { ts } of asked) expect(ts).toBeGreaterThan(painted);
});

it('held back for good: the cards stand, and the trained model is said not to have run yet', async () => {
  const context = await stage.browser.newContext();
  let held = 0;
  await context.route(/ort.*\.wasm/, () => {
    held += 1;
  });
  const page = await context.newPage();
  await page.goto(stage.ehr.createLaunch({ patientId: 'ckd4' }).launchUrl);
  await page.getByRole('article').filter({ hasText: 'Stop metformin: eGFR is below 30' }).waitFor();
  await expect.poll(() => held).toBe(1);
  expect(await page.locator('[data-models="done"]').count()).toBe(0);
  expect(await page.getByRole('article').first().getByRole('button', { name: 'Accept' }).isEnabled()).toBe(true);
  await context.close();
});
