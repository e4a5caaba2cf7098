import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleCopy } from '../hosts/hostSuites.mjs';
import { packageExtension } from '../hosts/project.mjs';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };
const NAME = 'layer-insight-ui:shop';
const BASE = 'layer-insight-ui:base';
const ARCHIVE = 'saved.tar';
const DOCKERFILE = `FROM busybox:1 AS first
COPY public/ /srv/public/

FROM first
RUN echo '/* more */' >> /srv/public/style.css && rm /srv/public/icon.svg
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
  tellFailures(() => workbench);
  const docker = (...args: readonly string[]) => execFileSync('docker', args, { cwd: folder, stdio: 'pipe' });
  const key = (name: string) => workbench.page.keyboard.press(name);
  const rows = () => workbench.layers();
  /** Opens the row that has the focus and waits for one below it. */
  const into = async (row: RegExp) => {
    await key('ArrowRight');
    await expect.poll(rows, patience).toContainEqual(expect.stringMatching(row));
  };

  beforeAll(async () => {
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
    docker('buildx', 'build', '--load', '--target', 'first', '-t', BASE, '.');
    docker('buildx', 'build', '--load', '-t', NAME, '.');
    docker('save', '--output', ARCHIVE, NAME);
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension());
  }, 240_000);
  afterAll(async () => {
    docker('image', 'rm', '--force', NAME, BASE);
    await Workbench.close();
  });

  describe.each(THEMES)('$kind', ({ kind, theme, name }) => {
    const picture = async (what: string) => {
      await workbench.page.waitForTimeout(500);
      await workbench.picture(`images-${kind}-${what}`);
    };

    it('lists images', async () => {
      await workbench.configure({ 'workbench.colorTheme': theme });
      await workbench.themed(name);
      await workbench.command('Focus on Layers View');
      await expect.poll(rows, patience).toContainEqual(expect.stringMatching(/COPY public/));
      await picture('0-both-views');
      await workbench.fold('Layers');
      await workbench.command('Focus on Images View');
      await expect.poll(rows, patience).toContainEqual(expect.stringMatching(NAME));
      await picture('1-list');
    }, 90_000);

    it('opens down to the files with the keyboard alone', async () => {
      await key('Home');
      await workbench.downTo(NAME);
      await into(/RUN echo/);
      await picture('2-steps');
      await workbench.downTo('RUN echo');
      await into(/^srv\//);
      await workbench.downTo('srv/');
      await into(/^public\//);
      await workbench.downTo('public/');
      await into(/style\.css/);
      await workbench.downTo('style.css');
      await picture('3-files');
      await key('Enter');
      await expect.poll(() => workbench.tabs(), patience).toMatch(/style\.css/);
      await expect.poll(() => workbench.text(), patience).toMatch(/\/\* more \*\//);
      await picture('4-file');
    }, 90_000);

    // the editor takes the focus once they are closed, which would close the list that was opened meanwhile
    const closeEditors = async (): Promise<void> => {
      await workbench.command('View: Close All Editors');
      await expect.poll(() => workbench.tabs(), patience).toBe('');
    };

    it('compares a file with the layer below', async () => {
      await workbench.clickRow('style.css', { button: 'right' });
      await workbench.menuEntry('Compare with Lower Layer').waitFor();
      await picture('5-menu');
      await workbench.chooseEntry('Compare with Lower Layer');
      await expect.poll(() => workbench.tabs(), patience).toMatch(/style\.css \(layer \d+ ↔ layer \d+\)/);
      await picture('6-difference');
      await closeEditors();
    }, 60_000);

    it('finds files of all layers', async () => {
      await workbench.command('Layer Insight: Find in Layers…');
      await workbench.type('Find in the layers of', 'srv public');
      await expect.poll(() => workbench.picks(), patience).toMatch(/icon\.svg/);
      await picture('7-find');
      await key('Escape');
    }, 60_000);

    it('reports layers and waste', async () => {
      await workbench.clickRow(NAME, { button: 'right' });
      await workbench.chooseEntry('Show Layers and Waste');
      await expect.poll(() => workbench.text(), patience).toMatch(/RUN echo/);
      await picture('8-report');
      await closeEditors();
    }, 60_000);

    it('shows all files up to a layer, and an archive from the Explorer', async () => {
      await workbench.command('Layer Insight: Show Files of Lower Layers, Too');
      await expect.poll(rows, patience).toContainEqual(expect.stringMatching(/^bin\//));
      await picture('9-cumulative');
      await workbench.command('Layer Insight: Show Only Files of Each Layer');
      await expect.poll(rows, patience).not.toContainEqual(expect.stringMatching(/^bin\//));
      await workbench.command('File: Focus on Files Explorer');
      await workbench.clickRow(ARCHIVE, { button: 'right' });
      await workbench.chooseEntry('Open Image Archive…');
      await expect.poll(() => workbench.selectedRow(), patience).toMatch(/saved\.tar/);
      await picture('10-archive');
      await workbench.command('File: Focus on Files Explorer');
      await workbench.sideBarRow('Dockerfile').first().dblclick();
      await workbench.line('FROM').first().waitFor();
    }, 90_000);
  });
});
