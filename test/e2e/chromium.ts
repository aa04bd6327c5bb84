/** The one place that starts Chromium: flags for a machine with no outside network. */
import { type Browser, chromium } from 'playwright-core';

/** Where the system's Chromium is. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * As in the field since Chromium 115: what a framed page stores is kept apart for each site that frames it. Playwright
 * switches that off; this takes the place of its list.
 */
export const PARTITIONED_STORAGE = '--disable-features=Translate';

/** A headless Chromium with a fresh profile. */
export function launchChromium(further: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...further,
    ],
  });
}
