import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { launchBrowser } from '../hosts/browser.mjs';
import { installCodeServer, installVsix, startCodeServer } from '../hosts/codeServer.mjs';
import { quietSettings } from '../hosts/editor.mjs';
import { root } from '../hosts/paths.mjs';
import { atEnd, cleanUp } from '../hosts/processes.mjs';

/** Where pictures of each step are kept, for people. */
export const pictures = join(root, 'dist', 'screenshots');

const settings = {
  ...quietSettings,
  'breadcrumbs.enabled': false,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'editor.hover.delay': 100,
  'editor.scrollbar.horizontal': 'hidden',
  'editor.scrollbar.vertical': 'hidden',
  'window.menuBarVisibility': 'hidden',
  'workbench.layoutControl.enabled': false,
};

/** A real VS Code in a real browser, with the packaged extension installed. */
export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly folder: string,
  ) {}

  /** Opens a folder with one of its files. Rejects when the editor does not come up. */
  static async open(folder: string, file: string, vsix: string): Promise<Workbench> {
    mkdirSync(pictures, { recursive: true });
    const install = await installCodeServer();
    const dataFolder = mkdtempSync(join(tmpdir(), 'li-ui-'));
    atEnd(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 }));
    await installVsix(install, dataFolder, vsix);
    const log = join(pictures, 'server.log');
    const server = await startCodeServer(install, { dataFolder, settings, log });
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 });
    const opened = `vscode-remote://${server.authority}${join(folder, file)}`;
    await page.goto(server.url({ folder, payload: JSON.stringify([['openFile', opened]]) }));
    const workbench = new Workbench(page, folder);
    await workbench.line('FROM').first().waitFor({ timeout: 60_000 });
    return workbench;
  }

  /** Closes everything that `open` started. */
  static close(): Promise<void> {
    return cleanUp();
  }

  /** The editor lines that begin with a text. The editor shows spaces as no-break spaces. */
  line(text: string): Locator {
    const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '[ \\u00a0]');
    return this.page.locator('.editor-instance .view-line').filter({ hasText: new RegExp(`^${pattern}`) });
  }

  /** What a line shows after its own text: the hints. */
  async hint(text: string): Promise<string> {
    const shown = (await this.line(text).first().textContent()) ?? '';
    return shown.replaceAll('\u00a0', ' ');
  }

  /** Runs a command as a user does who knows its name. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor({ state: 'visible' });
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first().click();
  }

  /** The visible rows of the Layers view, from top to bottom. */
  async layers(): Promise<string[]> {
    const rows = this.page.locator('.sidebar .monaco-list-row[role="treeitem"]');
    return (await rows.allTextContents()).map((row) => row.replaceAll('\u00a0', ' '));
  }

  /** What a hover over the first word of a line says. */
  async hover(text: string): Promise<string> {
    await this.page.mouse.move(5, 5);
    const box = await this.line(text).first().boundingBox();
    if (box === null) return '';
    await this.page.mouse.move(box.x + 12, box.y + box.height / 2);
    const hover = this.page.locator('.monaco-hover:visible').first();
    await hover.waitFor({ timeout: 3000 }).catch(() => undefined);
    return (await hover.textContent({ timeout: 1000 }).catch(() => '')) ?? '';
  }

  /** Keeps a picture of the window. */
  async picture(name: string, path = join(pictures, `${name}.png`)): Promise<void> {
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  get title(): string {
    return basename(this.folder);
  }
}
