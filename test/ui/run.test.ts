import { execFileSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../hosts/project.mjs';
import { inSequence, tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };
const UNIQUE = randomUUID().slice(0, 8);
const TAG = `li-ui-shop-${UNIQUE}:latest`;
const NAME = `li-ui-run-${UNIQUE}`;
const VOLUME = `li-ui-run-data-${UNIQUE}`;
const TOKEN = `token-${UNIQUE}`;
/** What the exercise writes in the container. */
const WRITTEN = 123_456;

// a web server that ends at once when it is asked to
const SERVE = `trap 'exit 0' TERM; httpd -h /srv -p 80; echo "$GREETING $SHOP"; while :; do sleep 1 & wait $!; done`;
const DOCKERFILE = `FROM busybox:1
WORKDIR /srv
ENV GREETING=hello
COPY index.html ./
EXPOSE 80
CMD ["httpd", "-f", "-h", "/srv", "-p", "80"]
`;

interface Sizes {
  readonly writable: number;
  readonly virtual: number;
}

/** In the page: the texts of elements that do not have the room for them. */
function areClipped(elements: readonly Element[]): readonly (string | null)[] {
  return elements
    .filter((element) => {
      const row = element.closest('.monaco-icon-label-container') ?? element;
      return row.scrollWidth > row.clientWidth;
    })
    .map(({ textContent }) => textContent);
}

/** The exercise of the textbook, by clicks and keys: an image, a container of it, a file in that, and the end of both. */
describe('the exercise of the textbook', () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-ui-run-'));
  const project = join(folder, `shop-${UNIQUE}`);
  let workbench: Workbench;
  tellFailures(() => workbench);
  inSequence();
  let image = '';

  const docker = (...args: readonly string[]) => execFileSync('docker', args, { stdio: 'pipe' }).toString().trim();
  const layersOf = (name: string) => docker('image', 'inspect', '--format', '{{.Id}} {{json .RootFS.Layers}}', name);
  const containers = () => docker('ps', '--all', '--format', '{{.Names}}', '--filter', `name=^${NAME}$`);
  const picture = async (name: string) => {
    // lists and dialogs come and go in a movement
    await workbench.page.waitForTimeout(400);
    await workbench.picture(`run-${name}`);
  };
  /** Rows of the Disk Usage view; the Images view names containers, too. */
  const rows = (text: string): Locator =>
    workbench.page
      .locator('.sidebar .pane')
      .filter({ has: workbench.page.locator('.pane-header', { hasText: 'Disk Usage' }) })
      .locator('.monaco-list-row[role="treeitem"]')
      .filter({ hasText: text });
  /** Chooses an entry of the form, which is there again when its question was answered. */
  const choose = async (entry: string) => {
    const form = workbench.page.locator('.quick-input-widget:visible').filter({ hasText: `Run ${TAG}` });
    await form.waitFor();
    await form.locator('input').first().fill(entry);
    await workbench.page.keyboard.press('Enter');
  };
  const form = async () => {
    await workbench.page
      .locator('.quick-input-widget:visible')
      .filter({ hasText: `Run ${TAG}` })
      .waitFor();
    return workbench.picks();
  };
  /** The address of the page that the browser opens meanwhile. */
  const openedBy = async (act: () => Promise<void>): Promise<string> => {
    const [page] = await Promise.all([workbench.page.context().waitForEvent('page'), act()]);
    // it begins empty
    await page.waitForURL(/^http/, { waitUntil: 'commit' });
    const address = page.url();
    await page.close();
    return address;
  };
  /** The editor forwards ports of its machine: this is what it makes of http://127.0.0.1:PORT. */
  const portAddress = () => {
    const [port] = docker('port', NAME, '80').split(':').slice(-1);
    return new RegExp(`^http://127\\.0\\.0\\.1:(${port}/|\\d+/proxy/${port}/)`);
  };
  /** Opens the context menu of the container's row and chooses an entry. */
  const chooseOfContainer = async (entry: string) => {
    await rows(NAME).first().click({ button: 'right' });
    await workbench.menuEntry(entry).first().waitFor();
    await workbench.chooseEntry(entry);
  };
  const page = async (): Promise<Frame> => {
    let found: Frame | undefined;
    await expect
      .poll(async () => {
        for (const one of workbench.page.frames()) {
          const isOurs = await one
            .locator('li-disk-usage')
            .count()
            .catch(() => 0);
          if (isOurs > 0) found = one;
        }
        return found !== undefined;
      }, patience)
      .toBe(true);
    if (found === undefined) throw new Error('no page');
    return found;
  };
  /** What the panel says of the container, to the byte. */
  const sizes = async (): Promise<Sizes> => {
    const row = (await page()).locator('li-table tbody tr[data-row]').filter({ hasText: NAME }).first();
    const titles = (await (await page()).locator('li-table thead th').allTextContents()).map((title) => title.trim());
    const bytes = async (title: string) => {
      const cell = row.locator(`[data-column="${titles.indexOf(title)}"]`);
      const exact = /([\d,]+) bytes?/.exec((await cell.getAttribute('title', { timeout: 2000 })) ?? '');
      return Number(exact?.[1]?.replaceAll(',', ''));
    };
    return { writable: await bytes('Writable layer'), virtual: await bytes('Virtual') };
  };

  beforeAll(async () => {
    mkdirSync(project);
    writeFileSync(join(project, 'Dockerfile'), DOCKERFILE);
    // nothing on the engine is like it, or could be
    writeFileSync(join(project, 'index.html'), `<h1>${randomUUID()}</h1>${'\n'.repeat(randomInt(10_000))}`);
    workbench = await Workbench.open(project, 'Dockerfile', await packageExtension(), {
      // so that its text can be read
      'terminal.integrated.gpuAcceleration': 'off',
    });
  }, 240_000);
  afterAll(async () => {
    const quietly = (...args: readonly string[]) => {
      try {
        docker(...args);
      } catch {
        // it is gone already
      }
    };
    quietly('rm', '--force', NAME);
    quietly('volume', 'rm', VOLUME);
    quietly('image', 'rm', '--force', TAG);
    rmSync(folder, { recursive: true, force: true });
    await Workbench.close();
  });

  it('begins with an image, built from the title of the editor', async () => {
    await expect.poll(() => workbench.hint('COPY index.html'), patience).toMatch(/rebuild/);
    await workbench.page.locator('.editor-actions [aria-label^="Build Image"]').first().click();
    await workbench.answer('Layer Insight: Build Dockerfile', TAG);
    await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
    image = layersOf(TAG);
    await picture('1-built');
  }, 90_000);

  it('asks how the image is run, and shows the answers before anything runs', async () => {
    await workbench.page.getByRole('button', { name: 'Run Image' }).click();
    // what the image exposes is published, on this machine only
    await expect.poll(form, patience).toMatch(/Ports, 127\.0\.0\.1:8080:80/);
    await picture('2-form');
    await choose('Ports');
    await workbench.answer('Layer Insight: Ports', '127.0.0.1::80');
    await choose('Environment');
    await expect.poll(() => workbench.picks(), patience).toMatch(/GREETING, as the image says/);
    await workbench.pick('GREETING').click();
    await workbench.answer('Layer Insight: Value of GREETING', 'welcome');
    await workbench.pick('Another Variable').click();
    await workbench.answer('Layer Insight: Environment', 'SHOP');
    await workbench.answer('Layer Insight: Value of SHOP', 'to the shop');
    await workbench.pick('Another Variable').click();
    await workbench.answer('Layer Insight: Environment', 'SHOP_TOKEN');
    await workbench.answer('Layer Insight: Value of SHOP_TOKEN', TOKEN);
    await expect.poll(() => workbench.picks(), patience).toMatch(/SHOP_TOKEN, •+/);
    await picture('3-environment');
    await workbench.page.keyboard.press('Escape');
    await choose('Mounts');
    await workbench.answer('Layer Insight: Mounts', `${VOLUME}:/data`);
    await choose('Command');
    await workbench.answer('Layer Insight: Command', `sh -c '${SERVE.replaceAll("'", `'"'"'`)}'`);
    await choose('Name');
    await workbench.answer('Layer Insight: Name of the Container', NAME);
    await choose('Kept When It Ends');
    await expect.poll(form, patience).toMatch(/Removed When It Ends/);
    await choose('Removed When It Ends');
    await expect.poll(form, patience).toMatch(/Kept When It Ends/);
    const asked = await form();
    expect(asked).toMatch(/Ports, 127\.0\.0\.1::80/);
    expect(asked).toMatch(/Environment, GREETING SHOP SHOP_TOKEN/);
    expect(asked).toMatch(new RegExp(`Mounts, ${VOLUME}:/data`));
    expect(asked).toMatch(/Command, sh -c/);
    expect(asked).toMatch(new RegExp(`Name, ${NAME}`));
    expect(asked).not.toContain(TOKEN);
    await picture('4-answered');
    expect(containers()).toBe('');
    await choose('Run');
    await expect.poll(() => workbench.messages(), patience).toMatch(new RegExp(`${TAG} runs as ${NAME}`));
    await picture('5-runs');
    const open = workbench.page.getByRole('button', { name: /^Open 127\.0\.0\.1:\d+$/ });
    expect(await openedBy(() => open.click())).toMatch(portAddress());
  }, 120_000);

  it('runs it as it was answered', async () => {
    expect(docker('inspect', '--format', '{{.State.Status}} {{.HostConfig.AutoRemove}}', NAME)).toBe('running false');
    await expect.poll(() => docker('logs', NAME), patience).toBe('welcome to the shop');
    expect(docker('exec', NAME, 'sh', '-c', 'echo $SHOP_TOKEN')).toBe(TOKEN);
    expect(docker('exec', NAME, 'wget', '-q', '-O', '-', 'http://127.0.0.1/')).toMatch(/^<h1>/);
    expect(docker('inspect', '--format', '{{range .Mounts}}{{.Name}}:{{.Destination}}{{end}}', NAME)).toBe(
      `${VOLUME}:/data`,
    );
  }, 60_000);

  it('shows a file of the container in its writable layer to the byte, and the virtual size follows', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Layer Insight: Show Disk Usage');
    await expect.poll(async () => (await sizes()).virtual, patience).toBeGreaterThan(0);
    const before = await sizes();
    docker('exec', NAME, 'sh', '-c', `head -c ${WRITTEN} /dev/zero > /srv/made`);
    await (await page()).getByText('Refresh', { exact: true }).click();
    await expect
      .poll(sizes, patience)
      .toEqual({ writable: before.writable + WRITTEN, virtual: before.virtual + WRITTEN });
    await picture('6-grown');
    await workbench.command('View: Close Editor');
  }, 90_000);

  it('lists the container in the view, with what can be done with it', async () => {
    await workbench.command('Focus on Disk Usage View');
    // a view that still has a row to show would unfold itself for that
    await expect.poll(() => workbench.selectedRow(), patience).toMatch(/FROM/);
    for (const view of ['Layers', 'Images']) await workbench.fold(view);
    await rows('Writable layers').first().locator('.monaco-tl-twistie').click();
    await expect.poll(() => rows(NAME).allTextContents(), patience).toEqual([expect.stringMatching(/123 kB/)]);
    // what a row is called leaves room for its size
    const clipped = await rows('').locator('.label-description').evaluateAll(areClipped);
    expect(clipped).toEqual([]);
    await expect.poll(() => rows('Files of containers').count(), patience).toBe(1);
    await rows(NAME).first().click({ button: 'right' });
    await workbench.menuEntry('Open Port in Browser').waitFor();
    await picture('7-menu');
    await workbench.page.keyboard.press('Escape');
  }, 60_000);

  it('opens its port in the browser', async () => {
    expect(await openedBy(() => chooseOfContainer('Open Port in Browser'))).toMatch(portAddress());
  }, 60_000);

  it('shows its log in a terminal, and opens a shell in it', async () => {
    await chooseOfContainer('Show Container Log');
    await expect.poll(() => workbench.terminal(), patience).toMatch(/welcome to the shop/);
    await picture('8-log');
    await chooseOfContainer('Shell in Container');
    await expect.poll(() => workbench.terminal(), patience).toMatch(/\/srv #/);
    await workbench.page.keyboard.type('wc -c made');
    await workbench.page.keyboard.press('Enter');
    await expect.poll(() => workbench.terminal(), patience).toMatch(new RegExp(`${WRITTEN} made`));
    await picture('9-shell');
    await workbench.page.keyboard.type('exit');
    await workbench.page.keyboard.press('Enter');
  }, 60_000);

  it('is not removed while it runs', async () => {
    await chooseOfContainer('Remove Container…');
    await expect.poll(() => workbench.messages(), patience).toMatch(/runs: stop it first/);
    expect(containers()).toBe(NAME);
    await workbench.command('Notifications: Clear All Notifications');
  }, 60_000);

  it('stops', async () => {
    await chooseOfContainer('Stop Container');
    await expect.poll(() => docker('inspect', '--format', '{{.State.Status}}', NAME), patience).toBe('exited');
    await expect.poll(() => workbench.statusBar(), patience).toMatch(new RegExp(`${NAME} was stopped`));
  }, 60_000);

  it('goes with what it has written once that was confirmed, and the image stays as it is', async () => {
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await chooseOfContainer('Remove Container…');
    await expect.poll(() => dialog.textContent(), patience).toMatch(/123 kB \(123,456 bytes\) that it has written/);
    await picture('10-confirm');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(containers()).toBe(NAME);
    await chooseOfContainer('Remove Container…');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(containers, patience).toBe('');
    await expect.poll(() => rows(NAME).count(), patience).toBe(0);
    await expect.poll(() => rows('Total').count(), patience).toBe(1);
    await picture('11-removed');
    expect(layersOf(TAG)).toBe(image);
    expect(docker('volume', 'ls', '--quiet', '--filter', `name=${VOLUME}`)).toBe(VOLUME);
  }, 60_000);

  it('runs as last time but for what is changed: in a terminal, and gone at its end', async () => {
    await workbench.command('Layer Insight: Run Image…');
    await expect.poll(form, patience).toMatch(/Run as Last Time/);
    await choose('In the Background');
    await choose('Kept When It Ends');
    await choose('Command');
    await workbench.answer('Layer Insight: Command', `sh -c 'echo "bye, $GREETING"'`);
    await expect.poll(form, patience).toMatch(/In a Terminal[^]*Removed When It Ends/);
    await choose('Run');
    await expect.poll(() => workbench.terminal(), patience).toMatch(/bye, welcome/);
    await picture('12-terminal');
    await expect.poll(containers, patience).toBe('');
    expect(layersOf(TAG)).toBe(image);
  }, 60_000);
});
