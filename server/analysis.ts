import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ContextNode } from '../core/context/tree';
import type { Remotes } from '../core/evidence/remotes';
import type { BuildOrder, LineRange, Prediction, Reason } from '../core/model';
import type { WantedBuilder } from '../core/node/engines/builderKind';
import type { EvidenceResult } from '../core/node/engines/loadEvidence';
import { hostPlatform } from '../core/node/hostPlatform';
import type { BuildRequest } from '../core/plan/graph';
import type { CopiedFiles } from '../core/predict/copiedFiles';
import { imagesOf, type KnownImages, type ProjectPrediction } from '../core/predict/project';
import type { Answer, AskedEngine, PresentState } from './answers';
import { CommitBaseline } from './commitBaseline';
import type { ContextSession, ContextSessions } from './contexts';
import type { EngineSession, EngineSessions } from './engines';
import type { NotedContext, ServerLedger } from './ledger';
import { contextFolder, makeProject, requestOf, type ProjectParts } from './makeProject';
import { real, requestOfOrder, textOf } from './builds/orderRequest';
import type { NetworkSession } from './network';
import type { BuildChoices } from './protocol';
import type { DockerfileSettings, Settings } from './settings';
import { WantedFiles, type ReadingState } from './wantedFiles';
import { WantedRemotes, type AskingState } from './wantedRemotes';
import { WhatIf, type WhatIfState } from './whatIf';

/** What analyses share. */
export interface AnalysisScope {
  readonly settings: Settings;
  readonly engines: EngineSessions;
  readonly contexts: ContextSessions;
  readonly network: NetworkSession;
  readonly ledger: ServerLedger;
  readonly env: NodeJS.ProcessEnv;
  readonly trusted: () => boolean;
  /** The workspace folders, for relative settings. */
  readonly folders: () => readonly string[];
  /** What was chosen for a Dockerfile beyond the settings. */
  readonly choices: (uri: string) => BuildChoices | undefined;
  /** Absolute paths of files with changes that are not on disk yet. */
  readonly unsaved: () => readonly string[];
  /** There is a new prediction. */
  readonly changed: (analysis: Analysis) => void;
}

const UNTRUSTED: Reason = {
  code: 'no-evidence',
  message: 'this workspace is not trusted: the file is only parsed, no engine is asked',
};
const SWITCHED_OFF: Reason = { code: 'no-evidence', message: 'no engine is asked: layerInsight.engine.kind is none' };

/** One open Dockerfile: its text, what it stands on, and the latest prediction. */
export class Analysis {
  settings: DockerfileSettings | undefined;
  /** The latest answer whose Dockerfile the builder would accept; what is shown while the text is half typed. */
  lastGood: Answer | undefined;
  /** When engine and files were last looked at, in milliseconds since the epoch. */
  checkedAt: number | undefined;
  private answer: (Answer & { readonly version: number; readonly basis: unknown }) | undefined;
  private made:
    { readonly text: string; readonly basis: readonly unknown[]; readonly project: ProjectPrediction } | undefined;
  private context: ContextSession | undefined;
  private engine: EngineSession | undefined;
  private baseline: CommitBaseline | undefined;
  /** The family of builder that was chosen when this was prepared. */
  private wanted: BuildChoices['builder'];
  private wantedContext: BuildChoices['context'];
  private readonly stopListening: (() => void)[] = [];
  private ready = false;
  private disposed = false;
  private settling: Promise<void> = Promise.resolve();
  private readonly wantedFiles: WantedFiles;
  private readonly wantedRemotes: WantedRemotes;
  /** What would become of the build if something were not as it is. */
  readonly whatIf = new WhatIf(() => this.whatIfState());

  constructor(
    public document: TextDocument,
    private readonly scope: AnalysisScope,
  ) {
    this.wantedFiles = new WantedFiles(
      scope.contexts,
      () => this.readingState(),
      () => this.tell(),
    );
    this.wantedRemotes = new WantedRemotes(
      scope.network,
      () => this.askingState(),
      () => {
        if (this.isDisposed()) return;
        this.tell();
        void this.wantedFiles.read();
      },
    );
  }

  get uri(): string {
    return this.document.uri;
  }

  /** Absolute path. */
  get dockerfile(): string {
    return fileURLToPath(this.uri);
  }

  get contextPath(): string | undefined {
    return this.context?.root;
  }

  /** The engine with what it said last; undefined before its first answer, and where none is asked. */
  get askedEngine(): AskedEngine | undefined {
    const { engine } = this;
    return engine?.result && { result: engine.result, keepsImages: engine.keepsImages };
  }

  /** A commit counts as the last build: no engine is asked. */
  get comparesWithCommit(): boolean {
    return this.baseline !== undefined;
  }

