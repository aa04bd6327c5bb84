/**
 * A number as a physician takes it apart: contributions, what-if, the band of a repeat with the next best test, the
 * trials' effect, and equations that disagree; on people near a threshold, in the chart's own sidebar.
 */
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenChart, type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** The chart with Risk open and the trained models and twins done. */
async function openRisk(patient: string): Promise<OpenChart> {
  const chart = await stage.openChart(patient);
  await chart.app.locator('[data-models="done"]').waitFor({ state: 'attached' });
  await chart.app.getByRole('button', { name: /^Risk/ }).click();
  return chart;
}

/** The block of the model whose name stands in its head. */
function block(app: FrameLocator, name: string | RegExp): Locator {
  return app
    .locator('section.model')
    .filter({ has: app.locator('h5').filter({ hasText: name }) })
    .first();
}

async function textOf(locator: Locator): Promise<string> {
  return (await locator.innerText()).replaceAll(/[\u00a0\s]+/g, ' ');
}

/** `7.6 %` as 0.076. */
function shareIn(text: string): number {
  return Number(/(\d+(?:\.\d+)?) %/.exec(text)?.[1]) / 100;
}

/** `+1.2 pp` as 1.2. */
function points(text: string): number {
  return Number(text.replace('−', '-').replace(/[^\d.-]/g, ''));
}

const people = [
  { patient: 'stage1', model: 'PREVENT base', test: /Measure .*albumin/i, threshold: '7.5 %' },
  { patient: 'twoeq', model: 'PREVENT base', test: /Measure .*albumin/i, threshold: '7.5 %' },
  { patient: 'neara1c', model: 'PREVENT with HbA1c', test: /Measure .*albumin/i, threshold: '7.5 %' },
] as const;

describe.each(people)('$patient', ({ patient, model, test, threshold }) => {
  let chart: OpenChart;
  beforeAll(async () => {
    chart = await openRisk(patient);
  });
  afterAll(async () => {
    expect(chart.troubles).toEqual([]);
    await chart.context.close();
  });

  it('its number with contributions that add up, against a named reference, and one line of its limit', async () => {
    const risk = block(chart.app, model);
    const shown = shareIn(await textOf(risk.locator('.number').first()));
    await risk.getByRole('button', { name: /^Why/ }).click();
    const rows = risk.locator('table.bars tbody tr');
    const texts = await Promise.all((await rows.all()).map(textOf));
    const [first, last] = [texts[0] ?? '', texts.at(-1) ?? ''];
    expect(first).toMatch(/^Reference: .*\d %$/);
    expect(shareIn(last)).toBe(shown);
    const parts = texts
      .filter((text) => /pp$/.test(text))
      .map((text) => points(/[+−]?\d+\.\d pp$/.exec(text)?.[0] ?? ''));
    expect(parts.length).toBeGreaterThan(2);
    // Each line is rounded to 0.1: at most 0.05 off.
    const sum = parts.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum - 100 * (shown - shareIn(first)))).toBeLessThanOrEqual(0.05 * (parts.length + 2));
    expect(await textOf(risk)).toContain('Limit.');
  });

  it('if measured again: a band that is not called a confidence interval, and the test that would settle it', async () => {
    const why = await textOf(block(chart.app, model).locator('.explain'));
    expect(why).toMatch(/Nine of ten repeats would give \d/);
    expect(why).toContain('Not a confidence interval');
    expect(why).toMatch(/Next best test/);
    expect(why).toMatch(test);
    expect(why).toContain(`could cross ${threshold}`);
    expect(why).toMatch(/The smallest change that moves the tier/);
    expect(why).toMatch(/Simulated, not saved/);
  });

  it('what if: other measured values give another number, watermarked, and no treatment can be toggled', async () => {
    const risk = block(chart.app, model);
    await risk.getByRole('button', { name: /^What if/ }).click();
    const whatIf = risk.locator('.what-if').first();
    const before = await textOf(whatIf.getByRole('listitem').first());
    await whatIf.getByRole('slider', { name: /systolic/i }).fill('118');
    await expect.poll(() => textOf(whatIf.getByRole('listitem').first())).not.toBe(before);
    const after = await textOf(whatIf);
    expect(after).toMatch(/−\d+\.\d pp/);
    expect(after).toMatch(/Simulated, not saved/);
    expect(after).not.toMatch(/statin|treatment with/i);
    await whatIf.getByRole('button', { name: 'Reset to chart' }).click();
    await expect.poll(() => textOf(whatIf.getByRole('listitem').first())).toBe(before);
  });

  it('if treated: baseline times the ratio of trials, with interval, horizon and source; never a model’s own term', async () => {
    const risk = block(chart.app, model);
    await risk.getByRole('button', { name: /^If treated/ }).click();
    const effects = await Promise.all((await risk.locator('section.treated').all()).map(textOf));
    expect(effects).toHaveLength(2);
    for (const text of effects) {
      const [, from, to, fewer, low, high] =
        /(\d+\.\d) % → (\d+\.\d) %, (\d+) fewer per 1000 over 10 years \(trials’ 95 % interval (\d+) to (\d+)\)/.exec(
          text,
        ) ?? [];
      expect(Number(to), text).toBeLessThan(Number(from));
      expect(Math.abs(Number(fewer) - 10 * (Number(from) - Number(to)))).toBeLessThanOrEqual(1.5);
      expect(Number(low)).toBeLessThanOrEqual(Number(fewer));
      expect(Number(high)).toBeGreaterThanOrEqual(Number(fewer));
      expect(text).toMatch(/× 0\.\d\d \(0\.\d\d–0\.\d\d\)/);
    }
  });
});

