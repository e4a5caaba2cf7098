// Chromium, driven by playwright-core.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './paths.mjs';
import { atEnd } from './processes.mjs';

/** Finds a Chromium-like browser: CHROMIUM, then the usual names and places. */
export function findChromium() {
  const chosen = process.env['CHROMIUM'];
  if (chosen) return findProgram(chosen);
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge']) {
    const found = findProgram(name);
    if (found !== undefined) return found;
  }
  const program = process.env['ProgramFiles'] ?? 'C:\\Program Files';
  const places = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    join(program, 'Google', 'Chrome', 'Application', 'chrome.exe'),
  ];
  return places.find((place) => existsSync(place));
}

/**
 * Starts the browser without a window. It reaches loopback only: a test must not depend on the network.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchBrowser() {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium found: install it or set CHROMIUM to its path');
  const { chromium } = await import('playwright-core');
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...sandbox,
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  atEnd(() => browser.close());
  return browser;
}
