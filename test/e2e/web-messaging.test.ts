/** R1, W1–W3: a test that is due goes as a draft into the EHR's own scratchpad, through its frame, and is never called saved. */
import type { ServiceRequest } from 'fhir/r4';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenChart, type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ tenant: (origin) => ({ webMessaging: { origins: [origin] } }) });
});
afterAll(() => stage.close());

const open = (messaging: string, more: { deny?: string } = {}) =>
  stage.openChart('amio', { query: { messaging }, ...more });

/** Opens the preview of the test that is due. */
async function preview({ app }: OpenChart): Promise<Locator> {
  const card = app.getByRole('article').filter({ hasText: 'Check ALT' });
  await card.getByRole('button', { name: 'Accept' }).click();
  const sheet = app.getByRole('dialog');
  await sheet.getByRole('heading', { name: /^Will be/ }).waitFor();
  return sheet;
}
const toPropose = (sheet: Locator) => sheet.getByRole('button', { name: 'Propose 1 draft, no order' });

describe('An EHR whose frame answers', () => {
  it('gets exactly the draft that was shown; it is called proposed, and never saved (W3, WB4, WB7)', async () => {
    const before = stage.ehr.allResources('ServiceRequest').length;
    const chart = await open('answers');
    const sheet = await preview(chart);
    expect(await sheet.innerText()).toContain('in your scratchpad in Practice EHR');
    await sheet.getByRole('button', { name: 'Exact resource (JSON)' }).click();
    const previewed = JSON.parse(await sheet.locator('pre.json').innerText()) as ServiceRequest;
    expect(stage.ehr.drafts()).toEqual([]);
    await toPropose(sheet).click();
    await sheet.getByText('Proposed; not in the chart').waitFor();

    const [draft] = stage.ehr.drafts();
    expect(draft?.resource).toEqual(previewed);
    expect(draft?.resource).toMatchObject({
      status: 'draft',
      intent: 'proposal',
      subject: { reference: 'Patient/amio' },
    });
    const text = await sheet.innerText();
    expect(text).toContain(draft?.location);
    expect(text).not.toMatch(/\bsaved\b|\bwritten\b/i);
    expect(stage.ehr.allResources('ServiceRequest')).toHaveLength(before);
    await chart.page.getByRole('heading', { name: 'Drafts to sign' }).waitFor();
    expect(chart.troubles).toEqual([]);

    // W3: everything is final, so the EHR may be told that the app is done; it closes the frame.
    await sheet.getByRole('button', { name: 'Done, close Attune' }).click();
    await expect.poll(() => chart.page.locator('iframe').count()).toBe(0);
    await chart.context.close();
  });

  it('gets a note about a medicine by the server, as ever: a medicine is never drafted (WB4)', async () => {
    const drafts = stage.ehr.drafts().length;
    const chart = await stage.openChart('ckd4', { query: { messaging: 'answers' } });
    await chart.app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
    const sheet = chart.app.getByRole('dialog');
    await sheet.getByRole('button', { name: 'Write 1 note' }).waitFor();
    expect(await sheet.innerText()).toContain('Clinical note (DocumentReference)');
    expect(stage.ehr.drafts()).toHaveLength(drafts);
    await chart.context.close();
  });
});

describe('An EHR whose frame does not', () => {
  it('shake hands within two seconds gets a note instead (W1)', async () => {
    const chart = await open('silent');
    const sheet = await preview(chart);
    expect(await sheet.innerText()).toContain('Clinical note (DocumentReference)');
    await sheet.getByRole('button', { name: 'Write 1 note' }).waitFor();
    expect(await sheet.getByRole('button', { name: /Done/ }).count()).toBe(0);
    await chart.context.close();
  });

  it('grant the scratchpad gets a note instead (W2)', async () => {
    const chart = await open('answers', { deny: 'messaging/scratchpad' });
    const sheet = await preview(chart);
    expect(await sheet.innerText()).toContain('Clinical note (DocumentReference)');
    await chart.context.close();
  });

  it('take the draft is told as a refusal, and the text is kept', async () => {
    const chart = await open('refuses');
    const sheet = await preview(chart);
    await toPropose(sheet).click();
    await sheet.getByText('Not proposed; your work is kept').waitFor();
    expect(await sheet.innerText()).toContain('the EHR refused it (422)');
    await sheet.getByRole('button', { name: 'Copy text' }).waitFor();
    await chart.context.close();
  });

  it('answer leaves a doubt, here and at the next launch, which only the clinician’s own look ends', async () => {
    const had = stage.ehr.drafts().length;
    const first = await open('loses');
    const sheet = await preview(first);
    await toPropose(sheet).click();
    await sheet.getByText('In doubt: handed over, no answer').waitFor();
    expect(await sheet.innerText()).toContain('It is not sent again by itself');
    expect(await sheet.getByRole('button', { name: 'Done, close Attune' }).isDisabled()).toBe(true);
    expect(stage.ehr.drafts()).toHaveLength(had + 1);
    await first.context.close();

    const chart = await open('answers');
    const earlier = chart.app.locator('.earlier');
    await earlier.getByText('In doubt: handed over, no answer').waitFor();
    await earlier.getByRole('button', { name: 'I see it there' }).click();
    await earlier.getByText('Proposed; not in the chart').waitFor();
    expect(stage.ehr.drafts()).toHaveLength(had + 1);
    expect(chart.troubles).toEqual([]);
    await chart.context.close();
  });
});