it('two equations: once the one on request has its answer, their disagreement and its reasons stand beside the number', async () => {
  const { app, context, troubles } = await openRisk('twoeq');
  const risk = block(app, 'PREVENT base');
  expect(await textOf(risk)).not.toContain('The equations disagree');
  await risk.getByRole('button', { name: /more/ }).click();
  const other = risk.locator('section.model').filter({ hasText: 'Pooled Cohort Equations' });
  await other.getByRole('button', { name: /^Answer/ }).click();
  await other.getByRole('button', { name: /White/ }).click();
  await risk.getByText('The equations disagree').first().waitFor();
  const text = await textOf(risk);
  expect(text).toMatch(
    /PREVENT base \d\.\d % \(borderline\), Pooled Cohort Equations 2013 1\d % \(intermediate\); 7\.5 % lies between/,
  );
  expect(text).toMatch(/PREVENT base also takes .*Body mass index/);
  expect(troubles).toEqual([]);
  await context.close();
});

it('the trained model: people like this patient beside its number with how many they were, and its own parts as bars', async () => {
  const { app, context, troubles } = await openRisk('uacr');
  const risk = block(app, /albumin\/creatinine/);
  await risk.getByText('People like this patient').waitFor();
  expect(await textOf(risk)).toMatch(
    /Men, 45–64, with a reason to test: (too few to say \(n \d+\)|\d+ % \(95 % interval .* n \d+, \d+ of them)/,
  );
  await risk.getByRole('button', { name: /^Why/ }).click();
  await risk.locator('table.bars').waitFor();
  const rows = await Promise.all((await risk.locator('table.bars tbody tr').all()).map(textOf));
  expect(rows.filter((row) => /×\d+\.\d\d$/.test(row)).length).toBeGreaterThanOrEqual(5);
  expect(rows.join('\n')).toContain('HbA1c and Diabetes');
  expect(troubles).toEqual([]);
  await context.close();
});

it('a score: its items that hold as contributions, against none of them', async () => {
  const { app, context, troubles } = await openRisk('af');
  const risk = block(app, /CHA/);
  await risk.getByRole('button', { name: /^Why/ }).click();
  const rows = await Promise.all((await risk.locator('table.bars tbody tr').all()).map(textOf));
  expect(rows[0]).toMatch(/^Reference: none of its \d+ items 0 points$/);
  const sum = rows.flatMap((row) => /\+(\d+)$/.exec(row)?.[1] ?? []).reduce((total, value) => total + Number(value), 0);
  expect(Number(/(\d+) points$/.exec(rows.at(-1) ?? '')?.[1])).toBe(sum);
  expect(sum).toBeGreaterThan(0);
  expect(troubles).toEqual([]);
  await context.close();
});
