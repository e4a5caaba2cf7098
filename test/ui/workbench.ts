import { spawnSync } from 'node:child_process';
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

/** The editor loads the frames of its previews from the network; here its configuration names its own server. */
function webviewsFromServer(): void {
  const configuration = 'vscode-workbench-web-configuration';
  const read = (element: Element, name: string): string | null => element.attributes.getNamedItem(name)?.value ?? null;
  Element.prototype.getAttribute = function (name) {
    const value = read(this, name);
    if (this.id !== configuration || name !== 'data-settings' || value === null) return value;
    const base = document.getElementById('vscode-workbench-web-base-url');
    const folder = `${(base && read(base, name)) ?? ''}/out/vs/workbench/contrib/webview/browser/pre/`;
    const webviewEndpoint = new URL(folder, location.href).href;
    return JSON.stringify({ ...(JSON.parse(value) as Record<string, unknown>), webviewEndpoint });
  };
}

/** In the page: whether some value in its databases contains a text. */
async function databasesContain(text: string): Promise<boolean> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error(request.error?.message));
    });
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined) continue;
    const database = await done(indexedDB.open(name));
    try {
      for (const store of database.objectStoreNames) {
        const values: readonly unknown[] = await done(database.transaction(store).objectStore(store).getAll());
        if (JSON.stringify(values).includes(text)) return true;
      }
    } finally {
      database.close();
    }
  }
  return JSON.stringify(localStorage).includes(text);
}

