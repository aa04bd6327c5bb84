/** What goes wrong gets a clear screen, and nothing is lost. */
import type { DocumentReference } from 'fhir/r4';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterEach(() => stage.ehr.clearFaults());
afterAll(() => stage.close());

async function page(url: string): Promise<{ status: number; text: string; close(): Promise<void> }> {
  const context = await stage.browser.newContext();
  const opened = await context.newPage();
  const response = await opened.goto(url);
  return {
    status: response?.status() ?? 0,
    text: await opened.locator('body').innerText(),
    close: () => context.close(),
  };
}

describe('A launch that must not happen', () => {
  it('an unknown issuer is refused in words, before any call', async () => {
    const calls = stage.ehr.requests.length;
    const shown = await page(
      `${stage.appOrigin}/launch?iss=${encodeURIComponent('https://evil.example/fhir')}&launch=x`,
    );
    expect(shown.status).toBe(403);
    expect(shown.text).toMatch(/not registered|not known|not set up/i);
    expect(shown.text).not.toContain('evil.example');
    expect(stage.ehr.requests.length).toBe(calls);
    await shown.close();
  });

  it('a callback used twice is refused, and says to open the app again', async () => {
    const { page: chart, app, context } = await stage.openChart('well');
    await app.getByRole('heading', { level: 1 }).waitFor();
    const callback = await chart.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .find((name) => name.includes('/callback')),
    );
    const replay = await context.newPage();
    const response = await replay.goto(callback ?? `${stage.appOrigin}/callback?code=used&state=used`);
    expect(response?.status()).toBe(400);
    expect(await replay.locator('body').innerText()).toMatch(/open the app from the patient’s chart again/i);
    await context.close();
  });
});

describe('A chart that is not all there', () => {
  it('labs not granted: said as not granted, no laboratory read is tried, and no eGFR is shown', async () => {
    const { app, context, troubles } = await stage.openChart('ckd4', { deny: 'patient/Observation.rs' });
    await app.getByRole('heading', { name: /for today|^Today$/ }).waitFor();
    const text = await app.locator('body').innerText();
    expect(text).toMatch(/not (granted|asked|allowed)/i);
    expect(text).not.toMatch(/eGFR\s+\d/);
    expect(text).not.toContain('Stop metformin');
    expect(troubles).toEqual([]);
    await context.close();
  });

  it('a million-fold creatinine never becomes an eGFR, and is listed with its reason', async () => {
    const { app, context, troubles } = await stage.openChart('bad');
    await app.getByRole('heading', { name: /for today|^Today$/ }).waitFor();
    await app.getByRole('button', { name: /Data gaps/ }).click();
    await app.locator('summary').first().waitFor();
    await app.locator('details').evaluateAll((folds) => {
      for (const fold of folds) fold.setAttribute('open', '');
    });
    const text = await app.locator('body').innerText();
    expect(text).not.toMatch(/eGFR\s+\d/);
    expect(text).toMatch(/138[\s,.]?000[\s,.]?000/);
    // One prescription of this chart points to a Medication that does not exist.
    expect(troubles.filter((trouble) => !trouble.includes('/Medication/not-in-this-chart'))).toEqual([]);
    await context.close();
  });
});

describe('The EHR fails while a note is being written', () => {
  const notes = (patientId: string) =>
    (stage.ehr.allResources('DocumentReference') as DocumentReference[]).filter(
      ({ subject }) => subject?.reference === `Patient/${patientId}`,
    );

  it('down before it committed: nothing is called saved, the text is kept, and the next launch shows it again', async () => {
    const { app, context } = await stage.openChart('simva');
    await app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
    await app.getByText('Will be written').waitFor();
    stage.ehr.setFault({ match: { method: 'POST', path: /DocumentReference/ }, kind: 'drop-before-commit' });
    stage.ehr.setFault({ match: { method: 'GET', path: /DocumentReference/ }, kind: 'error', status: 503 });
    await app.getByRole('button', { name: 'Write 1 note' }).click();
    const sheet = app.getByRole('dialog');
    await sheet
      .getByText(/in doubt/i)
      .first()
      .waitFor();
    expect(await sheet.innerText()).not.toMatch(/\bsaved, and\b/i);
    expect(await sheet.getByRole('button', { name: 'Copy text' }).count()).toBe(1);
    expect(notes('simva')).toHaveLength(0);
    stage.ehr.clearFaults();

    const again = await stage.openChart('simva', { context });
    await again.app.getByText('From earlier').waitFor();
    await context.close();
  });

  it('the answer lost after it committed: found in the chart, and there is one note, not two', async () => {
    const { app, context } = await stage.openChart('k84');
    await app.getByRole('heading', { name: /for today/ }).waitFor();
    await app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
    await app.getByText('Will be written').waitFor();
    stage.ehr.setFault({ match: { method: 'POST', path: /DocumentReference/ }, kind: 'drop-after-commit', times: 1 });
    await app.getByRole('button', { name: 'Write 1 note' }).click();
    const sheet = app.getByRole('dialog');
    await sheet
      .getByText(/Saved, and read back|In doubt/)
      .first()
      .waitFor();
    // The app looks into the chart by itself.
    await sheet.getByText('Saved, and read back').waitFor();
    expect(notes('k84')).toHaveLength(1);
    await context.close();
  });
});

describe('A session that is over', () => {
  it('the EHR ends it: the screen stays readable, nothing can be written, and the text is kept', async () => {
    const { app, context } = await stage.openChart('warf');
    await app.getByRole('heading', { name: /for today/ }).waitFor();
    await app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
    await app.getByText('Will be written').waitFor();
    // The access token is refused, and so is the refresh.
    stage.ehr.setFault({ match: { path: /\/fhir\/DocumentReference|\/fhir\/metadata/ }, kind: 'error', status: 401 });
    stage.ehr.setFault({ match: { path: /\/auth\/token/ }, kind: 'error', status: 400 });
    await app.getByRole('button', { name: 'Write 1 note' }).click();
    const sheet = app.getByRole('dialog');
    await sheet.getByText('Not saved; your work is kept').waitFor();
    expect(await sheet.innerText()).toMatch(/session (has )?ended/i);
    expect(await sheet.getByRole('button', { name: 'Copy text' }).count()).toBe(1);
    expect(await app.locator('body').innerText()).not.toMatch(/Saved, and read back/);
    await context.close();
  });

  it('another browser session: the address alone opens nothing, and the work is kept', async () => {
    const { app, context } = await stage.openChart('k62');
    await app.getByRole('heading', { name: /for today/ }).waitFor();
    await context.clearCookies();
    await app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
    await app.getByText('Not saved; your work is kept').waitFor();
    expect(await app.getByRole('dialog').innerText()).toMatch(/open the app from the patient’s chart again/);
    expect(await app.getByRole('button', { name: 'Copy text' }).count()).toBe(1);
    await context.close();
  });
});
