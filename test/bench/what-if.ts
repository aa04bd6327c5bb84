/** What a what-if step costs in Chromium: from the slider's event to the new numbers laid out, before the next frame. */
import { setStage } from '../e2e/stage.ts';
import { median, type Row } from './table.ts';

const STEPS = 30;

/** One row; needs a built client. */
export async function whatIfRows(): Promise<Row[]> {
  const stage = await setStage();
  try {
    const page = await stage.browser.newPage();
    await page.goto(stage.ehr.createLaunch({ patientId: 'stage1' }).launchUrl);
    await page.locator('[data-models="done"]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: /^Risk/ }).click();
    await page
      .getByRole('button', { name: /^What if/ })
      .first()
      .click();
    await page.locator('.what-if').first().waitFor();
    const times = await page.evaluate(measureSteps, STEPS);
    return [
      {
        what: 'what-if step in Chromium, input to new numbers laid out',
        measured: median(times),
        budget: 16,
        unit: 'ms',
      },
    ];
  } finally {
    await stage.close();
  }
}

/** Runs in the page. Milliseconds of each step; throws when a step changed nothing. */
async function measureSteps(steps: number): Promise<number[]> {
  const box = document.querySelector('.what-if') as HTMLElement;
  const slider = box.querySelector('input[type="range"]') as HTMLInputElement;
  const list = box.querySelector('ul') as HTMLElement;
  const times: number[] = [];
  for (let step = 0; step < steps; step += 1) {
    await new Promise((frame) => requestAnimationFrame(frame));
    const before = list.textContent;
    const start = performance.now();
    slider.value = String(step % 2 === 0 ? 110 : 160);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (list.textContent === before) {
      if (performance.now() - start > 500) throw new Error('the step changed nothing');
      await Promise.resolve();
      if (list.textContent === before) await new Promise((task) => setTimeout(task));
    }
    list.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times;
}