/** A real VS Code in a real browser, with the packaged extension installed. */
export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly folder: string,
    private readonly dataFolder: string,
  ) {}

  /** Opens a folder with one of its files. Rejects when the editor does not come up. */
  static async open(
    folder: string,
    file: string,
    vsix: string,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Workbench> {
    mkdirSync(pictures, { recursive: true });
    const install = await installCodeServer();
    const dataFolder = mkdtempSync(join(tmpdir(), 'li-ui-'));
    atEnd(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 }));
    await installVsix(install, dataFolder, vsix);
    const log = join(pictures, 'server.log');
    const server = await startCodeServer(install, { dataFolder, settings: { ...settings, ...more }, log });
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 });
    const opened = `vscode-remote://${server.authority}${join(folder, file)}`;
    await page.addInitScript(webviewsFromServer);
    await page.goto(server.url({ folder, payload: JSON.stringify([['openFile', opened]]) }));
    const workbench = new Workbench(page, folder, dataFolder);
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

  /** What decorations put behind a line: it is no text of the page. */
  async behind(text: string): Promise<string> {
    const contents = await this.line(text)
      .first()
      .evaluate((line) =>
        [...line.querySelectorAll('span')]
          .map((span) => getComputedStyle(span, '::after').content)
          .filter((one) => one.startsWith('"')),
      );
    return contents
      .map((one) => one.slice(1, -1))
      .join(' ')
      .replaceAll('\u00a0', ' ');
  }

  /** The messages in the corner. */
  async messages(): Promise<string> {
    return (await this.page.locator('.notifications-toasts .notification-list-item').allTextContents()).join('\n');
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
    writeFileSync(join(this.dataFolder, 'data', 'User', 'settings.json'), JSON.stringify({ ...settings, ...more }));
    await this.reload();
  }

  /** Loads the window again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.line('FROM').first().waitFor({ timeout: 60_000 });
  }

  /** The rows of the side bar whose name is this. */
  sideBarRow(name: string): Locator {
    const label = this.page.locator('.label-name', { hasText: new RegExp(`^${name.replace('.', '\\.')}$`) });
    return this.page.locator('.sidebar .monaco-list-row').filter({ has: label });
  }

  /** Goes down in the tree that has the focus, until the row that begins with a text has it. */
  async downTo(text: string): Promise<void> {
    const row = this.page.locator('.sidebar .monaco-list:focus-within .monaco-list-row.focused');
    for (let steps = 0; steps < 50; steps++) {
      const focused = await row.textContent({ timeout: 1000 }).catch(() => null);
      if (focused?.replaceAll('\u00a0', ' ').startsWith(text)) return;
      await this.page.keyboard.press('ArrowDown');
      await this.page.waitForTimeout(50);
    }
    throw new Error(`no row ${text} below`);
  }

  /** Clicks on the first row of the side bar with this name. What the pointer showed where it was may cover the row. */
  async clickRow(name: string, options: { readonly button?: 'left' | 'right' } = {}): Promise<void> {
    await this.restPointer();
    await this.sideBarRow(name).first().click(options);
  }

  /** Moves the pointer where it shows nothing, and waits until what it showed is gone. */
  async restPointer(): Promise<void> {
    await this.page.mouse.move(5, 5);
    await this.page.locator('.monaco-hover:visible').first().waitFor({ state: 'hidden' });
  }

  /** Folds a view of the side bar away. One that shows a row just then opens again. */
  async fold(view: string): Promise<void> {
    const title = this.page.locator('.title', { hasText: new RegExp(`^${view}$`) });
    const header = this.page.locator('.sidebar .pane-header.expanded').filter({ has: title }).first();
    for (let tries = 0; tries < 5; tries++) {
      // in its middle may be a button
      await header.locator(title).click();
      await header.waitFor({ state: 'hidden', timeout: 5000 });
      await this.page.waitForTimeout(500);
      if (!(await header.isVisible())) return;
    }
    throw new Error(`the view ${view} does not stay folded`);
  }

  /** An entry of the context menu that is open. */
  menuEntry(title: string): Locator {
    return this.page.locator('.context-view').getByText(title, { exact: true });
  }

  /** Chooses an entry of the context menu that is open; just opened, it takes no click. */
  async chooseEntry(title: string): Promise<void> {
    await this.menuEntry(title).hover();
    await this.page.keyboard.press('Enter');
  }

  /** An entry of the pick list that is open. */
  pick(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row:visible').filter({ hasText: text }).first();
  }

  /** The entries of the pick list that is open, as they are read out. */
  async picks(): Promise<string> {
    const rows = await this.page.locator('.quick-input-list .monaco-list-row:visible').all();
    const labels = await Promise.all(rows.map((row) => row.getAttribute('aria-label', { timeout: 1000 })));
    return labels.join('\n');
  }

  /** Types into the question with this title; the list of commands, which may still be there, has no title. */
  async type(title: string, text: string): Promise<Locator> {
    const widget = this.page.locator('.quick-input-widget:visible').filter({ hasText: title });
    await widget.locator('input').first().fill(text);
    return widget;
  }

  /** Types the answer to a question with this title. */
  async answer(title: string, text: string): Promise<void> {
    const widget = await this.type(title, text);
    await this.page.keyboard.press('Enter');
    await widget.waitFor({ state: 'hidden' });
  }

  /** Whether a step of the walkthrough that is shown is done. */
  async isTicked(title: string): Promise<boolean> {
    const step = this.page.locator('.getting-started-step').filter({ hasText: title }).first();
    return (await step.locator('[role=checkbox]').first().getAttribute('aria-checked')) === 'true';
  }

  /** Whether a text was stored by the window (its databases) or by the editor's server and our own (their folders). */
  async stored(text: string): Promise<boolean> {
    const folders = [this.dataFolder, process.env['XDG_STATE_HOME']].filter((one) => one !== undefined);
    const inFiles = spawnSync('grep', ['-rlF', text, ...folders]).status === 0;
    return inFiles || (await this.page.evaluate(databasesContain, text));
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

  /** The selected rows of the side bar; each view may have one. */
  async selectedRow(): Promise<string> {
    return (await this.page.locator('.sidebar .monaco-list-row.selected').allTextContents()).join('\n');
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

  /** What the terminal on top shows, where `terminal.integrated.gpuAcceleration` is off. */
  async terminal(): Promise<string> {
    const lines = await this.page.locator('.terminal-wrapper.active .xterm-rows > div').allTextContents();
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  /** The titles of the open editors. */
  async tabs(): Promise<string> {
    return (await this.page.locator('.tabs-container .tab').allTextContents()).join('\n');
  }

  /** Opens a step of the walkthrough that is shown, in a window that has room for its picture, and keeps a picture. */
  async walkthroughStep(title: string, name: string): Promise<void> {
    const before = this.page.viewportSize() ?? { width: 1280, height: 800 };
    await this.page.setViewportSize({ ...before, width: 1700 });
    await this.page.locator('.getting-started-step').filter({ hasText: title }).first().click();
    await this.page.waitForTimeout(2000);
    await this.picture(name);
    await this.page.setViewportSize(before);
  }

  /** What the preview beside the editor says. */
  async preview(): Promise<string> {
    for (const frame of this.page.frames()) {
      const text = await frame
        .locator('.markdown-body')
        .textContent({ timeout: 500 })
        .catch(() => null);
      if (text !== null) return text;
    }
    return '';
  }

  /** What is on the screen, and why the first line with an uncertain hint has it; for those who read of a failure. */
  async onScreen(): Promise<string> {
    const text = await this.text();
    const parts = [`editor:\n${text}`, `side bar:\n${(await this.layers()).join('\n')}`];
    parts.push(
      `status: ${await this.statusBar()}`,
      `messages: ${await this.messages()}`,
      `list: ${await this.picks()}`,
    );
    const line = text.split('\n').find((one) => one.includes('may hit') && !one.includes('↑'));
    if (line !== undefined) parts.push(`hover: ${await this.hover(line.slice(0, line.indexOf('may hit')).trim())}`);
    return parts.join('\n');
  }

  /** Keeps a picture of the window. */
  async picture(name: string, path = join(pictures, `${name}.png`)): Promise<void> {
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  get title(): string {
    return basename(this.folder);
  }
}
