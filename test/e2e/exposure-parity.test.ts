import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './chromium.ts';
import { exposureParity } from './exposure-parity.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

it('Chromium gives every exposure sum of the TypeScript to 1e-9 from the library’s ONNX graph', async () => {
  const parity = await exposureParity({ browser });
  console.info('Exposure graph in Chromium', JSON.stringify(parity));
  expect(parity.rows).toBe(500);
  expect(parity.largestRatio).toBeGreaterThan(2);
  expect(parity.maxDifference).toBeLessThanOrEqual(1e-9);
});
