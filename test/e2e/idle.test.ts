/** A session that nobody uses, on the screen (interop T5; WCAG 2.2.1). Only the page's clock is moved. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

it('says a minute before that it ends, goes on with one tap, and ends where nobody taps', async () => {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.clock.install();
  const { app, troubles } = await stage.openChart('ckd4', { context });
  await app.getByRole('heading', { name: /for today/ }).waitFor();
  expect(await app.getByRole('alert').count()).toBe(0);

  await context.clock.fastForward('14:00');
  const soon = app.getByRole('alert');
  await soon.getByRole('heading', { name: 'This session ends in a minute' }).waitFor();
  await soon.getByRole('button', { name: 'Stay in this session' }).click();
  await soon.waitFor({ state: 'detached' });

  await context.clock.fastForward('15:00');
  await app.getByRole('heading', { name: 'The EHR session has ended' }).waitFor();
  expect(await app.getByRole('article').count()).toBeGreaterThan(0);
  expect(troubles).toEqual([]);
  await context.close();
});
