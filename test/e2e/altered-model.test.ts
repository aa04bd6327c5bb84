/**
 * A coefficient that was altered between release and the screen: the self-test stops the number, and where there is no
 * example to test with, the equation's ONNX twin takes it back. Another number never takes its place.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Library } from '../../models/engine/library.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

type Changeable = { -readonly [Key in keyof Library]: Library[Key] };

/** Risk of the woman with stage 1 hypertension, on a library in which PREVENT base was changed on its way. */
async function riskWith(change: (model: Record<string, unknown>) => Record<string, unknown>): Promise<Page> {
  const context = await stage.browser.newContext();
  await context.route(/\/library\/[0-9a-f]{64}\/judging\.json$/, async (route) => {
    const response = await route.fetch();
    const library = (await response.json()) as Changeable;
    library.risk = library.risk.map((model) =>
      model.id === 'prevent-base-10yr' ? (change({ ...model }) as unknown as typeof model) : model,
    );
    await route.fulfill({ response, json: library });
  });
  const page = await context.newPage();
  await page.goto(stage.ehr.createLaunch({ patientId: 'stage1' }).launchUrl);
  await page.locator('[data-models="done"]').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: /^Risk/ }).click();
  return page;
}

/** One coefficient of one sex's equation, by one in the third digit. The example that every model runs first is a man's. */
function altered(sex: 'female' | 'male') {
  return (model: Record<string, unknown>): Record<string, unknown> => {
    const copy = structuredClone(model) as { coefficients: Record<string, { total_cvd: { decades: number } }> };
    const row = copy.coefficients[sex];
    if (row) row.total_cvd.decades += 0.001;
    return copy;
  };
}

/** The block that stands where PREVENT's number would. */
async function blockOf(page: Page, word: RegExp): Promise<string> {
  const block = page.locator('section.model').filter({ has: page.getByRole('heading', { name: word }) });
  await block.first().waitFor();
  return block.first().innerText();
}

it('as released: the number stands', async () => {
  const page = await riskWith((model) => model);
  const text = await page.locator('section.model').first().innerText();
  expect(text).toContain('PREVENT base');
  expect(text).toMatch(/7\.\d\s%/);
  expect(await page.getByText(/number withdrawn|model unavailable/).count()).toBe(0);
  await page.context().close();
});

it('the equation of its example altered: the self-test fails, the model is unavailable', async () => {
  const page = await riskWith(altered('male'));
  const text = await blockOf(page, /PREVENT base.*model unavailable/);
  expect(text).toContain('No number is shown in its place');
  expect(text).not.toMatch(/\d\s%/);
  await page.context().close();
});

it('the other one altered: the self-test cannot see it, her ONNX twin does, and the number is withdrawn', async () => {
  const page = await riskWith(altered('female'));
  const text = await blockOf(page, /PREVENT base.*number withdrawn/);
  expect(text).toContain('No number is shown in its place');
  expect(text).not.toMatch(/\d\s%/);
  await page.context().close();
});
