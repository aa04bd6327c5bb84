/** The one place that starts Chromium: flags for a machine with no outside network. */
import { type Browser, chromium } from 'playwright-core';

/** Where the system's Chromium is. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** A headless Chromium with a fresh profile. */
export function launchChromium(): Promise<Browser> {
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
    ],
  });
}
