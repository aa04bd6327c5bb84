/** The main job as a physician does it: chart, cards, what-if, accept, preview, approve; then what the EHR really holds. */
import type { Bundle, DocumentReference } from 'fhir/r4';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** The notes about a patient as the EHR's FHIR API gives them, read with a token that this visit was granted. */
async function notesByApi(patientId: string): Promise<DocumentReference[]> {
  for (const token of [...stage.ehr.issuedTokens()].reverse()) {
    const response = await fetch(`${stage.ehr.fhirBase}/DocumentReference?patient=${patientId}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/fhir+json' },
    });
    if (response.status === 200) {
      const { entry = [] } = (await response.json()) as Bundle<DocumentReference>;
      return entry.flatMap(({ resource }) => (resource ? [resource] : []));
    }
    await response.body?.cancel();
  }
  throw new Error('no token of this visit may read notes');
}

/** Opens PREVENT's what-if, moves the systolic pressure to 120, and waits for another number. */
async function tryAnotherPressure(app: FrameLocator): Promise<Locator> {
  await app.getByRole('button', { name: /^Risk/ }).click();
  await app.getByText('What if these values were different').first().click();
  const whatIf = app.locator('.what-if').first();
  await whatIf.waitFor();
  const before = await whatIf.getByRole('listitem').first().innerText();
  await whatIf.getByRole('slider', { name: /systolic/i }).fill('120');
  await expect.poll(() => whatIf.getByRole('listitem').first().innerText()).not.toBe(before);
  expect(await whatIf.innerText()).toMatch(/Simulated, not saved/);
  return whatIf;
}

/** The notes about a patient, through the EHR's own store. */
function notesOf(patientId: string): DocumentReference[] {
  return (stage.ehr.allResources('DocumentReference') as DocumentReference[]).filter(
    ({ subject }) => subject?.reference === `Patient/${patientId}`,
  );
}

function textOf(note: DocumentReference): string {
  return Buffer.from(note.content[0]?.attachment.data ?? '', 'base64').toString('utf8');
}

describe('From the chart to a note that the EHR holds', () => {
  it('shows the critical card, previews exactly what is written, and says saved only when it was read back', async () => {
    const before = notesOf('ckd4').length;
    const { app, context, troubles } = await stage.openChart('ckd4');
    await app.getByRole('heading', { level: 1, name: 'Ingrid Maren Halvorsen' }).waitFor();
    const card = app.getByRole('article').filter({ hasText: 'Stop metformin: eGFR is below 30' });
    await card.waitFor();
    expect(await card.innerText()).toMatch(/24\s*mL\/min\/1\.73\s*m²/);

    await tryAnotherPressure(app);
    await card.getByRole('button', { name: 'Accept' }).click();
    const sheet = app.getByRole('dialog');
    await sheet.getByText('Will be written').waitFor();
    expect(notesOf('ckd4')).toHaveLength(before);
    await sheet.getByRole('button', { name: 'Exact resource (JSON)' }).click();
    const previewed = await sheet.locator('pre.json').innerText();
    await sheet.getByRole('button', { name: 'Write 1 note' }).click();
    await sheet.getByText('Saved, and read back').waitFor();
    expect(await sheet.innerText()).toContain('No order was placed');

    expect(notesOf('ckd4')).toHaveLength(before + 1);
    const notes = await notesByApi('ckd4');
    expect(notes).toHaveLength(before + 1);
    const note = notes.find((one) => textOf(one).includes('Stop metformin')) as DocumentReference;
    const text = textOf(note);
    expect(text).toContain('Stop metformin: eGFR is below 30');
    expect(text).toMatch(/eGFR.*24 mL\/min/);
    expect(text).toMatch(/Creatinine.*mg\/dL/i);
    expect(text).toMatch(/\d{4}-\d{2}-\d{2}/);
    expect(text).toMatch(/reviewed by Dr\. Amara Okafor/);
    expect(text).not.toMatch(/simulated/i);
    expect(JSON.parse(previewed).content).toEqual(note.content);
    expect(note.author?.[0]?.reference).toMatch(/^Practitioner/);
    expect(troubles).toEqual([]);
    await context.close();
  });

  it('what-if recomputes PREVENT on measured values, is marked as simulated, and offers no treatment to toggle', async () => {
    const { app, context, troubles } = await stage.openChart('uacr');
    await app.getByRole('heading', { name: /for today|^Today$/ }).waitFor();
    const whatIf = await tryAnotherPressure(app);
    expect(await whatIf.innerText()).toMatch(/−\d+\.\d\s*pp/);
    const names = await whatIf
      .getByRole('slider')
      .evaluateAll((sliders) => sliders.map((slider) => slider.parentElement?.parentElement?.textContent ?? ''));
    expect(names.join(' ')).not.toMatch(/statin|treatment/i);
    expect(await whatIf.getByRole('button').allInnerTexts()).toEqual(['Reset to chart']);
    expect(troubles).toEqual([]);
    await context.close();
  });

  it('declining asks for a coded reason, and the answer is on the record', async () => {
    const { app, context, page } = await stage.openChart('k62');
    const card = app.getByRole('article').first();
    await card.getByRole('button', { name: 'Decline' }).click();
    const reasons = card.getByRole('button', { name: /.+/ });
    expect(await reasons.count()).toBeGreaterThanOrEqual(6);
    const recorded = page.waitForResponse((response) => /declined/.test(response.request().postData() ?? ''));
    await card.getByRole('button', { name: 'Already tolerated' }).click();
    expect((await recorded).status()).toBe(204);
    expect((await recorded).request().postDataJSON()).toMatchObject({ type: 'declined', reason: 'already-tolerated' });
    await context.close();
  });
});

describe('The token never reaches the browser', () => {
  it('appears in no response, no storage, no log and no file after a whole visit', async () => {
    const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
    const seen: string[] = [];
    context.on('response', async (response) => {
      if (!response.url().startsWith(stage.appOrigin)) return;
      seen.push(response.url(), JSON.stringify(await response.allHeaders().catch(() => ({}))));
      seen.push(await response.text().catch(() => ''));
    });
    const { app, page } = await stage.openChart('simva', { context });
    const card = app.getByRole('article').first();
    await card.getByRole('button', { name: 'Accept' }).click();
    await app.getByRole('button', { name: 'Write 1 note' }).click();
    await app.getByRole('dialog').getByText('Saved, and read back').waitFor();
    const stored = await Promise.all(
      page
        .frames()
        .filter((frame) => frame.url().startsWith(stage.appOrigin))
        .map((frame) =>
          frame.evaluate(() => {
            // Where the browser blocks third-party storage, reading it throws: then nothing is kept there either.
            try {
              return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]);
            } catch (error) {
              return String(error);
            }
          }),
        ),
    );
    const haystack = [...seen, ...stored, stage.log(), stage.disk()].join('\n');
    const tokens = stage.ehr.issuedTokens();
    expect(tokens.length).toBeGreaterThan(0);
    expect(seen.length).toBeGreaterThan(20);
    for (const token of tokens) expect(haystack.includes(token)).toBe(false);
    await context.close();
  });

  it('nor does a patient appear in a log', () => {
    for (const canary of ['Halvorsen', 'Ingrid', 'A-100482', 'metformin']) expect(stage.log()).not.toContain(canary);
  });
});
