/** Medicines together, as a pharmacist would look at them: a forbidden pair, one that context lowers, a burden, and what was not checked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** The chart with the Medicines section open. */
async function medicinesOf(patientId: string) {
  const chart = await stage.openChart(patientId);
  await chart.app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  await chart.app.getByRole('button', { name: /^Medicines/ }).click();
  const section = chart.app.locator('#panel-medicines');
  await section.getByRole('heading', { name: 'Together' }).waitFor();
  return { ...chart, section, plan: section.locator('.plan') };
}

describe('a pair that the label forbids', () => {
  it('is critical on Today; unticking the antibiotic takes it away, in the simulation only', async () => {
    const { app, context, plan, troubles } = await medicinesOf('simva');
    const card = app.getByRole('article').filter({ hasText: 'Stop simvastatin while clarithromycin is taken' });
    expect(await card.innerText()).toMatch(/Critical/);
    await plan.getByRole('checkbox', { name: /clarithromycin/ }).uncheck();
    await plan.getByText('No longer').first().waitFor();
    expect(await plan.innerText()).toMatch(/No longer[\s\S]*Stop simvastatin while clarithromycin/);
    expect(await plan.innerText()).toContain('Simulated, not saved');
    // The chart is what it was.
    expect(await card.count()).toBe(1);
    await plan.getByRole('button', { name: 'Reset to chart' }).click();
    expect(await plan.getByRole('checkbox', { name: /clarithromycin/ }).isChecked()).toBe(true);
    expect(troubles).toEqual([]);
    await context.close();
  });

  it('is seen before it is ordered: ketoconazole added to the list, found by name without asking any server', async () => {
    const { page, context, plan } = await medicinesOf('simva');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await plan.getByRole('searchbox').fill('ketoconaz');
    await plan.getByRole('button', { name: 'Add ketoconazole' }).click();
    await plan.getByText('What the checks would say').waitFor();
    expect(await plan.innerText()).toMatch(/ketoconazole/);
    expect(await plan.innerText()).toMatch(/New|Changed/);
    expect(asked.filter((url) => /ketoconaz/i.test(url))).toEqual([]);
    await context.close();
  });

  it('a name that nobody knows here is said to be unchecked', async () => {
    const { context, plan } = await medicinesOf('simva');
    await plan.getByRole('searchbox').fill('zzzopril');
    await plan.getByText('it cannot be checked').waitFor();
    await context.close();
  });
});

describe('a pair that this patient’s values lower', () => {
  it('lisinopril with spironolactone at potassium 4.1 and good kidneys: nothing on Today, one quiet line with the reason', async () => {
    const { app, context, section } = await medicinesOf('raas');
    expect(
      await app
        .getByRole('article')
        .filter({ hasText: /spironolactone/ })
        .count(),
    ).toBe(0);
    expect(await section.innerText()).toMatch(/Keep checking potassium/);
    await section.getByRole('button', { name: /Keep checking potassium/ }).click();
    const sheet = app.getByRole('dialog');
    expect(await sheet.innerText()).toMatch(/4\.1\s*mmol\/L/);
    await context.close();
  });
});

describe('a burden', () => {
  it('three QT medicines, potassium 3.2 and a QTc of 490 ms are one critical card that names all five', async () => {
    const { app, context, section } = await medicinesOf('qtb');
    const cards = app.getByRole('article').filter({ hasText: /QTc|QT/ });
    expect(await cards.count()).toBe(1);
    const text = await cards.innerText();
    for (const name of ['azithromycin', 'citalopram', 'ondansetron', '490', '3.2']) expect(text).toContain(name);
    expect(text).toMatch(/Critical/);
    expect(await section.innerText()).toMatch(/citalopram/);
    await context.close();
  });
});

describe('what was not checked', () => {
  it('an herbal tonic stands under "Not checked" beside everything that was found, and the age of the drug knowledge with it', async () => {
    const { app, context, section } = await medicinesOf('ckd4');
    const block = app.locator('.not-checked');
    expect(await block.innerText()).toMatch(/Herbal kidney tonic.*not checked for interactions/);
    expect(await block.innerText()).toMatch(/RxNorm 2025-10-06/);
    expect(await section.innerText()).toMatch(/Not recognised: not checked for interactions/);
    await context.close();
  });
});
