import { execFileSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../hosts/project.mjs';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };
const TAG = `li-ui-build-${randomUUID().slice(0, 8)}:latest`;

const SLOW = 'RUN for i in 1 2 3 4 5 6; do echo tick $i; sleep 1; done';
const DOCKERFILE = `FROM busybox:1 AS base
WORKDIR /app
COPY package.json ./
${SLOW}
COPY src/ src/
RUN cat src/app.js && sleep 1
CMD ["true"]
`;

/** A build from the editor, and what of it is on the lines. */
describe('builds', () => {
  const parent = mkdtempSync(join(tmpdir(), 'li-ui-build-'));
  // unlike any other, so that no earlier build matches it, or could
  const name = `shop-${randomUUID().slice(0, 8)}`;
  const folder = join(parent, name);
  let workbench: Workbench;
  tellFailures(() => workbench);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  beforeAll(async () => {
    mkdirSync(join(folder, 'src'), { recursive: true });
    write('Dockerfile', DOCKERFILE);
    // nothing on the engine is like it
    write('package.json', JSON.stringify({ name: 'shop', id: randomUUID(), filler: '-'.repeat(randomInt(10_000)) }));
    write('src/app.js', `// ${randomUUID()}\n`);
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension());
  }, 240_000);
  afterAll(async () => {
    execFileSync('docker', ['image', 'rm', '--force', TAG], { stdio: 'ignore' });
    rmSync(parent, { recursive: true, force: true });
    await Workbench.close();
  });

  it('are there in the menu of the lines and in the title of the editor', async () => {
    await expect.poll(() => workbench.hint('RUN for'), patience).toMatch(/rebuild/);
    await workbench.line('RUN for').first().click({ button: 'right' });
    await workbench.menuEntry('Layer Insight').first().hover();
    await expect.poll(() => workbench.page.getByText('Build to This Line').count(), patience).toBeGreaterThan(0);
    await workbench.picture('build-0-menu');
    await workbench.page.keyboard.press('Escape');
    await workbench.page.keyboard.press('Escape');
    // what is left of the menu takes the pointer until the next click
    await workbench.line('FROM').first().click();
  }, 60_000);

  it('ask for a name with the first build, and show on the lines how far they are', async () => {
    await workbench.command('Layer Insight: Build Image');
    await expect
      .poll(() => workbench.page.locator('.quick-input-widget input').first().inputValue(), patience)
      .toBe(`${name}:latest`);
    await workbench.picture('build-1-name');
    await workbench.answer('Layer Insight: Build Dockerfile', TAG);
    await expect.poll(() => workbench.behind('RUN for'), patience).toMatch(/running [2-6] s/);
    await expect.poll(() => workbench.behind('COPY src'), patience).toMatch(/waiting/);
    await expect.poll(() => workbench.statusBar(), patience).toMatch(/building \d\/\d/);
    await workbench.picture('build-2-live');
    await expect.poll(() => workbench.hover('RUN for'), patience).toMatch(/tick \d/);
    await workbench.picture('build-2-hover');
    await workbench.page.mouse.move(5, 5);
    await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
    await workbench.picture('build-3-done');
    await expect.poll(() => workbench.behind('RUN for'), patience).toMatch(/^done \d.* s · as predicted$/);
    await expect.poll(() => workbench.messages(), patience).toMatch(/Show Report.*Run Image.*Explore Layers/s);
  }, 90_000);

  it('ask nothing the second time, and say cached', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await expect.poll(() => workbench.hint('RUN for'), patience).toMatch(/cached/);
    await workbench.command('Layer Insight: Build Image');
    await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
    await expect.poll(() => workbench.behind('RUN for'), patience).toBe('cached · as predicted');
    await workbench.picture('build-4-cached');
    const images = execFileSync('docker', ['image', 'ls', '--quiet', TAG], { encoding: 'utf8' });
    expect(images.trim()).not.toBe('');
  }, 60_000);

  it('leave the lines when the text is edited', async () => {
    await workbench.line('CMD').first().click();
    await workbench.page.keyboard.press('End');
    await workbench.page.keyboard.type(' ');
    await expect.poll(() => workbench.behind('RUN for'), patience).toBe('');
    await workbench.command('File: Revert File');
  }, 60_000);

  it('say what failed, and where', async () => {
    write('Dockerfile', DOCKERFILE.replace('cat src/app.js', 'cat src/app.js && echo boom >&2 && false'));
    await expect.poll(() => workbench.text(), patience).toMatch(/boom/);
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Layer Insight: Build Image');
    await expect.poll(() => workbench.messages(), patience).toMatch(/The build of .* failed/);
    await expect.poll(() => workbench.behind('RUN cat'), patience).toMatch(/^failed · exit code: 1 · boom/);
    await expect.poll(() => workbench.behind('RUN for'), patience).toMatch(/cached/);
    await expect.poll(() => workbench.page.locator('.squiggly-error').count(), patience).toBeGreaterThan(0);
    await workbench.picture('build-5-failed');
    await workbench.page.getByText('Show Log', { exact: true }).last().click();
    await expect.poll(() => workbench.text(), patience).toMatch(/boom/);
    await workbench.picture('build-6-log');
    await workbench.command('View: Close Editor');
  }, 90_000);

  it('are stopped by a command', async () => {
    write('Dockerfile', DOCKERFILE.replace('1 2 3 4 5 6', '1 2 3 4 5 6 7 8 9 10 11 12'));
    await expect.poll(() => workbench.text(), patience).toMatch(/11 12/);
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Layer Insight: Build Image');
    await expect.poll(() => workbench.behind('RUN for'), patience).toMatch(/running \d s/);
    await workbench.command('Layer Insight: Stop Build');
    await expect.poll(() => workbench.behind('RUN for'), patience).toMatch(/^stopped$/);
    await expect.poll(() => workbench.behind('CMD'), patience).toBe('');
    await workbench.picture('build-7-stopped');
  }, 90_000);
});
