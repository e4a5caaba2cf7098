import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleCopy } from '../hosts/hostSuites.mjs';
import { packageExtension } from '../hosts/project.mjs';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };
const NAME = 'layer-insight-ui:shop';
const ARCHIVE = 'saved.tar';
const DOCKERFILE = `FROM busybox:1 AS first
COPY src/ /srv/src/

FROM first
RUN echo '// more' >> /srv/src/app.js && rm /srv/src/cart.js
ENV SHOP=corner
COPY package-lock.json package.json /srv/
`;

/** The editor's own themes with the name that their kind has on the page. */
const THEMES = [
  { kind: 'dark', theme: 'Dark Modern', name: 'vs-dark' },
  { kind: 'light', theme: 'Light Modern', name: 'vs' },
];

/** An image of a Dockerfile that is open, looked at with the keyboard. */
describe('the Images view', () => {
  const folder = exampleCopy('ui-images');
  let workbench: Workbench;
  const docker = (...args: readonly string[]) => execFileSync('docker', args, { cwd: folder, stdio: 'pipe' });
  const key = (name: string) => workbench.page.keyboard.press(name);
  /** Opens the focused row; moves to its first child once it is there. */
  const into = async (row: RegExp) => {
    await key('ArrowRight');
    await expect.poll(() => workbench.layers(), patience).toContainEqual(expect.stringMatching(row));
  };
  /** Types the beginning of the row that is wanted: the tree goes there. */
  const to = async (text: string) => {
    await workbench.sideBarText(text).first().click();
    await expect.poll(() => workbench.selectedRow(), patience).toContain(text);
  };
  const picture = async (name: string) => {
    for (const { kind, theme, name: page } of THEMES) {
      workbench.changeSettings({ 'workbench.colorTheme': theme });
      await workbench.themed(page);
      await workbench.page.waitForTimeout(500);
      await workbench.picture(`images-${name}-${kind}`);
    }
  };

  beforeAll(async () => {
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
    docker('buildx', 'build', '--load', '--target', 'first', '-t', 'layer-insight-ui:base', '.');
    docker('buildx', 'build', '--load', '-t', NAME, '.');
    docker('save', '--output', ARCHIVE, NAME);
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension());
  }, 240_000);
  afterAll(async () => {
    docker('image', 'rm', '--force', NAME, 'layer-insight-ui:base');
    await Workbench.close();
  });

  it('lists images', async () => {
    await workbench.command('Focus on Images View');
    await expect
      .poll(() => workbench.layers(), patience)
      .toContainEqual(expect.stringMatching(/layer-insight-ui:shop/));
    await picture('1-list');
  }, 60_000);

  it('opens down to the files with the keyboard alone', async () => {
    await to(NAME);
    await into(/RUN echo/);
    await picture('2-steps');
    await to('RUN echo');
    await into(/^srv\//);
    await key('ArrowDown');
    await into(/^src\//);
    await key('ArrowDown');
    await into(/app\.js/);
    await picture('3-files');
    await key('ArrowDown');
    await key('Enter');
    await expect.poll(() => workbench.tabs(), patience).toMatch(/app\.js/);
    await expect.poll(() => workbench.text(), patience).toMatch(/require|import|const/);
    await picture('4-file');
  }, 90_000);

  it('compares a file with the layer below', async () => {
    await workbench.sideBarText('app.js').first().click({ button: 'right' });
    await workbench.menuEntry('Compare with Lower Layer').waitFor();
    await picture('5-menu');
    await workbench.chooseEntry('Compare with Lower Layer');
    await expect.poll(() => workbench.tabs(), patience).toMatch(/app\.js \(layer \d+ ↔ layer \d+\)/);
    await picture('6-difference');
    await workbench.command('View: Close All Editors');
  }, 60_000);

  it('finds files of all layers', async () => {
    await to(NAME);
    await workbench.command('Layer Insight: Find in Layers…');
    await workbench.page.locator('.quick-input-widget input').first().fill('srv js');
    await expect.poll(() => workbench.picks(), patience).toMatch(/cart\.js/);
    await picture('7-find');
    await key('Escape');
  }, 60_000);

  it('reports layers and waste', async () => {
    await to(NAME);
    await workbench.sideBarText(NAME).first().click({ button: 'right' });
    await workbench.chooseEntry('Show Layers and Waste');
    await expect.poll(() => workbench.text(), patience).toMatch(/RUN echo/);
    await picture('8-report');
    await workbench.command('View: Close All Editors');
  }, 60_000);

  it('shows all files up to a layer, and an archive from the Explorer', async () => {
    await workbench.command('Layer Insight: Show Files of Lower Layers, Too');
    await expect.poll(() => workbench.layers(), patience).toContainEqual(expect.stringMatching(/^bin\//));
    await picture('9-cumulative');
    await workbench.command('File: Focus on Files Explorer');
    await workbench.sideBarRow(ARCHIVE).first().click({ button: 'right' });
    await workbench.chooseEntry('Open Image Archive…');
    await expect.poll(() => workbench.selectedRow(), patience).toMatch(/saved\.tar/);
    await picture('10-archive');
  }, 60_000);
});