  /** The family of builder that somebody chose; undefined: found out as docker does. */
  get wantedBuilder(): WantedBuilder | undefined {
    return this.wanted ?? (this.settings?.engineKind === 'podman' ? 'buildah' : undefined);
  }

  /** The images that a prediction needs to know. */
  imagesWith(known: KnownImages): readonly string[] {
    const { request } = this;
    return request === undefined ? [] : imagesOf(this.document.getText(), request, hostPlatform(), known);
  }

  /** What is built as the settings and choices say; undefined before they are read. */
  get request(): BuildRequest | undefined {
    return this.settings && this.requestFor(this.settings);
  }

  /** Nothing more is to be expected of what the engine said last. */
  get isSettled(): boolean {
    const { result } = this.engine ?? {};
    return result === undefined || result.kind === 'none' || result.settled;
  }

  /** What a build of an order would do now with an engine that was asked; undefined before the first look. */
  predictionOf(order: BuildOrder, { result }: Pick<AskedEngine, 'result'>): Prediction | undefined {
    return this.current() && this.projectOf(order, result)?.prediction;
  }

  /** A build of an order begins: it is what shows whether the prediction for it was right. */
  building(order: BuildOrder): void {
    const { ledger } = this.scope;
    const result = this.engine?.result;
    const isWhole = order.toLine === undefined && this.isContext(order.context);
    const made = isWhole && result !== undefined ? this.projectOf(order, result) : undefined;
    if (made !== undefined) ledger.predicted(order, made, this.notedContext());
    ledger.noteNow();
  }

  private projectOf(order: BuildOrder, result: EvidenceResult): ProjectPrediction | undefined {
    const { settings, request: shown } = this;
    if (settings === undefined || shown === undefined) return undefined;
    const text = textOf(order, this.document.getText());
    const context = this.isContext(order.context) ? this.context : undefined;
    return this.make(settings, { request: requestOfOrder(order, shown), text, context, result, baseline: undefined });
  }

  /** Files of another folder were not looked at. */
  private isContext(folder: string): boolean {
    const { context } = this;
    return context !== undefined && (folder === context.root || real(folder) === context.root);
  }

  /** Finds out context and engine (again), looks at both, predicts. Never rejects. */
  prepare(): Promise<void> {
    this.settling = this.settling.then(() => this.start()).catch(() => undefined);
    return this.settling;
  }

  /** Resolves when the first look at files and engine is done. */
  whenReady(): Promise<void> {
    return this.settling;
  }

  /** The prediction for the present text; undefined until there is one. Reads nothing. */
  current(): Prediction | undefined {
    if (this.ready && !this.disposed) this.predict();
    return this.answer?.prediction;
  }

  /** What the current prediction is for. */
  get shown(): Answer | undefined {
    this.current();
    return this.answer;
  }

  /** The text changed: what is shown follows when it is asked for. */
  changed(): void {
    const before = this.answer;
    this.current();
    if (this.answer !== before) this.scope.changed(this);
    void this.wantedFiles.read();
    this.askForNewImages();
    this.askNetworkSoon();
  }

  /** The engine or the files have news. */
  refreshed(): void {
    if (!this.ready) return;
    this.checkedAt = Date.now();
    this.tell();
    void this.wantedFiles.read().then(() => this.wantedFiles.readAheadSoon());
    this.askNetworkSoon();
    void this.checkBaseline();
  }

  /** Predicts again, and says so. */
  private tell(): void {
    this.current();
    this.scope.changed(this);
  }

  /** A branch may have moved since. `refresh`: that is looked at even if it was a moment ago. Never rejects. */
  async checkBaseline(refresh = false): Promise<void> {
    const { baseline, context } = this;
    if (baseline === undefined || context === undefined || !(await baseline.check(context.root, refresh))) return;
    if (this.isDisposed()) return;
    this.tell();
    await this.wantedFiles.read();
  }

  /** The choices for this Dockerfile changed. */
  chosen(): void {
    this.made = undefined;
    this.answer = undefined;
    const { builder, commit, context } = this.scope.choices(this.uri) ?? {};
    const isOther = builder !== this.wanted || commit !== this.baseline?.ref || context !== this.wantedContext;
    // the first look may still be under way, and have begun with other choices
    if (this.settings !== undefined && isOther) {
      void this.prepare();
      return;
    }
    this.refreshed();
  }

  /** What the build will not see as it is on the screen, as sentences. */
  unsaved(): readonly string[] {
    const own = fileURLToPath(this.uri);
    const paths = this.scope.unsaved();
    const taken = paths.filter((path) => path !== own && (this.whatIf.changed(path)?.takenBy.length ?? 0) > 0);
    const name = (path: string): string => relative(this.contextPath ?? dirname(own), path);
    return [
      ...(paths.includes(own) ? [`${basename(own)} is not saved: a build reads the file on disk`] : []),
      ...taken.map((path) => `${name(path)} is not saved: a build takes what is on disk`),
    ];
  }

