/** The organ-injury timeline as a pharmacist sees it: a sentence, who is suspected and why, a picture and a table. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

it('suspects isoniazid first, with its reason, tells why the statin is less likely, and draws what the table says', async () => {
  const { app, context, troubles } = await stage.openChart('liver', { width: 1280 });
  await app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  // The card on Today says the same in one line.
  await app
    .getByText(/Weigh stopping isoniazid: ALT 12 times the upper limit with bilirubin 2\.9/)
    .first()
    .waitFor();

  await app.getByRole('button', { name: /^Organs and labs/ }).click();
  const liver = app.getByRole('region', { name: 'Liver' });
  await liver.getByText(/ALT rose from 38 .* to 486 U\/L/).waitFor();
  expect(await liver.locator('.organ-sentence').innerText()).toMatch(/Hy’s law pattern, hepatocellular \(R 12\.4\)/);

  const suspects = liver.locator('.suspect');
  const [first = '', second = ''] = await suspects.allInnerTexts();
  expect(first).toMatch(/^isoniazid\s+started .*, 87 days before the first abnormal ALT/);
  expect(first).toContain('carries a boxed warning of severe, sometimes fatal hepatitis');
  expect(second).toMatch(/^atorvastatin\s+started .*, 7 years before .* with 3 normal values on it/);
  await liver.getByRole('heading', { name: 'Less likely by time' }).waitFor();

  // One plot a marker, each with its words; the bars under them name the medicines.
  await liver
    .getByRole('img', { name: /^ALT rose from 24 U\/L on \d+ \w+ \d{4} to 486 U\/L on \d+ \w+ \d{4}, 6 values$/ })
    .waitFor();
  expect(await liver.getByRole('img').count()).toBe(4);
  expect(await liver.locator('.trend-bars').innerText()).toMatch(/isoniazid since \d+[\s\S]*atorvastatin since \d+/);

  const table = liver.getByRole('table');
  expect(await table.getByRole('columnheader').allInnerTexts()).toEqual([
    'Date',
    'ALT, U/L',
    'AST, U/L',
    'Alkaline phosphatase, U/L',
    'Bilirubin, mg/dL',
  ]);
  const newest = (await table.getByRole('row').nth(1).innerText()).split(/\t/).map((cell) => cell.trim());
  expect(newest[0]).toMatch(/^\d{1,2}\s\w{3}\s\d{4}$/);
  expect(newest.slice(1)).toEqual(['486', '402', '118', '2.9']);

  // Nothing is wider than the sidebar.
  const overflow = await liver.evaluate((section) => section.scrollWidth - section.clientWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  expect(troubles).toEqual([]);
  await context.close();
});

it('shows a value that must be verified as left out, in the picture and in the table', async () => {
  const { app, context } = await stage.openChart('k84');
  await app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  await app.getByRole('button', { name: /^Organs and labs/ }).click();
  const potassium = app.getByRole('region', { name: 'Potassium' });
  await potassium.getByRole('img', { name: /^Potassium rose from 4\.7 .* to 4\.9 .*; 1 left out$/ }).waitFor();
  expect(await potassium.locator('.trend-left-out').allTextContents()).toEqual(['×']);
  await potassium.getByRole('cell', { name: '× 8.4 mmol/L: left out, extreme: to be verified' }).waitFor();
  await context.close();
});

it('offers no picture of single values, and in comfort care accuses no medicine', async () => {
  const well = await stage.openChart('well');
  await well.app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  expect(await well.app.getByRole('button', { name: /^Medicines/ }).count()).toBe(1);
  expect(await well.app.getByRole('button', { name: /^Organs and labs/ }).count()).toBe(0);
  await well.context.close();

  const comfort = await stage.openChart('comfort');
  await comfort.app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  await comfort.app.getByRole('button', { name: /^Organs and labs/ }).click();
  const kidney = comfort.app.getByRole('region', { name: 'Kidney' });
  await kidney.getByText('Comfort care.').waitFor();
  expect(await kidney.locator('.suspect').count()).toBe(0);
  await comfort.context.close();
});
