import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    private readonly userSettings: string,
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
    const workbench = new Workbench(page, folder, join(dataFolder, 'data', 'User', 'settings.json'));
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

  /** Loads the window again with user settings beside those that every test has. */
  async configure(more: Readonly<Record<string, unknown>>): Promise<void> {
    writeFileSync(this.userSettings, JSON.stringify({ ...settings, ...more }));
    await this.page.reload();
    await this.line('FROM').first().waitFor({ timeout: 60_000 });
  }

  /** Waits for a kind of theme, by the editor's own name of it. */
  async themed(kind: string): Promise<void> {
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
    await this.page.mouse.move(5, 5);
  }

  /** The texts of the status bar. */
  async statusBar(): Promise<string> {
    return (await this.page.locator('.statusbar-item').allTextContents()).join('\n').replaceAll('\u00a0', ' ');
  }

  /** Shows what our item in the status bar says under the pointer. */
  async hoverStatusBar(): Promise<void> {
    await this.page.locator('.statusbar-item', { hasText: / cached/ }).hover();
    await this.page.locator('.monaco-hover:visible').first().waitFor();
  }

  /** How many lines have an icon beside their number. */
  gutterIcons(): Promise<number> {
    return this.page.locator('.glyph-margin-widgets .cgmr').count();
  }

  /** The selected row of the side bar. */
  async selectedRow(): Promise<string> {
    const row = this.page.locator('.sidebar .monaco-list-row.selected').first();
    return (await row.textContent({ timeout: 1000 }).catch(() => '')) ?? '';
  }

  /** What stands above the rows of the Layers view. */
  async layersMessage(): Promise<string> {
    const message = this.page.locator('.sidebar .tree-explorer-viewlet-tree-view .message');
    return (await message.allTextContents()).join('\n').replaceAll('\u00a0', ' ');
  }

  /** The text of the editors that are seen. */
  async text(): Promise<string> {
    const lines = await this.page.locator('.editor-instance .view-line').allTextContents();
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  /** The titles of the open editors. */
  async tabs(): Promise<string> {
    return (await this.page.locator('.tabs-container .tab').allTextContents()).join('\n');
  }

  /** Opens a step of the walkthrough that is shown. */
  async walkthroughStep(title: string): Promise<void> {
    await this.page.locator('.getting-started-step').filter({ hasText: title }).first().click();
    await this.page.waitForTimeout(700);
  }

  /** Keeps a picture of the window. */
  async picture(name: string, path = join(pictures, `${name}.png`)): Promise<void> {
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  get title(): string {
    return basename(this.folder);
  }
}