  /** What would be built here now, to compare it with past builds; undefined when nothing was looked at yet. */
  present(): PresentState | undefined {
    const { context, engine, settings } = this;
    if (context === undefined || settings === undefined || context.scans === 0) return undefined;
    const { result } = engine ?? {};
    const evidence = result?.kind === 'evidence' ? result.evidence : undefined;
    const chain = result?.kind === 'classic' || result?.kind === 'buildah' ? result : undefined;
    return { context, evidence, chain, project: () => this.project(settings) };
  }

  /** The Dockerfile that a past build was made from, or a sentence why nobody has it. */
  async dockerfileOf(
    ref: string,
    signal: AbortSignal,
  ): Promise<{ readonly text: string } | { readonly reason: string }> {
    try {
      return (await this.engine?.dockerfileOf(ref, signal)) ?? { reason: 'There is no engine to ask for past builds.' };
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      return { reason: `The engine could not be asked for the Dockerfile of this build: ${why}` };
    }
  }

  private notedContext(): NotedContext {
    const { context, engine } = this;
    const { result } = engine ?? {};
    const isSettled = result !== undefined && result.kind !== 'none' && result.settled;
    return { patterns: context?.rules?.patterns ?? [], tree: context?.index.tree, isSettled };
  }

  usesEngine(engine: EngineSession): boolean {
    return this.engine === engine;
  }

  dispose(): void {
    this.disposed = true;
    this.release();
  }

  private release(): void {
    for (const stop of this.stopListening.splice(0)) stop();
    if (this.context !== undefined) this.scope.contexts.release(this.context);
    if (this.engine !== undefined) this.scope.engines.release(this.engine, this);
    this.context = undefined;
    this.engine = undefined;
    this.baseline = undefined;
    this.made = undefined;
    this.wantedFiles.stop();
    this.wantedRemotes.stop();
  }

  private async start(): Promise<void> {
    const settings = await this.scope.settings.of(this.uri);
    if (this.disposed) return;
    this.release();
    this.settings = settings;
    const dockerfile = fileURLToPath(this.uri);
    if (!this.scope.trusted()) {
      this.scope.engines.tell({ code: 'untrusted', message: UNTRUSTED.message });
    } else {
      this.scope.ledger.setLimit(settings.ledgerMegabytes);
      const { builder, commit, context: chosenContext } = this.scope.choices(this.uri) ?? {};
      this.wanted = builder;
      this.wantedContext = chosenContext;
      if (commit !== undefined) {
        this.baseline = new CommitBaseline(commit, dockerfile, this.scope.env);
        this.scope.engines.tell({ code: 'none', message: `no engine is asked: compared with git:${commit}` });
      } else if (settings.engineKind === 'none') {
        this.scope.engines.tell({ code: 'none', message: SWITCHED_OFF.message });
      } else {
        this.engine = this.scope.engines.get(settings, this.wantedBuilder);
        this.engine.use(this, (known) => this.imagesWith(known));
      }
      // ignore files differ between builders
      const family = (await this.engine?.family()) ?? 'buildkit';
      if (this.isDisposed()) return;
      const folder = contextFolder(settings, dockerfile, this.scope.folders(), this.scope.env, chosenContext);
      const context = this.scope.contexts.get(folder, dockerfile, family);
      this.context = context;
      this.stopListening.push(context.onChanged(() => this.refreshed()));
      await Promise.all([
        context.scans > 0 ? undefined : context.scan(),
        this.engine?.load(),
        this.baseline?.check(context.root),
      ]);
    }
    if (this.isDisposed()) return;
    this.ready = true;
    this.refreshed();
  }

  /** Asked after waiting. */
  private isDisposed(): boolean {
    return this.disposed;
  }

  private requestFor(settings: DockerfileSettings): BuildRequest {
    return requestOf(settings, this.scope.choices(this.uri));
  }

  private predict(): void {
    const { settings, document } = this;
    if (settings === undefined) return;
    this.context?.freshen();
    const basis = this.basis();
    const { answer } = this;
    const text = document.getText();
    if (answer?.text === text && same(answer.basis, basis)) return;
    // an image that nobody asked for yet is not an image that is not there
    if (answer !== undefined && this.hasUnaskedImages()) return;
    const project = this.project(settings);
    const { prediction } = project;
    this.scope.ledger.predicted(this, project, this.notedContext());
    this.answer = { prediction, text, version: document.version, basis };
    if (!prediction.problems.some((one) => one.code === 'bad-instruction')) this.lastGood = this.answer;
  }

