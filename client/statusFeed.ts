import * as vscode from 'vscode';
import type { DocumentStatus, EngineState } from '../server/protocol';
import { Delayed } from './delayed';
import { DisposableStore } from './disposables';
import { dockerfileEditors, type CurrentDockerfile } from './dockerfiles';
import { messageOf } from './failure';
import type { LanguageServer } from './languageServer';

/** Milliseconds without news before the server is asked: what is on the screen does not change while someone types. */
const PAUSE_MS = 200;
/** In news without a pause (something writes files of the context all the time) it is asked at least so often. */
const LATEST_MS = 2000;

/**
 * The latest status of each Dockerfile that somebody sees. An old one stays until the new one is there; nothing is
 * asked for what nobody sees.
 */
export class StatusFeed implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  private readonly known = new Map<string, DocumentStatus>();
  private readonly stale = new Set<string>();
  private readonly ask = this.store.add(new Delayed(PAUSE_MS, () => void this.update(), LATEST_MS));
  private asking: vscode.CancellationTokenSource | undefined;

  /** Another status, or another Dockerfile is seen. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: LanguageServer,
    private readonly dockerfile: CurrentDockerfile,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(server.onDidChangePrediction((uri) => this.outdate(uri)));
    this.store.add(server.onDidChangeState(() => this.serverChanged()));
    this.store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.editorsChanged()));
    this.store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.known.delete(uri.toString())));
    this.store.add(dockerfile.onDidChange(() => this.changed.fire()));
    this.editorsChanged();
  }

  /** Nobody will answer: what was shown is not kept for an answer to come. */
  get ended(): boolean {
    return this.server.state === 'failed';
  }

  /** What is known of a Dockerfile that is seen. */
  of(uri: vscode.Uri): DocumentStatus | undefined {
    return this.known.get(uri.toString());
  }

  /** The engine of the Dockerfile that is seen, else the one that was heard of last; undefined: there is no news yet. */
  get engine(): EngineState | undefined {
    const heard = this.server.engine;
    const { seen } = this;
    const own = seen === undefined ? undefined : this.of(seen)?.engine;
    // what a server before this one said is no news
    return heard === undefined ? undefined : (own ?? heard);
  }

  /** The Dockerfile that one item speaks of: the followed one if it is seen, else one that is. */
  get seen(): vscode.Uri | undefined {
    const uris = dockerfileEditors().map((editor) => editor.document.uri);
    return uris.find((uri) => uri.toString() === this.dockerfile.uri?.toString()) ?? uris[0];
  }

  dispose(): void {
    this.asking?.cancel();
    this.store.dispose();
  }

  private outdate(uri: string): void {
    if (!seenUris().has(uri)) {
      this.known.delete(uri);
      return;
    }
    this.stale.add(uri);
    this.ask.soon();
  }

  private editorsChanged(): void {
    // what is known of a hidden one holds until its prediction changes, so that it is there at once when it comes back
    for (const uri of seenUris()) if (!this.known.has(uri)) this.stale.add(uri);
    if (this.stale.size > 0) this.ask.soon();
    this.changed.fire();
  }

  private serverChanged(): void {
    if (this.server.state === 'running') seenUris().forEach((uri) => this.outdate(uri));
    if (this.server.state !== 'failed') return;
    this.known.clear();
    this.changed.fire();
  }

  /** One question at a time; what changes meanwhile is asked for afterwards. */
  private async update(): Promise<void> {
    if (this.asking !== undefined || this.server.state !== 'running') return;
    const asking = new vscode.CancellationTokenSource();
    this.asking = asking;
    try {
      for (const uri of [...this.stale]) {
        this.stale.delete(uri);
        if (seenUris().has(uri)) await this.fetch(uri, asking.token);
      }
    } finally {
      asking.dispose();
      this.asking = undefined;
      if (this.stale.size > 0) this.ask.soon();
    }
  }

  private async fetch(uri: string, token: vscode.CancellationToken): Promise<void> {
    const before = versionOf(uri);
    try {
      const status = await this.server.status(uri, token);
      if (!seenUris().has(uri)) return;
      // lines of a text that is not there any more would be marked wrongly
      if (versionOf(uri) !== before) {
        this.stale.add(uri);
        return;
      }
      if (status !== undefined) this.known.set(uri, status);
      this.changed.fire();
    } catch (error) {
      if (!token.isCancellationRequested) this.log.debug(`Status of ${uri}: ${messageOf(error)}`);
    }
  }
}

function seenUris(): ReadonlySet<string> {
  return new Set(dockerfileEditors().map((editor) => editor.document.uri.toString()));
}

function versionOf(uri: string): number | undefined {
  return dockerfileEditors().find((editor) => editor.document.uri.toString() === uri)?.document.version;
}
