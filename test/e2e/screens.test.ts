/**
 * What a physician sees, at the widths and in the light that she has: kept under docs/screens, and looked through by axe.
 * `ATTUNE_SCREENS=1 npm run test:e2e -- screens` rewrites the pictures; without it they are taken and thrown away.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOn } from './axe.ts';
import { type Stage, setStage } from './stage.ts';

const folder = resolve(import.meta.dirname, '../../docs/screens');
const keep = process.env.ATTUNE_SCREENS === '1';

let stage: Stage;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  stage = await setStage({ tenant: () => ({ writeBack: { enabled: true, withdraw: true } }) });
});
afterAll(() => stage.close());

const openSection = (name: RegExp) => (page: Page) => page.getByRole('button', { name }).click();
const medicines = openSection(/^Medicines/);

/** Accepts the first card. */
async function toSaved(page: Page): Promise<void> {
  await page.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('button', { name: 'Write 1 note' }).click();
}

/** What the withdrawal of a saved note would do, and why it is asked for. */
async function toWithdraw(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Withdraw', exact: true }).last().click();
  await page.getByText('What will happen').waitFor();
  await page.getByRole('button', { name: 'No longer applies' }).click();
}

/** Each view: the patient, and the taps that lead to it. */
const views: Readonly<Record<string, { readonly patient: string; readonly open?: (page: Page) => Promise<void> }>> = {
  today: { patient: 'ckd4' },
  verify: { patient: 'k84' },
  quiet: { patient: 'well' },
  unreadable: { patient: 'bad', open: openSection(/Data gaps/) },
  evidence: {
    patient: 'ckd4',
    open: (page) =>
      page
        .getByRole('button', { name: /^Evidence/ })
        .first()
        .click(),
  },
  risk: { patient: 'uacr', open: openSection(/^Risk/) },
  medicines: { patient: 'ckd4', open: medicines },
  preview: {
    patient: 'k62',
    open: async (page) => {
      await page.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
      await page.getByText('Will be written').waitFor();
    },
  },
  'forbidden-pair': {
    patient: 'simva',
    open: async (page) => {
      await medicines(page);
      await page
        .locator('.plan')
        .getByRole('checkbox', { name: /clarithromycin/ })
        .uncheck();
      await page.getByText('No longer').first().waitFor();
    },
  },
  'lowered-pair': { patient: 'raas', open: medicines },
  burden: { patient: 'qtb', open: medicines },
  phenoconverted: {
    patient: 'pheno',
    open: async (page) => {
      await medicines(page);
      await page.getByText('*1/*1').waitFor();
      await page
        .locator('#panel-medicines')
        .getByRole('button', { name: /Replace codeine/ })
        .click();
    },
  },
  promise: {
    patient: 'amio',
    open: async (page) => {
      await medicines(page);
      const row = page.getByRole('listitem').filter({ hasText: /^TSH/ });
      if (await row.getByRole('combobox').isVisible()) await row.getByRole('combobox').selectOption('14');
      await row.getByRole('button', { name: /Promised for/ }).waitFor();
    },
  },
  egress: {
    patient: 'ckd4',
    open: async (page) => {
      await page.getByRole('button', { name: 'What left this app' }).click();
      await page.getByRole('table').nth(1).waitFor();
    },
  },
  timeline: { patient: 'liver', open: openSection(/^Organs and labs/) },
  vancomycin: {
    patient: 'vanc',
    open: async (page) => {
      await medicines(page);
      await page.getByRole('img', { name: /vancomycin concentration/ }).waitFor();
    },
  },
  // Last: what these leave in the charts would stand in the pictures of others.
  withdraw: {
    patient: 'warf',
    open: async (page) => {
      const earlier = page.getByRole('button', { name: /^Written from here/ });
      await ((await earlier.isVisible()) ? earlier.click() : toSaved(page));
      await toWithdraw(page);
    },
  },
  withdrawn: {
    patient: 'liver',
    open: async (page) => {
      await toSaved(page);
      await toWithdraw(page);
      await page.getByRole('button', { name: 'Mark as entered in error' }).click();
      await page.getByText('Withdrawn, and read back').first().waitFor();
    },
  },
  'withdrawal-in-doubt': {
    patient: 'ckd4',
    open: async (page) => {
      const earlier = page.getByRole('button', { name: /^Written from here/ });
      await ((await earlier.isVisible()) ? earlier.click() : toSaved(page));
      const again = page.locator('.sheet, #panel-written').getByRole('button', { name: /^Withdraw/ });
      await again.last().click();
      await page.getByText('What will happen').waitFor();
      await page.getByRole('button', { name: 'Approved by mistake' }).click();
      stage.ehr.setFault({ match: { method: 'PUT', path: /./ }, kind: 'drop-before-commit', times: 1 });
      await page.getByRole('button', { name: 'Mark as entered in error' }).click();
      await page.getByRole('dialog').getByText('In doubt: withdrawal not confirmed').waitFor();
    },
  },
};

const WIDTHS = [320, 380, 760];

describe.each(Object.entries(views))('%s', (name, { patient, open }) => {
  it.each(WIDTHS)('at %i px, light and dark: nothing for axe to find, no sideways scrolling', async (width) => {
    const context = await stage.browser.newContext({
      viewport: { width, height: 900 },
      reducedMotion: 'reduce',
      bypassCSP: true,
    });
    const page = await context.newPage();
    await page.goto(stage.ehr.createLaunch({ patientId: patient }).launchUrl);
    await page.locator('[data-models="done"]').waitFor({ state: 'attached' });
    await open?.(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      if (keep) await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      ).toBeLessThanOrEqual(0);
      expect(await violationsOn(page)).toEqual([]);
    }
    await context.close();
  });
});
