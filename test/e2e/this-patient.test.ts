/** This patient's own medicines: genes that other medicines overrule, and a promise kept from one launch to the next. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

async function medicinesOf(patientId: string) {
  const chart = await stage.openChart(patientId);
  await chart.app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  await chart.app.getByRole('button', { name: /^Medicines/ }).click();
  const section = chart.app.locator('#panel-medicines');
  await section.getByRole('heading', { name: 'Together' }).waitFor();
  return { ...chart, section };
}

describe('a phenoconverted patient', () => {
  it('codeine with paroxetine: the gene report says normal, the medicines say poor, and no dose is offered', async () => {
    const { app, context, section, troubles } = await medicinesOf('pheno');
    const card = app
      .getByRole('article')
      .filter({ hasText: /codeine/ })
      .first();
    expect(await card.innerText()).toMatch(/paroxetine/);
    // Gene results are read behind the first round: the section has the latest of everything.
    await section.getByText(/\*1\/\*1/).waitFor();
    await section.getByRole('button', { name: /Replace codeine/ }).click();
    const evidence = await app.getByRole('dialog').innerText();
    expect(evidence).toMatch(/CYP2D6/);
    expect(evidence).toMatch(/working as (a )?poor|as poor/i);
    expect(evidence).not.toMatch(/\d+ ?mg (once|twice|every|daily)/);
    await app.getByRole('dialog').getByRole('button', { name: /Close/ }).click();
    expect(await section.innerText()).toMatch(/CYP2D6[\s\S]*\*1\/\*1/);
    expect(troubles).toEqual([]);
    await context.close();
  });
});

describe('a promise to check', () => {
  it('is kept across two launches, is said as open, and can be taken back', async () => {
    const first = await medicinesOf('amio');
    const row = (section: typeof first.section) => section.getByRole('listitem').filter({ hasText: /^TSH/ });
    expect(await row(first.section).innerText()).toMatch(/overdue since/);
    await row(first.section).getByRole('combobox').selectOption('14');
    await row(first.section)
      .getByRole('button', { name: /Promised for/ })
      .waitFor();
    await first.context.close();

    const second = await medicinesOf('amio');
    await row(second.section)
      .getByRole('button', { name: /Promised for/ })
      .waitFor();
    expect(await row(second.section).innerText()).toMatch(/promised for \d+ \w{3} \d{4}/);
    // Another patient's chart knows nothing of it.
    const other = await medicinesOf('ckd4');
    expect(await other.section.innerText()).not.toMatch(/promised for/i);
    await other.context.close();
    await row(second.section)
      .getByRole('button', { name: /take back/ })
      .click();
    await row(second.section).getByRole('combobox').waitFor();
    // What is kept names nobody.
    expect(stage.disk()).not.toMatch(/Kjellberg|A-100736/);
    await second.context.close();
  });
});
