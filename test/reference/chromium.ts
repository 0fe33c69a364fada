import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const wellKnown = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The Chromium of this machine: the one that `CHROMIUM` names, or one where it usually is. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? wellKnown.find(existsSync);
  if (executablePath === undefined) {
    throw new Error(
      `No Chromium was found. Install one (apt-get install chromium), or name it: CHROMIUM=/path/to/chromium`,
    );
  }
  // In a container, where tests run as root, Chromium has no sandbox of its own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
