/** A browser that returns no cookie to a framed page, and one that keeps nothing at all (interop §2B 6, M1, M3; docs/decisions/0015). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import { type Browser, type BrowserContext, chromium, type Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium, PARTITIONED_STORAGE } from './chromium.ts';
import { type OpenChart, type Stage, setStage } from './stage.ts';

let stage: Stage;
let browser: Browser;
beforeAll(async () => {
  stage = await setStage({ cookies: 'none' });
  browser = await launchChromium([PARTITIONED_STORAGE]);
});
afterAll(async () => {
  await browser.close();
  await stage.close();
});

const openChart = async (patientId: string, context?: BrowserContext) =>
  stage.openChart(patientId, { context: context ?? (await browser.newContext()) });

const appFrame = ({ page }: OpenChart): Frame => {
  const frame = page.frames().find((candidate) => candidate.url().startsWith(stage.appOrigin));
  if (!frame) throw new Error('the chart shows no app');
  return frame;
};

describe('A browser that returns no cookie to a framed page', () => {
  it('shows the chart’s cards, and writes the note that was approved', async () => {
    const { app, context, troubles } = await openChart('ckd4');
    await app.getByRole('heading', { level: 1, name: 'Ingrid Maren Halvorsen' }).waitFor();
    const card = app.getByRole('article').filter({ hasText: 'Stop metformin: eGFR is below 30' });
    await card.getByRole('button', { name: 'Accept' }).click();
    const sheet = app.getByRole('dialog');
    await sheet.getByText('Will be written').waitFor();
    await sheet.getByRole('button', { name: 'Write 1 note' }).click();
    await sheet.getByText('Saved, and read back').waitFor();
    const notes = (stage.ehr.allResources('DocumentReference') as DocumentReference[]).filter(
      ({ subject }) => subject?.reference === 'Patient/ckd4',
    );
    expect(notes).toHaveLength(1);
    expect(await context.cookies()).toEqual([]);
    expect(troubles).toEqual([]);
    await context.close();
  });

  it('gets no token and keeps none: what it stores is a key that no script can read', async () => {
    const context = await browser.newContext();
    const seen: string[] = [];
    const signed: boolean[] = [];
    context.on('response', async (response) => {
      if (!response.url().startsWith(stage.appOrigin)) return;
      seen.push(response.url(), JSON.stringify(await response.allHeaders().catch(() => ({}))));
      seen.push(await response.text().catch(() => ''));
      if (/\/l\/[\w-]+\/(fhir|context|write-back|promises)/.test(response.url()))
        signed.push('dpop' in (await response.request().allHeaders()));
    });
    const opened = await openChart('ckd4', context);
    await opened.app.getByRole('heading', { name: /for today/ }).waitFor();
    const stored = await appFrame(opened).evaluate(async () => {
      const open = indexedDB.open('attune', 1);
      await new Promise((done) => open.addEventListener('success', done));
      const get = open.result.transaction('keys').objectStore('keys').getAll();
      await new Promise((done) => get.addEventListener('success', done));
      const [{ privateKey }] = get.result as [CryptoKeyPair];
      const read = await crypto.subtle.exportKey('jwk', privateKey).then(
        () => 'read',
        () => 'refused',
      );
      return { keys: get.result.length, read, storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) };
    });
    expect(stored).toEqual({ keys: 1, read: 'refused', storage: '[{},{}]' });
    expect(signed.length).toBeGreaterThan(5);
    expect(signed.every(Boolean)).toBe(true);
    const handle = seen.map((text) => /"handle":"([\w-]{43})"/.exec(text)?.[1]).find(Boolean) ?? '';
    expect(handle).not.toBe('');
    for (const token of stage.ehr.issuedTokens()) expect(seen.join('\n')).not.toContain(token);
    expect(stage.log() + stage.disk()).not.toContain(handle);
    await context.close();
  });

  it('that loads the page again is told to start again from the chart, and does', async () => {
    const opened = await openChart('ckd4');
    const { app, page, context } = opened;
    await app.getByRole('heading', { name: /for today/ }).waitFor();
    await appFrame(opened).evaluate(() => location.reload());
    await app.getByRole('heading', { name: 'Start again from the chart' }).waitFor();
    expect(await app.locator('body').innerText()).not.toContain('Halvorsen');
    const again = stage.ehr.createLaunch({ patientId: 'ckd4' });
    await page.locator('iframe').evaluate((frame, url) => {
      (frame as HTMLIFrameElement).src = url;
    }, again.launchUrl);
    await app.getByText('Stop metformin: eGFR is below 30').waitFor();
    await context.close();
  });

  it('with two charts open at once shows each its own patient (M1)', async () => {
    const one = await openChart('simva');
    const two = await openChart('ckd4', one.context);
    await one.app.getByRole('heading', { name: /for today/ }).waitFor();
    await two.app.getByText('Stop metformin: eGFR is below 30').waitFor();
    expect(await two.app.getByRole('heading', { level: 1 }).innerText()).toBe('Ingrid Maren Halvorsen');
    // The first goes on as if there were no second.
    await one.app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
    await one.app.getByText('Will be written').waitFor();
    const first = await one.app.locator('body').innerText();
    expect(first).toMatch(/simvastatin/i);
    expect(first).not.toContain('Halvorsen');
    await one.context.close();
  });

  it('whose EHR’s sign-in began elsewhere is not let in by its address (S-2)', async () => {
    const elsewhere = await openChart('ckd4');
    await elsewhere.app.getByRole('heading', { name: /for today/ }).waitFor();
    const address = appFrame(elsewhere).url();
    const here = await openChart('simva');
    await here.app.getByRole('heading', { name: /for today/ }).waitFor();
    await here.page.locator('iframe').evaluate((frame, url) => {
      (frame as HTMLIFrameElement).src = url;
    }, address);
    await here.app.getByRole('heading', { name: 'Start again from the chart' }).waitFor();
    expect(await here.app.locator('body').innerText()).not.toContain('Halvorsen');
    await elsewhere.context.close();
    await here.context.close();
  });
});

describe('A browser that keeps nothing of a framed page, neither cookie nor key', () => {
  let profile: string;
  let context: BrowserContext;
  beforeAll(async () => {
    profile = mkdtempSync(join(tmpdir(), 'attune-profile-'));
    mkdirSync(join(profile, 'Default'));
    // “Don’t allow sites to save data on your device”.
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(settings));
    context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
    });
  });
  afterAll(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });

  it('is told so inside the EHR’s frame, with a window of its own as the way out', async () => {
    const { app } = await stage.openChart('ckd4', { context });
    await app.getByRole('heading', { name: 'This browser blocks the app’s cookie' }).waitFor();
    const link = app.getByRole('link', { name: 'Open in a new window' });
    expect(await link.getAttribute('href')).toMatch(/^\/launch\?iss=.+&launch=.+/);
    expect(await link.getAttribute('target')).toBe('_blank');
  });
});
