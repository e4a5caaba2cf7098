import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleCopy } from '../hosts/hostSuites.mjs';
import { packageExtension } from '../hosts/project.mjs';
import { newDockerArchive } from '../unit/support/imageArchive';
import { startImageRegistry, type ImageRegistry } from '../unit/support/imageRegistry';
import { file, folder, gzip, hardLink, symlink, tar } from '../unit/support/tar';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };
const BASE = tar(
  ...[folder('etc'), file('etc/name', 'one\n'), file('etc/motd', 'welcome to the shop\n')],
  ...[hardLink('etc/other', 'etc/name'), symlink('etc/link', 'motd')],
);
const UPPER = tar(folder('etc'), file('etc/name', 'another one\n'), file('srv/app.js', 'let shop;\n'));
const HISTORY = [{ created_by: 'COPY base / # buildkit' }, { created_by: 'COPY upper / # buildkit' }];

/** What the commands of the Images view ask, answered with mouse and keyboard as a user does. */
describe('the dialogs of the Images view', () => {
  const project = exampleCopy('ui-image-dialogs');
  const archive = join(project, 'earlier.tar');
  let registry: ImageRegistry;
  let workbench: Workbench;
  tellFailures(() => workbench);

  const rows = () => workbench.layers();
  const input = () => workbench.page.locator('.quick-input-widget:visible input').first();
  const picture = async (name: string) => {
    await workbench.page.waitForTimeout(400);
    await workbench.picture(`image-dialogs-${name}`);
  };
  const notifications = async () =>
    (await workbench.page.locator('.notification-list-item').allTextContents()).join('\n');
  /** Presses the button of the file dialog that is open; Enter would choose the name that its list has under the text. */
  const confirm = (label: string) =>
    workbench.page.locator('.quick-input-widget:visible').getByRole('button', { name: label, exact: true }).click();
  /** Opens a row by its name with a click on its arrow, and waits for one below it. */
  const unfold = async (name: string, expected: RegExp) => {
    const row = workbench.sideBarRow(name).first();
    await row.waitFor();
    await workbench.restPointer();
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
    await expect.poll(rows, patience).toContainEqual(expect.stringMatching(expected));
  };
  const rowAfter = async (name: string): Promise<string> => {
    const all = await rows();
    return all[all.findIndex((row) => row.startsWith(name)) + 1] ?? '';
  };
  const images = async () => {
    // commands of an extension are not found before it is there
    await expect.poll(() => workbench.statusBar(), patience).toMatch(/predicted|cached|rebuild/);
    await workbench.command('Focus on Images View');
    await workbench.page.locator('.pane-header', { hasText: 'Images' }).first().waitFor();
  };

  beforeAll(async () => {
    registry = await startImageRegistry({
      ...{ layers: [{ plain: BASE, packed: gzip(BASE) }, { plain: UPPER }], history: HISTORY },
    });
    writeFileSync(archive, tar(...newDockerArchive([{ layers: [{ plain: BASE }], history: HISTORY.slice(0, 1) }])));
    writeFileSync(join(project, 'Dockerfile'), 'FROM scratch\nCOPY public/ /srv/\n');
    workbench = await Workbench.open(project, 'Dockerfile', await packageExtension(), {
      // what is on an engine has its own test
      'layerInsight.engine.kind': 'none',
    });
  }, 240_000);
  afterAll(async () => {
    registry.close();
    await Workbench.close();
  });

  it('says what a registry would be asked before it asks one, and leads to the setting', async () => {
    await images();
    await workbench.command('Layer Insight: Explore an Image of a Registry…');
    await expect
      .poll(notifications, patience)
      .toMatch(/No registry is asked: the setting layerInsight\.network\.lookups/);
    await picture('1-not-allowed');
    await workbench.page.getByRole('button', { name: 'Open Setting' }).click();
    const setting = workbench.page.locator('.settings-editor .setting-item-contents').filter({ hasText: 'Lookups' });
    await setting.first().waitFor();
    await picture('2-setting');
    expect(registry.requests).toEqual([]);
    await workbench.page.keyboard.press('Escape');
  }, 90_000);

  it('explores the image of a registry that is typed', async () => {
    await workbench.configure({ 'layerInsight.engine.kind': 'none', 'layerInsight.network.lookups': true });
    await images();
    await workbench.fold('Layers').catch(() => undefined);
    await workbench.command('Layer Insight: Explore an Image of a Registry…');
    await input().waitFor();
    await picture('3-reference');
    await workbench.answer('Explore an Image of a Registry', registry.reference);
    await expect.poll(() => workbench.selectedRow(), patience).toMatch(/shop\/web:1.*packed · 2 layers/);
    await picture('4-registry-image');
    await unfold(registry.reference, /COPY upper/);
    await unfold('COPY upper /', /^srv\//);
    await unfold('etc/', /^name/);
    await picture('5-registry-files');
    await workbench.clickRow('name');
    await expect.poll(() => workbench.text(), patience).toMatch(/another one/);
    await workbench.command('View: Close Editor');
  }, 120_000);

  it('says why a registry has no such image', async () => {
    await workbench.command('Layer Insight: Explore an Image of a Registry…');
    await workbench.answer('Explore an Image of a Registry', `${registry.host}/shop/web:none`);
    await expect.poll(notifications, patience).toMatch(/has no shop\/web none/);
    await picture('6-no-such-image');
    await workbench.command('Notifications: Clear All Notifications');
  }, 60_000);

  it('opens an archive that is chosen in the dialog', async () => {
    await workbench.command('Layer Insight: Open Image Archive…');
    // the list of commands goes only when the question is there
    await expect.poll(() => workbench.picks(), patience).toMatch(/^Archive…[^]*Folder…/);
    await workbench.pick('a .tar file').click();
    await expect.poll(() => input().inputValue(), patience).toContain(project);
    await input().fill(archive);
    await picture('7-open-dialog');
    await confirm('Open');
    await expect.poll(() => workbench.selectedRow(), patience).toMatch(/earlier\.tar/);
    await picture('8-archive');
  }, 60_000);

  it('compares two images that are chosen', async () => {
    await workbench.command('Layer Insight: Compare Images…');
    await expect.poll(() => workbench.picks(), patience).toMatch(/^earlier\.tar[^]*shop\/web:1/);
    await workbench.pick(registry.reference).click();
    await expect.poll(() => workbench.picks(), patience).toMatch(/^earlier\.tar[^\n]*$/);
    await picture('9-compare');
    await workbench.pick('earlier.tar').click();
    await expect.poll(() => workbench.text(), patience).toMatch(/Files: 1 added, 0 removed, 1 modified/);
    await picture('10-comparison');
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('compares an image with the Dockerfile by files', async () => {
    await workbench.clickRow(registry.reference, { button: 'right' });
    await workbench.chooseEntry('Compare Image with the Dockerfile');
    await expect.poll(() => workbench.text(), patience).toMatch(/\+ \/srv\/style\.css/);
    await picture('11-dockerfile');
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('finds a file in all layers and opens the one that is chosen', async () => {
    await workbench.clickRow('earlier.tar');
    await workbench.command('Layer Insight: Find in Layers…');
    await input().fill('etc motd');
    await expect.poll(() => workbench.picks(), patience).toMatch(/\/etc\/motd/);
    await picture('12-find');
    await workbench.pick('/etc/motd').click();
    await expect.poll(() => workbench.text(), patience).toMatch(/welcome to the shop/);
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('opens links of both kinds from their rows', async () => {
    await unfold('earlier.tar', /COPY base/);
    // both images have such a row: the archive is above
    await unfold('COPY base /', /^etc\//);
    // the other one is unfolded already
    await expect.poll(() => rowAfter('COPY base /'), patience).toMatch(/^etc\//);
    await unfold('etc/', /^link/);
    for (const [row, text] of [
      ['link', /welcome to the shop/],
      ['other', /one/],
    ] as const) {
      await workbench.clickRow(row);
      await expect.poll(() => workbench.text(), patience).toMatch(text);
    }
    await picture('13-links');
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('saves a file where the dialog says', async () => {
    const target = join(project, 'saved-motd.txt');
    await workbench.clickRow('motd', { button: 'right' });
    await workbench.menuEntry('Save As…').waitFor();
    await workbench.chooseEntry('Save As…');
    await expect.poll(() => input().inputValue(), patience).toContain('motd');
    await input().fill(target);
    await picture('14-save-dialog');
    await confirm('OK');
    await expect.poll(() => existsSync(target) && readFileSync(target, 'utf8'), patience).toBe('welcome to the shop\n');
  }, 60_000);

  it('shows what was opened again after a reload, and says why one is not there', async () => {
    rmSync(archive);
    await workbench.reload();
    await images();
    await expect.poll(rows, patience).toContainEqual(expect.stringMatching(/shop\/web:1.*packed · 2 layers/));
    await expect.poll(rows, patience).toContainEqual(expect.stringMatching(/^earlier\.tar.*is not there/));
    await picture('15-after-reload');
    await workbench.clickRow('earlier.tar', { button: 'right' });
    await workbench.chooseEntry('Close');
    await expect.poll(rows, patience).not.toContainEqual(expect.stringMatching(/earlier\.tar/));
    await workbench.reload();
    await images();
    await expect.poll(rows, patience).toContainEqual(expect.stringMatching(/shop\/web:1/));
    await expect.poll(rows, patience).not.toContainEqual(expect.stringMatching(/earlier\.tar/));
  }, 120_000);
});
