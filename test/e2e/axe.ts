/** What axe finds on a page: one line each, empty when there is nothing. The page's context must bypass its CSP. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Axe {
  readonly axe?: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
}

export async function violationsOn(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  const found = await page.evaluate(() => (globalThis as unknown as Axe).axe?.run());
  if (!found) throw new Error('axe did not load');
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
