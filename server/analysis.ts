import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ContextNode } from '../core/context/tree';
import type { BuildOrder, LineRange, Prediction } from '../core/model';
import type { WantedBuilder } from '../core/node/engines/builderKind';
import { hostPlatform } from '../core/node/hostPlatform';
import type { BuildRequest } from '../core/plan/graph';
import type { CopiedFiles } from '../core/predict/copiedFiles';
import { imagesOf, type KnownImages } from '../core/predict/project';
import type { Answer, AskedEngine, PresentState } from './answers';
import { BasisSources, type SourcesScope } from './basisSources';
import type { EngineSession } from './engines';
import type { NotedContext } from './ledger';
import { isSame, PredictionBasis } from './predictionBasis';
import type { DockerfileSettings, Settings } from './settings';
import { WantedFiles, type ReadingState } from './wantedFiles';
import { WantedRemotes, type AskingState } from './wantedRemotes';
import { WhatIf, type WhatIfState } from './whatIf';

/** What analyses share. */
export interface AnalysisScope extends SourcesScope {
  readonly settings: Settings;
  /** Absolute paths of files with changes that are not on disk yet. */
  readonly unsaved: () => readonly string[];
  /** There is a new prediction. */
  readonly changed: (analysis: Analysis) => void;
}

/** One open Dockerfile: its text, what it stands on, and the latest prediction. */
export class Analysis {
  /** The latest answer whose Dockerfile the builder would accept; what is shown while the text is half typed. */
  lastGood: Answer | undefined;
  /** When engine and files were last looked at, in milliseconds since the epoch. */
  checkedAt: number | undefined;
  private answer: (Answer & { readonly basis: readonly unknown[] }) | undefined;
  private readonly basis: PredictionBasis;
  private readonly sources: BasisSources;
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
    this.basis = new PredictionBasis(
      () => this.document,
      scope,
      () => this.wantedFiles.reads,
    );
    this.sources = new BasisSources(this.basis, scope, {
      uri: document.uri,
      dockerfile: this.dockerfile,
      images: (known) => this.imagesWith(known),
      refreshed: () => this.refreshed(),
      isDisposed: () => this.disposed,
    });
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
    return this.basis.context?.root;
  }

  /** The engine with what it said last; undefined before its first answer, and where none is asked. */
  get askedEngine(): AskedEngine | undefined {
    const { engine } = this.basis;
    return engine?.result && { result: engine.result, keepsImages: engine.keepsImages };
  }

  /** A commit counts as the last build: no engine is asked. */
  get comparesWithCommit(): boolean {
    return this.basis.baseline !== undefined;
  }

  /** The family of builder that somebody chose; undefined: found out as docker does. */
  get wantedBuilder(): WantedBuilder | undefined {
    return this.sources.wantedBuilder;
  }

  /** The images that a prediction needs to know. */
  imagesWith(known: KnownImages): readonly string[] {
    const { request } = this;
    return request === undefined ? [] : imagesOf(this.document.getText(), request, hostPlatform(), known);
  }

  get settings(): DockerfileSettings | undefined {
    return this.basis.settings;
  }

  /** What is built as the settings and choices say; undefined before they are read. */
  get request(): BuildRequest | undefined {
    return this.basis.request;
  }

  /** Nothing more is to be expected of what the engine said last. */
  get isSettled(): boolean {
    const result = this.basis.engine?.result;
    return result === undefined || result.kind === 'none' || result.settled;
  }

  /** What a build of an order would do now with an engine that was asked; undefined before the first look. */
  predictionOf(order: BuildOrder, { result }: Pick<AskedEngine, 'result'>): Prediction | undefined {
    return this.current() && this.basis.projectOf(order, result)?.prediction;
  }

  /** A build of an order begins: it is what shows whether the prediction for it was right. */
  building(order: BuildOrder): void {
    const { ledger } = this.scope;
    const { basis } = this;
    const result = basis.engine?.result;
    const isWhole = order.toLine === undefined && basis.isContext(order.context);
    const made = isWhole && result !== undefined ? basis.projectOf(order, result) : undefined;
    if (made !== undefined) ledger.predicted(order, made, this.notedContext());
    ledger.noteNow();
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
    const { context, engine } = this.basis;
    if (engine?.result?.kind === 'evidence') context?.index.noteBuilds(engine.result.evidence);
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
    const { baseline, context } = this.basis;
    if (baseline === undefined || context === undefined || !(await baseline.check(context.root, refresh))) return;
    if (this.isDisposed()) return;
    this.tell();
    await this.wantedFiles.read();
  }

  /** The choices for this Dockerfile changed. */
  chosen(): void {
    this.basis.forget();
    this.answer = undefined;
    // the first look may still be under way, and have begun with other choices
    if (this.settings !== undefined && this.sources.areOthers(this.scope.choices(this.uri))) {
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
    const { context, engine, settings } = this.basis;
    if (context === undefined || settings === undefined || context.scans === 0) return undefined;
    const { result } = engine ?? {};
    const evidence = result?.kind === 'evidence' ? result.evidence : undefined;
    const chain = result?.kind === 'classic' || result?.kind === 'buildah' ? result : undefined;
    return { context, evidence, chain, project: () => this.basis.projectWith(settings) };
  }

  /** The Dockerfile that a past build was made from, or a sentence why nobody has it. */
  async dockerfileOf(
    ref: string,
    signal: AbortSignal,
  ): Promise<{ readonly text: string } | { readonly reason: string }> {
    try {
      return (
        (await this.basis.engine?.dockerfileOf(ref, signal)) ?? { reason: 'There is no engine to ask for past builds.' }
      );
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      return { reason: `The engine could not be asked for the Dockerfile of this build: ${why}` };
    }
  }

  private notedContext(): NotedContext {
    const { context, engine } = this.basis;
    const { result } = engine ?? {};
    const isSettled = result !== undefined && result.kind !== 'none' && result.settled;
    return { patterns: context?.rules?.patterns ?? [], tree: context?.index.tree, isSettled };
  }

  usesEngine(engine: EngineSession): boolean {
    return this.basis.engine === engine;
  }

  dispose(): void {
    this.disposed = true;
    this.sources.release();
    this.wantedFiles.stop();
    this.wantedRemotes.stop();
  }

  private async start(): Promise<void> {
    const settings = await this.scope.settings.of(this.uri);
    if (this.disposed) return;
    this.wantedFiles.stop();
    this.wantedRemotes.stop();
    await this.sources.find(settings);
    if (this.isDisposed()) return;
    this.ready = true;
    this.refreshed();
  }

  /** Asked after waiting. */
  private isDisposed(): boolean {
    return this.disposed;
  }

  private predict(): void {
    const { basis, answer } = this;
    const { settings, text } = basis;
    if (settings === undefined) return;
    basis.context?.freshen();
    const parts = basis.parts();
    if (answer?.text === text && isSame(answer.basis, parts)) return;
    if (answer !== undefined && basis.hasUnaskedImages) return;
    const project = basis.projectWith(settings);
    const { prediction } = project;
    this.scope.ledger.predicted(this, project, this.notedContext());
    this.answer = { prediction, text, basis: parts };
    if (!prediction.problems.some((one) => one.code === 'bad-instruction')) this.lastGood = this.answer;
  }

  /** Every file that the build takes from its context; undefined without one. */
  takenFiles(): ReadonlySet<ContextNode> | undefined {
    return this.ready && !this.disposed ? this.basis.project()?.context?.taken() : undefined;
  }

  /** What the instruction at a place of the prediction's steps would copy into its layer now. */
  copied(step: number): CopiedFiles {
    return this.basis.project()?.copied(step) ?? { kind: 'unknown', why: 'the Dockerfile is not predicted yet' };
  }

  /** Lines of the instructions that take a file of the build context. */
  linesTaking(path: string): readonly LineRange[] {
    return (
      this.basis
        .project()
        ?.costOf(path)
        ?.takenBy.map(({ line }) => line) ?? []
    );
  }

  /** Absolute path of the ignore file that counts, or of the one that would. */
  get ignoreFile(): string | undefined {
    const { context } = this.basis;
    return context === undefined ? undefined : (context.rules?.file ?? join(context.root, '.dockerignore'));
  }

  /** Asks the network in the background, if that is allowed, once the file is on disk as it is here. */
  askNetworkSoon(): void {
    if (this.basis.remotes === undefined || this.isDisposed()) this.wantedRemotes.stop();
    else this.wantedRemotes.askSoon();
  }

  /** The same at once. Never rejects. */
  askNetwork(refresh = false): Promise<void> {
    return this.wantedRemotes.ask(refresh);
  }

  /** Undefined where the network may not be asked, or would be asked for half a name. */
  private askingState(): AskingState | undefined {
    const { engine, request, remotes, text } = this.basis;
    if (request === undefined || engine?.result?.kind !== 'evidence' || remotes === undefined) return undefined;
    if (!this.ready || this.disposed || this.scope.unsaved().includes(this.dockerfile)) return undefined;
    return { text, request, result: engine.result };
  }

  private whatIfState(): WhatIfState | undefined {
    // what is not on the screen yet is no answer
    const project = this.current() && this.basis.project();
    const { settings, engine } = this.basis;
    if (settings === undefined || project === undefined) return undefined;
    return {
      project,
      contextPath: this.contextPath,
      comparesWithCommit: this.comparesWithCommit,
      knowsEngine: engine?.result !== undefined && engine.result.kind !== 'none',
      make: (otherwise) => this.basis.make(settings, otherwise),
    };
  }

  private readingState(): ReadingState | undefined {
    const { context, baseline } = this.basis;
    const project = context === undefined || this.disposed ? undefined : this.basis.project();
    return context === undefined || project === undefined ? undefined : { context, baseline, project };
  }

  private askForNewImages(): void {
    if (this.ready && this.basis.hasUnaskedImages) void this.basis.engine?.load();
  }
}
