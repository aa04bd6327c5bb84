/** A vancomycin course as the pharmacist sees it: levels, band, regimens that reach the target, and a dose typed in. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

it('draws the course from the doses given and two levels, with the regimens that reach 400 to 600 mg·h/L and no order', async () => {
  const { app, context, troubles } = await stage.openChart('vanc');
  await app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  // Doses given come behind the first round: the section is opened when they are in.
  await app.getByRole('button', { name: /^Medicines/ }).click();
  const course = app.locator('.course');
  await course
    .getByRole('img', { name: /vancomycin concentration from .* levels 27.4 mg\/L on .*, 13.1 mg\/L on/ })
    .waitFor();
  expect(await course.innerText()).toMatch(
    /On 1,000 mg every 12 h: AUC \d+ \(\d+–\d+\) mg·h\/L in 24 h, from 2 levels/,
  );
  const rows = course.getByRole('row');
  expect(await rows.count()).toBeGreaterThan(2);
  for (const text of (await rows.allInnerTexts()).slice(2)) {
    const area = Number(/(\d+) \(\d+–\d+\)/.exec(text)?.[1]);
    expect(area).toBeGreaterThanOrEqual(400);
    expect(area).toBeLessThanOrEqual(600);
  }
  expect(await course.innerText()).toContain('Not an order');

  // A level typed in moves the number, is marked as typed, and goes with one tap.
  const before = await course.locator('p').first().innerText();
  await course.getByText('Type in a dose or a level').click();
  const form = course.locator('form').nth(1);
  await form.getByLabel(/Level/).fill('30');
  const hourAgo = new Date(Date.now() - 3_600_000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  await form.getByLabel('at').fill(hourAgo);
  await form.getByRole('button', { name: 'Add' }).click();
  await course.getByText('1 typed here, not in the chart and not saved').waitFor();
  expect(await course.locator('p').first().innerText()).not.toBe(before);
  await course.getByRole('button', { name: 'Remove' }).click();
  expect(await course.locator('p').first().innerText()).toBe(before);
  expect(troubles).toEqual([]);
  await context.close();
});