  /** What a prediction stands on besides the text: as long as all of it is the same, so is the prediction. */
  private basis(): readonly unknown[] {
    return [
      this.context,
      this.context?.scans,
      this.wantedFiles.reads,
      this.engine?.result,
      this.baseline?.state,
      this.settings,
      this.remotes(),
      this.scope.ledger.downgrades,
    ];
  }

  /** The prediction for what there is now; made once for each text and basis. */
  private project(settings: DockerfileSettings): ProjectPrediction {
    const [text, basis] = [this.document.getText(), this.basis()];
    if (this.made?.text !== text || !same(this.made.basis, basis)) {
      this.made = { text, basis, project: this.make(settings) };
    }
    return this.made.project;
  }

  /** Every file that the build takes from its context; undefined without one. */
  takenFiles(): ReadonlySet<ContextNode> | undefined {
    const { settings } = this;
    if (settings === undefined || !this.ready || this.disposed) return undefined;
    return this.project(settings).context?.taken();
  }

  /** What the instruction at a place of the prediction's steps would copy into its layer now. */
  copied(step: number): CopiedFiles {
    if (this.settings === undefined) return { kind: 'unknown', why: 'the Dockerfile is not predicted yet' };
    return this.project(this.settings).copied(step);
  }

  /** Lines of the instructions that take a file of the build context. */
  linesTaking(path: string): readonly LineRange[] {
    const cost = this.settings && this.project(this.settings).costOf(path);
    return cost?.takenBy.map(({ line }) => line) ?? [];
  }

  /** Absolute path of the ignore file that counts, or of the one that would. */
  get ignoreFile(): string | undefined {
    const { context } = this;
    return context === undefined ? undefined : (context.rules?.file ?? join(context.root, '.dockerignore'));
  }

  private make(
    settings: DockerfileSettings,
    otherwise: Partial<Omit<ProjectParts, 'dockerfile' | 'noEvidence'>> = {},
  ): ProjectPrediction {
    const { context, engine, baseline, scope } = this;
    return makeProject({
      text: this.document.getText(),
      dockerfile: fileURLToPath(this.uri),
      request: this.requestFor(settings),
      ...{ context, baseline, result: engine?.result, ...otherwise },
      noEvidence: scope.trusted() ? SWITCHED_OFF : UNTRUSTED,
      remotes: this.remotes(),
      downgrades: scope.ledger.downgrades,
      others: scope.contexts.others.known,
    });
  }

  /** What the network said; undefined where it may not be asked. */
  private remotes(): Remotes | undefined {
    return this.settings?.networkLookups === true && this.scope.trusted() ? this.scope.network.remotes : undefined;
  }

  /** Asks the network in the background, if that is allowed, once the file is on disk as it is here. */
  askNetworkSoon(): void {
    if (this.remotes() === undefined || this.isDisposed()) this.wantedRemotes.stop();
    else this.wantedRemotes.askSoon();
  }

  /** The same at once. Never rejects. */
  askNetwork(refresh = false): Promise<void> {
    return this.wantedRemotes.ask(refresh);
  }

  /** Undefined where the network may not be asked, or would be asked for half a name. */
  private askingState(): AskingState | undefined {
    const { settings, engine } = this;
    if (settings === undefined || engine?.result?.kind !== 'evidence' || this.remotes() === undefined) return undefined;
    if (!this.ready || this.disposed || this.scope.unsaved().includes(this.dockerfile)) return undefined;
    return { text: this.document.getText(), request: this.requestFor(settings), result: engine.result };
  }

  private whatIfState(): WhatIfState | undefined {
    const { settings, engine } = this;
    // what is not on the screen yet is no answer
    if (settings === undefined || this.current() === undefined) return undefined;
    return {
      project: this.project(settings),
      contextPath: this.contextPath,
      comparesWithCommit: this.comparesWithCommit,
      knowsEngine: engine?.result !== undefined && engine.result.kind !== 'none',
      make: (otherwise) => this.make(settings, otherwise),
    };
  }

  private readingState(): ReadingState | undefined {
    const { context, settings, baseline } = this;
    if (context === undefined || settings === undefined || this.disposed) return undefined;
    return { context, baseline, project: this.project(settings) };
  }

  private hasUnaskedImages(): boolean {
    const { settings, engine } = this;
    const result = engine?.result;
    if (settings === undefined || result === undefined || result.kind === 'none') return false;
    const asked = result.kind === 'evidence' ? result.evidence.images : result.evidence.named;
    return this.project(settings).images.some((name) => !asked.has(name));
  }

  private askForNewImages(): void {
    if (this.ready && this.hasUnaskedImages()) void this.engine?.load();
  }
}

function same(a: unknown, b: readonly unknown[]): boolean {
  return Array.isArray(a) && a.length === b.length && a.every((one, index) => one === b[index]);
}
