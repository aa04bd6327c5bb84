/** What is read behind the screen moves nothing on it: neither the rest of a long list nor the history. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largeChart } from '../bench/large-chart.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ patients: [largeChart(6000, Date.now())], latencyMs: 120 });
});
afterAll(() => stage.close());

/** What the watcher in the page keeps. */
interface Watched {
  /** How much of the chart was read when Today had been painted. */
  readonly read: string;
  readonly places: readonly Place[];
  /** Chromium's own measure of everything that moved since, untouched by anybody. */
  readonly shifts: readonly number[];
}
interface Place {
  readonly what: string;
  readonly top: number;
  readonly height: number;
  readonly there: boolean;
}

/** Runs in the page from its start: notes where everything is as soon as Today has been painted, and what moves after that. */
function watch(): void {
  const shifts: number[] = [];
  const painted = () => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) shifts.push(entry.value);
    }).observe({ type: 'layout-shift' });
    const all = [...document.querySelectorAll('h1, h2, .first-number, article, section, button')];
    // The page's foot stands below the list of what was not checked, which may grow shorter.
    const elements = all.filter((element) => !element.closest('footer'));
    const places = () =>
      elements.map((element): Place => {
        const { top, height } = element.getBoundingClientRect();
        const what = `${element.tagName} ${element.className} ${element.textContent?.trim().slice(0, 30) ?? ''}`;
        return { what, top: Math.round(top), height: Math.round(height), there: element.isConnected };
      });
    const read = document.querySelector('.sources-button')?.textContent ?? '';
    Object.assign(globalThis, { watched: { read, places: places(), shifts }, places });
  };
  new PerformanceObserver((list) => {
    if (list.getEntriesByName('attune:today-settled').length > 0) painted();
  }).observe({ type: 'mark', buffered: true });
}

describe('A chart of six thousand results', () => {
  it('settles on the newest thousand, and the rest arrives behind without moving anything', async () => {
    const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addInitScript(watch);
    const { app, page, troubles } = await stage.openChart('large', { context });
    await app.getByRole('heading', { level: 2, name: /for today|^Today$/ }).waitFor();
    const frame = page.frames().find((candidate) => candidate.url().startsWith(stage.appOrigin));
    if (!frame) throw new Error('the app is not in the page');

    const sources = app.locator('.sources-button');
    await expect.poll(() => sources.innerText(), { timeout: 60_000 }).toMatch(/9 of 9 read/);
    await sources.click();
    const last = app.getByRole('dialog').locator('li', { hasText: 'Medicines given' });
    await expect.poll(() => last.innerText(), { timeout: 60_000 }).not.toMatch(/being read/);
    await page.keyboard.press('Escape');
    await app.getByRole('dialog').waitFor({ state: 'detached' });
    await app.locator('[data-models="done"]').waitFor({ state: 'attached' });
    await page.waitForTimeout(2000);

    const { watched, after } = await frame.evaluate(() => {
      const kept = globalThis as unknown as { watched: Watched; places: () => Place[] };
      return { watched: kept.watched, after: kept.places() };
    });
    expect(watched.read, 'laboratory results were still being read').toMatch(/^[78] of 9 read/);
    expect(watched.places.length).toBeGreaterThan(10);
    expect(moved(watched.places, after)).toEqual([]);
    expect(watched.shifts).toEqual([]);
    expect(troubles).toEqual([]);
    await context.close();
  });
});

/** What stands elsewhere than before, or is gone. The list of what was not checked comes last and may grow shorter. */
function moved(before: readonly Place[], after: readonly Place[]): readonly string[] {
  return before.flatMap(({ what, top, height }, index) => {
    const now = after[index];
    const sized = /^(ARTICLE|BUTTON|H1|H2)/.test(what);
    return now?.there && now.top === top && (!sized || now.height === height)
      ? []
      : [`${what}: ${top}+${height} → ${now?.there ? `${now.top}+${now.height}` : 'gone'}`];
  });
}
