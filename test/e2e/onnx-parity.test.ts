import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './chromium.ts';
import { onnxParity } from './onnx-parity.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

it('Chromium gives scikit-learn’s probabilities and each feature’s part to 1e-5 and every equation’s twin to 1e-9, while the page itself may not compile WebAssembly', async () => {
  const parity = await onnxParity({ browser });
  console.info('ONNX in Chromium', JSON.stringify(parity));
  expect(parity.trained.rows).toBe(200);
  expect(parity.trained.maxDifference).toBeLessThanOrEqual(1e-5);
  expect(parity.trained.maxContributionDifference).toBeLessThanOrEqual(1e-5);
  expect(parity.trained.maxSumDifference).toBeLessThanOrEqual(1e-5);
  expect(parity.twins.length).toBeGreaterThan(0);
  for (const twin of parity.twins) expect(twin.maxDifference, twin.id).toBeLessThanOrEqual(1e-9);
  expect(parity.pageMayCompile).toBe(false);
  expect(parity.troubles).toEqual([]);
});
