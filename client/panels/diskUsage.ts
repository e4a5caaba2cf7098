import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { formatBytes, keyOf, type DiskReport } from '../../core/model';
import { WebviewPanel } from '../contributions';
import type { DiskUsage } from '../disk/diskUsage';
import { DisposableStore } from '../disposables';
import { messageOf } from '../failure';
import { isPageMessage, type PageCommand, type PageRequest, type PanelMessage } from '../webview/protocol';
import { diskPage } from './diskPage';

/** Where the page is, and the only folder that it can load from. */
const FOLDER = ['dist', 'webview'] as const;

/** The panel of disk usage: at most one. It gives its page what the page shows, and does what the page asks for. */
export class DiskPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly store = new DisposableStore();
  private panel: vscode.WebviewPanel | undefined;
  /** Of the panel that is open. */
  private open = new DisposableStore();
  /** The report that the page has. */
  private told: { readonly report: DiskReport | undefined; readonly message: string } | undefined;
  /** Dockerfiles that a plan named: the page can have no other file opened. */
  private readonly offered = new Set<string>();

  constructor(
    private readonly usage: DiskUsage,
    private readonly extensionUri: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(vscode.window.registerWebviewPanelSerializer(WebviewPanel.diskUsage, this));
    this.store.add(usage.onDidChange(() => this.update()));
  }

  /** Whether it is on the screen. */
  get visible(): boolean {
    return this.panel?.visible === true;
  }

  get exists(): boolean {
    return this.panel !== undefined;
  }

  /** Opens it, or brings it to the front. The first time in a window measures. */
  async show(): Promise<void> {
    if (this.panel === undefined) {
      const title = vscode.l10n.t('Disk Usage');
      this.adopt(vscode.window.createWebviewPanel(WebviewPanel.diskUsage, title, vscode.ViewColumn.Active));
    } else {
      this.panel.reveal();
    }
    await this.usage.measureFirst();
  }

  /** A window that is loaded again had it open: it shows what was measured then. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.panel?.dispose();
    await this.usage.restore();
    this.adopt(panel);
  }

  dispose(): void {
    this.panel?.dispose();
    this.store.dispose();
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    this.open = new DisposableStore();
    const folder = vscode.Uri.joinPath(this.extensionUri, ...FOLDER);
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    this.open.add(panel.onDidDispose(() => this.closed()));
    this.open.add(panel.onDidChangeViewState(() => this.usage.look('panel', panel.visible)));
    this.open.add(webview.onDidReceiveMessage((message: unknown) => this.received(message)));
    const address = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
    webview.html = diskPage({
      ...{ cspSource: webview.cspSource, nonce: randomBytes(16).toString('hex') },
      ...{ script: address('diskUsage.js'), styles: address('diskUsage.css') },
      ...{ title: panel.title, language: vscode.env.language },
    });
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'client', 'media', 'layers.svg');
    this.usage.look('panel', panel.visible);
  }

  private closed(): void {
    this.open.dispose();
    this.panel = undefined;
    this.told = undefined;
    this.usage.look('panel', false);
  }

  private received(message: unknown): void {
    if (!isPageMessage(message)) {
      this.log.warn(`Disk usage: the page sent ${JSON.stringify(message).slice(0, 200)}`);
      return;
    }
    if (message.kind === 'request') void this.answer(message);
    else this.obey(message);
  }

  private obey(command: PageCommand): void {
    const { usage } = this;
    switch (command.name) {
      case 'ready':
        // a page that was hidden begins anew
        this.told = undefined;
        this.update();
        return;
      case 'measure':
        void usage.measure();
        return;
      case 'cancel':
        usage.cancel();
        return;
      case 'copy':
        void vscode.env.clipboard.writeText(command.text);
        return;
      case 'keep':
        if (usage.report !== undefined) void usage.kept.set(usage.report.engine, keyOf(command.item), command.isKept);
        return;
      case 'open':
        if (this.offered.has(command.uri)) void openLine(command.uri, command.line);
        return;
    }
  }

  private async answer(request: PageRequest): Promise<void> {
    const { id } = request;
    try {
      this.tell({ kind: 'response', id, result: await this.resultOf(request) });
    } catch (error) {
      this.log.warn(`Disk usage, ${request.name}: ${messageOf(error)}`);
      this.tell({ kind: 'response', id, error: messageOf(error) });
    }
  }

  private async resultOf(request: PageRequest): Promise<unknown> {
    const { usage } = this;
    switch (request.name) {
      case 'changes':
        return usage.changes(request.params.container);
      case 'bindMount':
        return usage.bindMountBytes(request.params.source);
      case 'plan': {
        const plan = await usage.plan(request.params.items);
        for (const { uri } of plan.lost) this.offered.add(uri);
        return plan;
      }
      case 'remove': {
        const outcome = await usage.remove(request.params.plan);
        if (outcome !== undefined && !this.visible) {
          const bytes = outcome.engineBytes ?? outcome.measuredBytes;
          const freed = bytes === null ? '' : `, ${formatBytes(bytes, usage.units)}`;
          // whoever looks at it sees it there
          void vscode.window.showInformationMessage(
            vscode.l10n.t('Layer Insight: {0} items removed{1}', outcome.removed.length, freed),
          );
        }
        return outcome ?? null;
      }
    }
  }

  private update(): void {
    const { usage } = this;
    if (this.panel === undefined) return;
    if (usage.report !== this.told?.report || usage.message !== this.told?.message) this.tellReport();
    const { isBusy: isMeasuring, progress, isStale, keptKeys: kept } = usage;
    this.tell({ kind: 'notification', name: 'state', state: { isMeasuring, progress, isStale, kept } });
  }

  private tellReport(): void {
    const { report, message, units } = this.usage;
    this.told = { report, message };
    this.tell({ kind: 'notification', name: 'report', report: report ?? null, message, units });
  }

  private tell(message: PanelMessage): void {
    void this.panel?.webview.postMessage(message);
  }
}

async function openLine(uri: string, line: number): Promise<void> {
  const selection = new vscode.Range(line, 0, line, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(uri, true), {
    selection,
    viewColumn: vscode.ViewColumn.Beside,
  });
}
