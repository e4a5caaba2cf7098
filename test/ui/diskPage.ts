import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { diskPage } from '../../client/panels/diskPage';
import type { PageMessage, PanelMessage, PanelState, PanelNotification } from '../../client/webview/protocol';
import { launchBrowser } from '../hosts/browser.mjs';
import { root } from '../hosts/paths.mjs';
import { cleanUp } from '../hosts/processes.mjs';
import { THEMES, type ThemeName } from './themes';

const pictures = join(root, 'dist', 'screenshots');
const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };

declare global {
  interface Window {
    /** What the page sent. */
    sent: PageMessage[];
    /** What the page put away, as text. */
    stored: string;
    /** What the security policy of the page did not allow. */
    violations: string[];
  }
}

/** In the page: what the editor gives it, and an ear for what its policy forbids. */
function editorOf(stored: string): void {
  window.sent = [];
  window.stored = stored;
  window.violations = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
    window.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}`);
  });
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: PageMessage) => window.sent.push(message),
      getState: () => (window.stored === '' ? undefined : (JSON.parse(window.stored) as unknown)),
      setState: (state: unknown) => {
        window.stored = JSON.stringify(state);
      },
    }),
  });
}

/** The page of disk usage in a browser, with the document and the policy that the panel gives it. No editor, no server. */
export class DiskPage {
  private constructor(
    readonly page: Page,
    private readonly server: Server,
    private readonly address: string,
  ) {}

  static async start(): Promise<DiskPage> {
    mkdirSync(pictures, { recursive: true });
    const server = createServer((request, response) => {
      const name = (request.url ?? '/').slice(1).split('?')[0] ?? '';
      const { port } = server.address() as AddressInfo;
      if (name === '') {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.end(document_(`http://127.0.0.1:${port}`));
        return;
      }
      response.setHeader('content-type', TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
      response.end(readFileSync(join(root, 'dist', 'webview', name)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const { port } = server.address() as AddressInfo;
    return new DiskPage(page, server, `http://127.0.0.1:${port}/`);
  }

  /** Loads the page in a theme; `stored` is what a former life of it put away. */
  async open(theme: ThemeName = 'dark', stored = ''): Promise<void> {
    await this.page.addInitScript(editorOf, stored);
    await this.page.goto(this.address);
    await this.theme(theme);
    await this.page.waitForFunction(() => window.sent.some(({ name }) => name === 'ready'));
  }

  /** The colours of one of the editor's themes. */
  async theme(name: ThemeName): Promise<void> {
    await this.page.evaluate((colors) => {
      document.documentElement.removeAttribute('style');
      for (const [variable, value] of Object.entries(colors))
        document.documentElement.style.setProperty(variable, value);
      document.body.style.backgroundColor = 'var(--vscode-editor-background)';
      document.body.style.padding = '0 20px';
    }, THEMES[name]);
  }

  /** The panel says something. */
  async tell(message: PanelMessage): Promise<void> {
    await this.page.evaluate((data) => window.postMessage(data, '*'), message);
  }

  async report(report: Extract<PanelNotification, { name: 'report' }>['report'], message = ''): Promise<void> {
    await this.tell({ kind: 'notification', name: 'report', report, message, units: 'si' });
  }

  async state(some: Partial<PanelState>): Promise<void> {
    const state = { isMeasuring: false, progress: '', isStale: false, kept: [], ...some };
    await this.tell({ kind: 'notification', name: 'state', state });
  }

  /** Waits for a message of the page. */
  async sent<N extends PageMessage['name']>(name: N): Promise<Extract<PageMessage, { name: N }>> {
    const found = await this.page.waitForFunction((wanted) => window.sent.findLast((one) => one.name === wanted), name);
    const message = await found.jsonValue();
    if (message === undefined) throw new Error(`${name} was not sent`);
    return message as Extract<PageMessage, { name: N }>;
  }

  /** Answers the last question of a kind. */
  async answer(name: 'plan' | 'remove' | 'changes' | 'bindMount', result: unknown): Promise<void> {
    const { id } = await this.sent(name);
    await this.tell({ kind: 'response', id, result });
  }

  /** Forgets what the page sent. */
  async forget(): Promise<void> {
    await this.page.evaluate(() => {
      window.sent = [];
    });
  }

  /** What the page put away. */
  stored(): Promise<string> {
    return this.page.evaluate(() => window.stored);
  }

  /** What the policy forbade. */
  violations(): Promise<readonly string[]> {
    return this.page.evaluate(() => window.violations);
  }

  /** The text of what has the focus, with its label. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent.trim() ?? '';
    });
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(pictures, `disk-${name}.png`), fullPage: true, animations: 'disabled' });
  }

  async close(): Promise<void> {
    this.server.close();
    await cleanUp();
  }
}

function document_(origin: string): string {
  return diskPage({
    ...{ cspSource: origin, nonce: 'test', title: 'Disk Usage', language: 'en' },
    ...{ script: `${origin}/diskUsage.js`, styles: `${origin}/diskUsage.css` },
  });
}
