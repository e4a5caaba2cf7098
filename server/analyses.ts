import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { stateFolder } from '../core/node/store/stateFolder';
import { Analysis, type AnalysisScope } from './analysis';
import type { ContextSessions } from './contexts';
import type { EngineSession, EngineSessions } from './engines';
import { editCost } from './features/editCost';
import type { OpenDockerfile } from './images/makers';
import { ServerLedger } from './ledger';
import { NetworkSession } from './network';
import type { BuildChoices, EditCost } from './protocol';
import type { Settings } from './settings';

/** What the analyses are made of. */
export interface AnalysesParts {
  readonly settings: Settings;
  readonly engines: EngineSessions;
  readonly contexts: ContextSessions;
  readonly env: NodeJS.ProcessEnv;
  readonly folders: () => readonly string[];
}

/** The open Dockerfiles. */
export class Analyses {
  private readonly analyses = new Map<string, Analysis>();
  private readonly changes = new Set<(analysis: Analysis) => void>();
  private readonly closes = new Set<(uri: string) => void>();
  private readonly choices = new Map<string, BuildChoices>();
  private unsavedPaths: readonly string[] = [];
  private trusted = false;
  private readonly scope: AnalysisScope;
  private readonly network: NetworkSession;
  readonly ledger: ServerLedger;

  constructor(private readonly parts: AnalysesParts) {
    const { settings, engines, contexts, env, folders } = parts;
    this.network = new NetworkSession(env, () => {
      for (const analysis of this.analyses.values()) analysis.askNetworkSoon();
    });
    this.ledger = new ServerLedger(stateFolder(env), () => {
      for (const analysis of this.analyses.values()) this.tell(analysis);
    });
    this.scope = {
      ...{ settings, engines, contexts, env, folders, network: this.network, ledger: this.ledger },
      trusted: () => this.trusted,
      choices: (uri) => (this.trusted ? this.choices.get(uri) : undefined),
      unsaved: () => this.unsavedPaths,
      changed: (analysis) => this.tell(analysis),
    };
    engines.onChanged((engine) => void this.engineChanged(engine));
  }

  get isTrusted(): boolean {
    return this.trusted;
  }

  onChanged(listener: (analysis: Analysis) => void): void {
    this.changes.add(listener);
  }

  onClosed(listener: (uri: string) => void): void {
    this.closes.add(listener);
  }

  get(uri: string): Analysis | undefined {
    return this.analyses.get(uri);
  }

  open(document: TextDocument): void {
    // only files have a build context
    if (!document.uri.startsWith('file:') || this.analyses.has(document.uri)) return;
    const analysis = new Analysis(document, this.scope);
    this.analyses.set(document.uri, analysis);
    void analysis.prepare();
  }

  changed(document: TextDocument): void {
    const analysis = this.analyses.get(document.uri);
    if (analysis === undefined) return;
    analysis.document = document;
    analysis.changed();
  }

  close(uri: string): void {
    this.analyses.get(uri)?.dispose();
    this.analyses.delete(uri);
    for (const listener of this.closes) listener(uri);
  }

  /** A file on disk changed, appeared or vanished. */
  fileChanged(uri: string): void {
    if (uri.startsWith('file:')) this.parts.contexts.fileChanged(fileURLToPath(uri));
  }

  /** What a build of a Dockerfile is asked for from now on; the Dockerfile may be opened later. */
  choose(choices: BuildChoices): void {
    this.choices.set(choices.uri, choices);
    this.analyses.get(choices.uri)?.chosen();
  }

  /** Which files on the screen are not what is on disk. */
  unsavedChanged(uris: readonly string[]): void {
    this.unsavedPaths = uris.filter((uri) => uri.startsWith('file:')).map((uri) => fileURLToPath(uri));
    for (const analysis of this.analyses.values()) {
      this.tell(analysis);
      analysis.askNetworkSoon();
    }
  }

  /** Tells whether somebody sees the answers. */
  setHidden(isHidden: boolean): void {
    this.network.setHidden(isHidden);
  }

  /** The open Dockerfiles. */
  all(): readonly Analysis[] {
    return [...this.analyses.values()];
  }

  /** The open Dockerfiles that have a prediction. */
  predicted(): OpenDockerfile[] {
    return [...this.analyses.values()].flatMap((analysis) => {
      const prediction = analysis.current();
      return prediction === undefined
        ? []
        : [{ uri: analysis.uri, prediction, copied: (step: number) => analysis.copied(step) }];
    });
  }

  /** Resolves when every open Dockerfile was looked at. */
  async whenReady(): Promise<void> {
    await Promise.all([...this.analyses.values()].map((analysis) => analysis.whenReady()));
  }

  /** Those of all open Dockerfiles that take a file, by its URI. */
  editCosts(uri: string): EditCost[] {
    if (!uri.startsWith('file:')) return [];
    const path = fileURLToPath(uri);
    return [...this.analyses.values()].flatMap((analysis) => editCost(analysis, path) ?? []);
  }

  settingsChanged(): void {
    for (const analysis of this.analyses.values()) void analysis.prepare();
  }

  trust(trusted: boolean): void {
    if (this.trusted === trusted) return;
    this.trusted = trusted;
    this.settingsChanged();
  }

  /** Looks at everything again and predicts. */
  async refresh(): Promise<void> {
    if (!this.trusted) return;
    await Promise.all([this.parts.contexts.refresh(), this.parts.engines.refresh()]);
    await Promise.all([...this.analyses.values()].map((analysis) => analysis.checkBaseline(true)));
    // nobody waits for servers elsewhere: what they say is told when it comes
    for (const analysis of this.analyses.values()) void analysis.askNetwork(true);
  }

  private tell(analysis: Analysis): void {
    for (const listener of this.changes) listener(analysis);
  }

  dispose(): void {
    for (const analysis of this.analyses.values()) analysis.dispose();
    this.analyses.clear();
    this.network.dispose();
    this.ledger.dispose();
  }

  /**
   * A build may have ended: what the files are now is what it saw, and knowing that later makes the difference between
   * a likely and a certain answer. So the files are looked at before the news is told.
   */
  private async engineChanged(engine: EngineSession): Promise<void> {
    const using = [...this.analyses.values()].filter((analysis) => analysis.usesEngine(engine));
    this.parts.contexts.others.forget();
    if (engine.result?.kind === 'evidence') await this.parts.contexts.refresh();
    for (const analysis of using) analysis.refreshed();
    await this.tellLedger(engine, using);
  }

  /** What was on the screen before is compared with what the builds did that ended. */
  private async tellLedger({ result }: EngineSession, using: readonly Analysis[]): Promise<void> {
    if (result === undefined || result.kind === 'none' || !result.settled) {
      await this.ledger.read();
      return;
    }
    const contexts = using.flatMap((analysis) => analysis.present()?.context ?? []);
    if (result.kind !== 'evidence') {
      const { contexts: sessions } = this.parts;
      const looks = contexts.map(({ root, index }) => [root, () => sessions.refresh().then(() => index.tree)] as const);
      await this.ledger.observeChains(
        result,
        [...new Map(looks)].map(([root, look]) => ({ root, look })),
      );
      return;
    }
    const looked = new Map(contexts.map(({ root, index }) => [root, { root, tree: index.tree }]));
    await this.ledger.observe(result.evidence, [...looked.values()]);
  }
}
