/** The mistake that harms: one patient's data under another's name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

describe('Two patients in one frame', () => {
  it('A, then B in the same frame, then a reload: never A’s data under B’s name', async () => {
    const { app, page, context } = await stage.openChart('ckd4');
    await app.getByRole('heading', { level: 1, name: 'Ingrid Maren Halvorsen' }).waitFor();
    await app.getByText('Stop metformin: eGFR is below 30').waitFor();
    const first =
      page
        .frames()
        .find((frame) => frame.url().startsWith(stage.appOrigin))
        ?.url() ?? '';

    const other = stage.ehr.createLaunch({ patientId: 'simva' });
    await page.locator('iframe').evaluate((frame, url) => {
      (frame as HTMLIFrameElement).src = url;
    }, other.launchUrl);
    await expect.poll(() => app.getByRole('heading', { level: 1 }).innerText()).not.toMatch(/Halvorsen|Reading/);
    await app.getByRole('heading', { name: /for today/ }).waitFor();
    const second = await app.locator('body').innerText();
    expect(second).not.toContain('Halvorsen');
    expect(second).not.toContain('metformin');
    expect(second).toMatch(/simvastatin/i);

    const frame = page.frames().find((candidate) => candidate.url().startsWith(stage.appOrigin));
    await frame?.evaluate(() => location.reload());
    await expect.poll(() => app.getByRole('heading', { name: /for today/ }).count(), { timeout: 20_000 }).toBe(1);
    expect(await app.locator('body').innerText()).not.toContain('Halvorsen');

    // The first launch, opened again by its own address, still shows its own patient.
    await page.locator('iframe').evaluate((element, url) => {
      (element as HTMLIFrameElement).src = url;
    }, first);
    await app.getByRole('heading', { level: 1, name: 'Ingrid Maren Halvorsen' }).waitFor();
    await app.getByText('Stop metformin: eGFR is below 30').waitFor();
    expect(await app.locator('body').innerText()).not.toMatch(/simvastatin/i);
    await context.close();
  });

  it('two frames of one browser, reloaded in any order, each keep their own patient', async () => {
    const one = await stage.openChart('ckd4');
    const two = await stage.openChart('simva', { context: one.context });
    await one.app.getByText('Stop metformin: eGFR is below 30').waitFor();
    await two.app.getByRole('heading', { name: /for today/ }).waitFor();
    for (const opened of [one, two, one]) {
      const frame = opened.page.frames().find((candidate) => candidate.url().startsWith(stage.appOrigin));
      await frame?.evaluate(() => location.reload());
      await opened.app.getByRole('heading', { name: /for today/ }).waitFor();
    }
    expect(await one.app.getByRole('heading', { level: 1 }).innerText()).toBe('Ingrid Maren Halvorsen');
    expect(await two.app.locator('body').innerText()).not.toContain('Halvorsen');
    await one.context.close();
  });
});
