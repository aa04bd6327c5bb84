/** WB8 as a physician does it: a saved note is taken back, and is called withdrawn when the EHR shows it so. */
import type { DocumentReference } from 'fhir/r4';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenChart, type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ tenant: () => ({ writeBack: { enabled: true, withdraw: true } }) });
});
afterAll(() => stage.close());

/** The last note about a patient in the EHR's own store. */
function lastNote(patientId: string): DocumentReference | undefined {
  const notes = stage.ehr.allResources('DocumentReference') as DocumentReference[];
  return notes.filter(({ subject }) => subject?.reference === `Patient/${patientId}`).at(-1);
}

/** Accepts the first card, and answers the sheet in which it was saved. */
async function save({ app }: OpenChart): Promise<Locator> {
  await app.getByRole('article').first().getByRole('button', { name: 'Accept' }).click();
  const sheet = app.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Write 1 note' }).click();
  await sheet.getByText('Saved, and read back').waitFor();
  return sheet;
}

async function withdraw(chart: OpenChart, from: Locator): Promise<Locator> {
  await from.getByRole('button', { name: 'Withdraw' }).click();
  const sheet = chart.app.getByRole('dialog', { name: 'Withdraw' });
  await sheet.getByText('will be marked as entered in error').waitFor();
  return sheet;
}

describe('Taking a note back', () => {
  it('says what will happen, asks why, and says withdrawn when the EHR has shown it so', async () => {
    const chart = await stage.openChart('ckd4');
    const saved = await save(chart);
    const sheet = await withdraw(chart, saved);
    const mark = sheet.getByRole('button', { name: 'Mark as entered in error' });
    expect(await mark.isDisabled()).toBe(true);
    expect(lastNote('ckd4')?.status).toBe('current');
    await sheet.getByRole('button', { name: 'No longer applies' }).click();
    await mark.click();
    await sheet.getByText(/^Withdrawn in the EHR at \d\d:\d\d/).waitFor();
    expect(lastNote('ckd4')?.status).toBe('entered-in-error');
    await sheet.getByRole('button', { name: 'Back' }).click();

    const card = chart.app.getByRole('article').first();
    expect(await card.innerText()).toContain('Withdrawn, and read back');
    await card.getByRole('button', { name: 'Answer anew' }).click();
    await card.getByRole('button', { name: 'Accept' }).waitFor();
    expect(chart.troubles).toEqual([]);
    await chart.context.close();
  });

  it('at the next launch what was written is there, and may be taken back from there', async () => {
    const first = await stage.openChart('k62');
    await save(first);
    await first.context.close();

    const chart = await stage.openChart('k62');
    await chart.app.getByRole('button', { name: /^Written from here/ }).click();
    const list = chart.app.locator('#panel-written');
    await list.getByText('Saved, and read back').waitFor();
    const sheet = await withdraw(chart, list);
    await sheet.getByRole('button', { name: 'Wrong patient or visit' }).click();
    await sheet.getByRole('button', { name: 'Mark as entered in error' }).click();
    await sheet.getByText('Withdrawn, and read back').waitFor();
    expect(lastNote('k62')?.status).toBe('entered-in-error');
    expect(chart.troubles).toEqual([]);
    await chart.context.close();
  });

  it('a lost answer is in doubt, here and at the next launch, until a look ends it', async () => {
    const first = await stage.openChart('simva');
    const saved = await save(first);
    const sheet = await withdraw(first, saved);
    stage.ehr.setFault({ match: { method: 'PUT', path: /DocumentReference/ }, kind: 'drop-after-commit', times: 1 });
    await sheet.getByRole('button', { name: 'Approved by mistake' }).click();
    await sheet.getByRole('button', { name: 'Mark as entered in error' }).click();
    await sheet.getByText('In doubt: withdrawal not confirmed').waitFor();
    expect(await sheet.innerText()).not.toContain('Withdrawn in the EHR');
    await first.context.close();
    stage.ehr.clearFaults();

    const chart = await stage.openChart('simva');
    const earlier = chart.app.locator('.earlier');
    await earlier.getByText('In doubt: withdrawal not confirmed').waitFor();
    await earlier.getByText(/^Withdrawn in the EHR at/).waitFor();
    expect(chart.troubles).toEqual([]);
    await chart.context.close();
  });

  it('a refusal is told as one, and the note is still called saved', async () => {
    const chart = await stage.openChart('warf');
    const saved = await save(chart);
    const sheet = await withdraw(chart, saved);
    stage.ehr.setFault({ match: { method: 'PUT', path: /DocumentReference/ }, kind: 'error', status: 403, times: 1 });
    await sheet.getByRole('button', { name: 'Something in it is wrong' }).click();
    await sheet.getByRole('button', { name: 'Mark as entered in error' }).click();
    await sheet.getByText('Not withdrawn: the EHR refused').waitFor();
    expect(await sheet.innerText()).toContain('nothing was withdrawn');
    await sheet.getByRole('button', { name: 'Back' }).click();
    expect(await chart.app.getByRole('article').first().innerText()).toContain('Saved, and read back');
    expect(lastNote('warf')?.status).toBe('current');
    stage.ehr.clearFaults();
    await chart.context.close();
  });
});

describe('An EHR that lets no app update a note', () => {
  it('gets a correcting note, shown in full before it is written', async () => {
    const chart = await stage.openChart('pheno', { deny: 'patient/DocumentReference.u' });
    const saved = await save(chart);
    const original = lastNote('pheno');
    await saved.getByRole('button', { name: 'Withdraw' }).click();
    const sheet = chart.app.getByRole('dialog', { name: 'Withdraw' });
    await sheet.getByText('A second note beside it will say that you withdraw it').waitFor();
    await sheet.getByRole('button', { name: 'Written twice' }).click();
    await sheet.getByText(`Disregard DocumentReference/${original?.id}.`).waitFor();
    expect(await sheet.innerText()).toContain('Reason: Written twice.');
    expect(lastNote('pheno')?.id).toBe(original?.id);
    await sheet.getByRole('button', { name: 'Write 1 note' }).click();
    await sheet.getByText(/^Withdrawn in the EHR at .+ a correcting note/).waitFor();
    expect(lastNote('pheno')?.description).toMatch(/^Withdrawn: /);
    expect(stage.ehr.readResource(`DocumentReference/${original?.id}`)).toMatchObject({ status: 'current' });
    expect(chart.troubles).toEqual([]);
    await chart.context.close();
  });
});
