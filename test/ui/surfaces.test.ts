import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, removeImages } from '../host/builds';
import { exampleCopy } from '../hosts/hostSuites.mjs';
import { packageExtension } from '../hosts/project.mjs';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };

/** The editor's own themes, one of each kind, with the name that the kind has on the page. */
const THEMES = [
  { kind: 'dark', theme: 'Dark Modern', name: 'vs-dark' },
  { kind: 'light', theme: 'Light Modern', name: 'vs' },
  { kind: 'hc-dark', theme: 'Default High Contrast', name: 'hc-black' },
  { kind: 'hc-light', theme: 'Default High Contrast Light', name: 'hc-light' },
];

/** A built example in which one file was changed, in every kind of theme. */
describe('surfaces in every kind of theme', () => {
  const folder = exampleCopy('ui-surfaces');
  let workbench: Workbench;
  tellFailures(() => workbench);

  beforeAll(async () => {
    await build(folder);
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension());
  }, 240_000);
  afterAll(async () => {
    await removeImages();
    await Workbench.close();
  });

  it('are there after a build and a change', async () => {
    await expect.poll(() => workbench.hint('RUN sh tools/bundle.sh'), patience).toMatch(/cached/);
    await appendFile(join(folder, 'src', 'app.js'), '// a change\n');
    await expect.poll(() => workbench.hint('COPY src/ src/'), patience).toMatch(/rebuild/);
  }, 60_000);

  it.each(THEMES)(
    '$kind',
    async ({ kind, theme, name }) => {
      await workbench.configure({ 'workbench.colorTheme': theme, 'layerInsight.marks': 'both' });
      await workbench.themed(name);
      await expect.poll(() => workbench.statusBar(), patience).toMatch(/\d+\/\d+ cached/);
      await workbench.command('Focus on Layers View');
      await workbench.line('COPY src/ src/').first().click();
      await expect.poll(() => workbench.statusBar(), patience).toMatch(/\d+\/\d+ cached/);
      await expect.poll(() => workbench.gutterIcons(), patience).toBeGreaterThanOrEqual(6);
      await expect.poll(() => workbench.selectedRow(), patience).toMatch(/COPY src\//);
      await workbench.picture(`surfaces-${kind}-1-editor`);
      await expect.poll(() => workbench.hover('COPY src/ src/'), patience).toMatch(/Show in Layers/);
      await workbench.picture(`surfaces-${kind}-2-hover`);
      await workbench.command('Layer Insight: Report Prediction as Text');
      await expect.poll(() => workbench.text(), patience).toMatch(/Line 17: COPY/);
      await workbench.picture(`surfaces-${kind}-3-report`);
      await workbench.command('View: Close Editor');
      await workbench.hoverStatusBar();
      await workbench.picture(`surfaces-${kind}-4-status-bar`);
      await workbench.command('Layer Insight: Open Walkthrough');
      await workbench.walkthroughStep('Read the hints', `surfaces-${kind}-5-walkthrough`);
      await workbench.command('View: Close Editor');
    },
    90_000,
  );

  it('has a picture for each step of the walkthrough', async () => {
    await workbench.command('Layer Insight: Open Walkthrough');
    for (const [name, title] of Object.entries({
      engine: 'Connect to an engine',
      explain: 'Ask why',
      layers: 'See the layers',
      build: 'Build, and compare',
      report: 'Share the prediction',
    })) {
      await workbench.walkthroughStep(title, `walkthrough-${name}`);
    }
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('explains a line beside the editor', async () => {
    await workbench.configure({ 'workbench.colorTheme': 'Dark Modern' });
    await expect.poll(() => workbench.statusBar(), patience).toMatch(/\d+\/\d+ cached/);
    await workbench.line('COPY src/ src/').first().click();
    await workbench.page.keyboard.press('End');
    await workbench.command('Layer Insight: Explain This Line');
    await expect.poll(() => workbench.tabs(), patience).toMatch(/Dockerfile, line 17/);
    await expect.poll(() => workbench.preview(), patience).toMatch(/Will rebuild: src\/app\.js/);
    await workbench.picture('explain');
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('offers its commands in the context menu, the densities and the stages', async () => {
    await workbench.line('COPY src/ src/').first().click({ button: 'right' });
    await workbench.page.locator('.context-view').getByText('Layer Insight', { exact: true }).first().hover();
    await expect.poll(() => workbench.page.getByText('Explain This Line').count(), patience).toBeGreaterThan(0);
    await workbench.picture('context-menu');
    await workbench.page.keyboard.press('Escape');
    await workbench.page.keyboard.press('Escape');
    for (const [name, title, entry] of [
      ['density', 'Layer Insight: Set Hint Density…', 'Problems'],
      ['target', 'Layer Insight: Choose Target…', 'As the settings say'],
      ['arguments', 'Layer Insight: Choose Build Arguments…', 'SHOP_NAME'],
    ] as const) {
      await workbench.command(title);
      await workbench.page.locator('.quick-input-list').getByText(entry).first().waitFor();
      await workbench.picture(`pick-${name}`);
      await workbench.page.keyboard.press('Escape');
    }
  }, 60_000);

  it('says in the Layers view what is not saved', async () => {
    await workbench.command('Focus on Layers View');
    await workbench.line('COPY src/ src/').first().click();
    await workbench.page.keyboard.press('End');
    await workbench.page.keyboard.type(' ');
    await expect.poll(() => workbench.layersMessage(), patience).toMatch(/Dockerfile is not saved/);
    await workbench.picture('unsaved');
    await workbench.command('File: Revert File');
  }, 60_000);
});
