import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, removeImages } from '../host/builds';
import { exampleCopy } from '../hosts/hostSuites.mjs';
import { packageExtension } from '../hosts/project.mjs';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };
const ENTRY = 'What Does This File Rebuild?';

/** A built example below version control, and what its user does with files and arguments. */
describe('files and build arguments', () => {
  const folder = exampleCopy('ui-files');
  let workbench: Workbench;
  tellFailures(() => workbench);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], { cwd: folder });

  beforeAll(async () => {
    const dockerfile = join(folder, 'Dockerfile');
    appendFileSync(dockerfile, 'ARG SHOP_TOKEN\nRUN echo shop\n');
    git('init', '--quiet');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'shop');
    await build(folder);
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension(), { 'git.enabled': true });
  }, 240_000);
  afterAll(async () => {
    await removeImages();
    await Workbench.close();
  });

  it('finds the walkthrough ticked for an engine and hints that were there before it was opened', async () => {
    await expect.poll(() => workbench.hint('RUN sh tools/bundle.sh'), patience).toMatch(/cached/);
    await workbench.command('Layer Insight: Open Walkthrough');
    await expect.poll(() => workbench.isTicked('Connect to an engine'), patience).toBe(true);
    await expect.poll(() => workbench.isTicked('Read the hints'), patience).toBe(true);
    // what nobody did yet is open
    expect(await workbench.isTicked('Share the prediction')).toBe(false);
    await workbench.picture('walkthrough-ticked');
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('says from the Explorer what a file rebuilds', async () => {
    await workbench.command('File: Focus on Files Explorer');
    await workbench.clickRow('package.json', { button: 'right' });
    await workbench.chooseEntry(ENTRY);
    await expect.poll(() => workbench.picks(), patience).toMatch(/COPY package\.json.*takes the file/);
    await workbench.picture('edit-cost-explorer');
    await workbench.page.keyboard.press('Escape');
    // a Dockerfile is no file that it takes
    await workbench.clickRow('Dockerfile', { button: 'right' });
    await workbench.menuEntry('Predict This Dockerfile').waitFor();
    expect(await workbench.menuEntry(ENTRY).count()).toBe(0);
    await workbench.page.keyboard.press('Escape');
  }, 60_000);

  it('says from source control what a changed file rebuilds', async () => {
    writeFileSync(join(folder, 'src', 'cart.js'), '// changed\n');
    await workbench.command('Focus on Changes View');
    const row = workbench.sideBarRow('cart.js').first();
    await row.waitFor({ timeout: 30_000 });
    await row.click({ button: 'right' });
    await workbench.chooseEntry(ENTRY);
    await expect.poll(() => workbench.picks(), patience).toMatch(/COPY src\/.*takes the file/);
    await workbench.picture('edit-cost-source-control');
    await workbench.page.keyboard.press('Escape');
    git('checkout', '--quiet', '.');
  }, 60_000);

  it('predicts with the value that was typed for an argument, remembers it, and never keeps a secret', async () => {
    await workbench.line('FROM').first().click();
    await expect.poll(() => workbench.hint('RUN echo'), patience).toMatch(/cached/);
    await workbench.command('Layer Insight: Choose Build Arguments…');
    for (const [name, value] of [
      ['SHOP_TOKEN', 'kept-by-nobody'],
      ['SHOP_NAME', 'kept-for-this-file'],
    ] as const) {
      await workbench.pick(name).click();
      await workbench.answer(`Value of ${name}`, value);
    }
    // the secret is not on the screen either
    await expect.poll(() => workbench.picks(), patience).toMatch(/SHOP_TOKEN.*••••••/);
    await expect.poll(() => workbench.picks(), patience).toMatch(/SHOP_NAME.*kept-for-this-file/);
    await workbench.picture('arguments-chosen');
    await workbench.page.keyboard.press('Escape');
    await expect.poll(() => workbench.hint('RUN sh tools/bundle.sh'), patience).toMatch(/rebuild/);
    await expect.poll(() => workbench.hover('RUN sh tools/bundle.sh'), patience).toMatch(/SHOP_NAME/);
    await expect.poll(() => workbench.hover('RUN echo'), patience).toMatch(/SHOP_TOKEN/);
    expect(await workbench.page.content()).not.toContain('kept-by-nobody');
    await expect.poll(() => workbench.stored('kept-for-this-file'), patience).toBe(true);
    expect(await workbench.stored('kept-by-nobody')).toBe(false);
    await workbench.reload();
    await expect.poll(() => workbench.hint('RUN sh tools/bundle.sh'), patience).toMatch(/rebuild/);
    await workbench.command('Layer Insight: Choose Build Arguments…');
    await expect.poll(() => workbench.picks(), patience).toMatch(/SHOP_NAME.*kept-for-this-file/);
    expect(await workbench.picks()).toMatch(/SHOP_TOKEN.*no value/);
    await workbench.page.keyboard.press('Escape');
    expect(await workbench.stored('kept-by-nobody')).toBe(false);
  }, 120_000);
});
