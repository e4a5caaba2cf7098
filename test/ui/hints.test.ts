import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleCopy } from '../hosts/hostSuites.mjs';
import { root } from '../hosts/paths.mjs';
import { packageExtension } from '../hosts/project.mjs';
import { build, removeImages } from '../host/builds';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };

/** Each step goes on from the one before, as a user's day does. */
describe('Layer Insight on the screen', () => {
  const folder = exampleCopy('ui');
  let workbench: Workbench;
  tellFailures(() => workbench);

  const hint = (instruction: string) => expect.poll(() => workbench.hint(instruction), patience);
  const layers = () => expect.poll(async () => (await workbench.layers()).join('\n'), patience);

  beforeAll(async () => {
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension());
  }, 240_000);
  afterAll(async () => {
    await removeImages();
    await Workbench.close();
  });

  it('shows a hint at the end of every COPY and RUN', async () => {
    await hint('COPY tools/install.sh tools/').toMatch(/rebuild/);
    await hint('RUN sh tools/install.sh').toMatch(/rebuild/);
    await workbench.picture('1-before-the-build');
  }, 60_000);

  it('shows the stages in the Layers view', async () => {
    await workbench.command('Focus on Layers View');
    // rows that are not on the screen are not there: the view below takes half of the height
    await workbench.fold('Images');
    for (const stage of ['dependencies', 'build', 'test', 'shop']) await layers().toContain(stage);
    await workbench.picture('2-layers');
  }, 60_000);

  it('turns to cached when a build has finished', async () => {
    await build(folder);
    await hint('RUN sh tools/install.sh').toMatch(/cached/);
    await hint('COPY src/ src/').toMatch(/cached/);
    await layers().toMatch(/cached/);
    await workbench.picture('3-after-the-build');
  }, 120_000);

  it('names the file that was edited on disk', async () => {
    await appendFile(join(folder, 'src', 'app.js'), '// a change\n');
    await hint('COPY src/ src/').toMatch(/rebuild: src\/app\.js/);
    await hint('RUN sh tools/bundle.sh').toMatch(/rebuild/);
    await hint('RUN sh tools/install.sh').toMatch(/cached/);
    await workbench.picture('4-after-an-edit');
    if (process.env['UPDATE_SCREENSHOTS'] === '1') {
      await workbench.picture('readme', join(root, 'client', 'media', 'screenshot.png'));
    }
  }, 60_000);

  it('explains the hint under the pointer', async () => {
    await expect.poll(() => workbench.hover('COPY src/ src/'), patience).toMatch(/src\/app\.js/);
    await workbench.picture('5-hover');
  }, 60_000);

  it('is cached again after the next build', async () => {
    await build(folder);
    await hint('COPY src/ src/').toMatch(/cached/);
    await workbench.picture('6-after-the-next-build');
  }, 120_000);
});
