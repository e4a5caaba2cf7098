import { isAbsolute, relative, sep } from 'node:path';
import type { WantedDigest } from '../core/buildah/contextCopies';
import { ContextIndex, ignoreFiles, readIgnoreRules, type IgnoreRules } from '../core/node/context/contextIndex';
import { OtherContexts } from '../core/node/context/otherContexts';
import { HashPool } from '../core/node/hash/pool';
import { stateFolder } from '../core/node/store/stateFolder';
import type { ContextNode } from '../core/context/tree';
import type { BuilderKind } from '../core/model';
import { Repeated } from './repeated';
import type { ServerHost } from './server';
import type { FileWatchers } from './watchers';

/** Milliseconds between looks at files that changed; the first change after a pause is looked at immediately. */
const QUIET = 100;
/** A look at everything is followed by a pause of so many times its own length at least; longer when nobody waits. */
const PAUSE_FACTOR = 2;
const IDLE_PAUSE_FACTOR = 10;
/** More changed paths than this are looked at with everything else. */
const MANY = 300;
/**
 * Events are not the whole truth: `files.watcherExclude` hides what happens in `node_modules` and `.git`, and a burst
 * may lose some. So everything is looked at again so many milliseconds after the last event, and in a series of events
 * at least so often; when somebody looks at the answers, what is older than `FRESH` is not left at that either. Besides,
 * a build that ended is followed by a look at everything, which is what says what it saw.
 */
const WHOLE_AFTER = 1000;
const WHOLE_LATEST = 10_000;
const FRESH = 30_000;
/** The editor's watcher takes a while to start and does not say when it has: what changes meanwhile is found by these. */
const EARLY: readonly number[] = [1000, 3000, 8000, 20_000, 60_000];
/** Milliseconds after the last change until what is known is written to disk. */
const SAVE_AFTER = 2000;
/** Bytes that are read ahead, so that a change of them is recognised for certain. */
const READ_AHEAD = 256_000_000;

/** One build context under one set of ignore rules, kept up to date while a Dockerfile that uses it is open. */
export class ContextSession {
  readonly index: ContextIndex;
  rules: IgnoreRules | undefined;
  /** Rises with every look that may have found something; 0: not looked yet. */
  scans = 0;
  private users = 0;
  private readonly looking = new Repeated(() => this.look());
  /** The rules of a look at everything that is under way. */
  private rulesOfWhole: IgnoreRules | undefined;
  /** Paths to be looked at, relative with `/`. */
  private changed = new Set<string>();
  /** The next look is one at everything. */
  private isWholeDue = true;
  private timer: NodeJS.Timeout | undefined;
  private wholeTimer: NodeJS.Timeout | undefined;
  private earlyTimer: NodeJS.Timeout | undefined;
  /** Until when the look at everything may be put off. */
  private wholeLatest: number | undefined;
  private lastLook = 0;
  private lastWhole = 0;
  private saveTimer: NodeJS.Timeout | undefined;
  private readonly saving = new Repeated(() => this.save());
  private lastTook = 0;
  private readonly stop = new AbortController();
  private readonly listeners = new Set<() => void>();
  /** Where ignore rules may be. */
  private readonly ignoreFiles: readonly string[];

  constructor(
    readonly root: string,
    readonly dockerfile: string,
    readonly builder: BuilderKind,
    folder: string,
    pool: HashPool,
    private readonly log: (message: string) => void,
    /** Resolves when others wrote down what they know of this folder; never rejects. */
    private readonly written?: Promise<unknown>,
  ) {
    this.index = new ContextIndex(root, folder, pool);
    this.ignoreFiles = ignoreFiles(root, dockerfile, builder);
  }

  onChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  use(): void {
    this.users++;
  }

  /** Returns true when nobody uses it any more. */
  release(): boolean {
    return --this.users <= 0;
  }

  /** Does a changed path concern this context? */
  concerns(path: string): boolean {
    const below = relative(this.root, path);
    if (below === '' || (!below.startsWith('..') && !isAbsolute(below))) return true;
    return this.ignoreFiles.includes(path);
  }

  /** Looks soon at a path that changed; many calls become one look. */
  touch(path: string): void {
    if (this.stop.signal.aborted) return;
    const below = relative(this.root, path).replaceAll(sep, '/');
    if (this.ignoreFiles.includes(path) || below === '' || this.changed.size >= MANY) this.isWholeDue = true;
    else this.changed.add(below);
    if (this.timer !== undefined) return;
    const pause = this.isWholeDue ? Math.max(QUIET, this.lastTook * PAUSE_FACTOR) : QUIET;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        if (this.canLookBetween()) void this.lookBetween();
        else void this.looking.run();
      },
      Math.max(0, this.lastLook + pause - Date.now()),
    );
  }

  /** Is everything being looked at anyway, under the rules that are in force? */
  private canLookBetween(): boolean {
    const { rules, rulesOfWhole, isWholeDue } = this;
    return (
      !isWholeDue &&
      rules !== undefined &&
      rulesOfWhole !== undefined &&
      (rules.matcher === undefined) === (rulesOfWhole.matcher === undefined) &&
      JSON.stringify(rules.patterns) === JSON.stringify(rulesOfWhole.patterns)
    );
  }

  /**
   * Looks at paths that changed during a look at everything, which may take long. Each folder is listed and noted in one
   * go, so the two do not disturb each other.
   */
  private async lookBetween(): Promise<void> {
    const { rules, changed } = this;
    if (rules === undefined) return;
    this.changed = new Set();
    await this.tellIf(() => this.lookAt(changed, rules));
  }

  /** Somebody looks at the answers: they should not rest on a look that is too old. */
  freshen(): void {
    const isDue = this.scans > 0 && Date.now() - this.lastWhole > Math.max(FRESH, this.idlePause);
    if (isDue && this.wholeTimer === undefined) this.lookAtAllSoon();
  }

  /** Looks at all files now; a call during a look is answered by the next one. */
  scan(): Promise<void> {
    this.isWholeDue = true;
    return this.looking.run();
  }

  /** Reads files whose content would make an answer certain. */
  async read(
    nodes: Iterable<ContextNode>,
    headers?: ReadonlyMap<ContextNode, string>,
    digests: readonly WantedDigest[] = [],
  ): Promise<void> {
    const isOther = await this.index.read(nodes, this.stop.signal, headers);
    await this.index.digest(digests, this.stop.signal);
    this.saveSoon();
    if (isOther) this.tellChanged();
  }

  /** Reads what the builds of this context take, so that the next change of it is certain. */
  async readAhead(nodes: Iterable<ContextNode>): Promise<void> {
    const isOther = await this.index.readAhead(nodes, READ_AHEAD, this.stop.signal).catch(() => false);
    this.saveSoon();
    if (isOther) this.tellChanged();
  }

  /** Whoever reads a file may be the first to see that it changed; for later looks it is as it is known. */
  private tellChanged(): void {
    if (this.stop.signal.aborted) return;
    this.scans++;
    for (const listener of this.listeners) listener();
  }

  async dispose(): Promise<void> {
    this.stop.abort();
    clearTimeout(this.timer);
    clearTimeout(this.wholeTimer);
    clearTimeout(this.earlyTimer);
    clearTimeout(this.saveTimer);
    // reading may have been given up before it asked for it
    if (this.scans > 0 && (this.saveTimer !== undefined || this.index.hasNews)) await this.saving.run();
    await this.saving.settled();
  }

  private get idlePause(): number {
    return this.lastTook * IDLE_PAUSE_FACTOR;
  }

  private async look(): Promise<void> {
    const rules = this.isWholeDue ? undefined : this.rules;
    const paths = this.changed;
    this.isWholeDue = false;
    this.changed = new Set();
    await this.tellIf(() => (rules === undefined ? this.lookAtAll() : this.lookAt(paths, rules)));
  }

  /** Looks, and tells when there is news. */
  private async tellIf(look: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await look())) return;
    } catch (error) {
      if (this.stop.signal.aborted) return;
      this.log(`Looking at ${this.root} failed: ${error instanceof Error ? error.message : String(error)}`);
      return;
    } finally {
      this.lastLook = Date.now();
    }
    for (const listener of this.listeners) listener();
  }

  /** True when something is not as it was known. */
  private async lookAtAll(): Promise<boolean> {
    clearTimeout(this.wholeTimer);
    this.wholeTimer = undefined;
    this.wholeLatest = undefined;
    if (this.scans === 0) await this.written;
    const started = Date.now();
    const before = this.state();
    const rules = readIgnoreRules(this.root, this.dockerfile, this.builder);
    this.rulesOfWhole = rules;
    try {
      await this.index.scan(rules, this.stop.signal);
    } finally {
      this.rulesOfWhole = undefined;
      this.lastTook = Date.now() - started;
    }
    this.rules = rules;
    this.lastWhole = started;
    // that it was seen again may settle what was open, so whoever asks gets a new answer
    this.scans++;
    if (this.scans === 1) this.lookEarly(EARLY);
    this.saveSoon();
    return this.scans === 1 || before !== this.state();
  }

  /** Looks at everything after each of some pauses. */
  private lookEarly([pause, ...others]: readonly number[]): void {
    if (pause === undefined || this.stop.signal.aborted) return;
    this.earlyTimer = setTimeout(
      () => void this.scan().then(() => this.lookEarly(others)),
      Math.max(pause, this.idlePause),
    );
  }

  private async lookAt(paths: ReadonlySet<string>, rules: IgnoreRules): Promise<boolean> {
    const before = this.state();
    await this.index.update(paths, rules, this.stop.signal);
    this.lookAtAllSoon();
    if (before === this.state()) return false;
    this.scans++;
    this.saveSoon();
    return true;
  }

  private lookAtAllSoon(): void {
    if (this.stop.signal.aborted) return;
    const now = Date.now();
    this.wholeLatest ??= now + WHOLE_LATEST;
    clearTimeout(this.wholeTimer);
    const soon = Math.min(now + WHOLE_AFTER, this.wholeLatest);
    const wait = Math.max(soon - now, this.lastWhole + this.idlePause - now);
    this.wholeTimer = setTimeout(() => void this.scan(), wait);
  }

  /** Another text whenever an answer may be another one. */
  private state(): string {
    const { tree, problems } = this.index;
    const { patterns = [], problems: ruleProblems = [] } = this.rules ?? {};
    return JSON.stringify([tree.changes, tree.parentChanged, tree.movedAt, problems, patterns, ruleProblems]);
  }

  /** Another window or the command line may have written down more than is known here: an answer may rest on it. */
  private async save(): Promise<void> {
    const before = this.index.tree.changes;
    await this.index.save();
    if (this.index.tree.changes !== before) this.tellChanged();
  }

  private saveSoon(): void {
    clearTimeout(this.saveTimer);
    if (this.stop.signal.aborted) return;
    this.saveTimer = setTimeout(() => {
      this.saveTimer = undefined;
      void this.saving.run();
    }, SAVE_AFTER);
  }
}

/** The build contexts of the open Dockerfiles. */
export class ContextSessions {
  private readonly sessions = new Map<string, ContextSession>();
  /** Sessions that still write down what they know, with their folders. */
  private readonly closing = new Map<Promise<void>, string>();
  private readonly pool: HashPool;
  private readonly folder: string;
  /** What is remembered of contexts that no open Dockerfile has. */
  readonly others: OtherContexts;

  constructor(
    host: ServerHost,
    private readonly watchers: FileWatchers,
    private readonly log: (message: string) => void,
  ) {
    this.pool = new HashPool(host.hashWorker);
    this.folder = stateFolder(host.env);
    this.others = new OtherContexts(this.folder);
  }

  /** The session of a context; whoever gets it releases it. */
  get(root: string, dockerfile: string, builder: BuilderKind): ContextSession {
    const key = keyOf(root, dockerfile, builder);
    let session = this.sessions.get(key);
    if (session === undefined) {
      const written = [...this.closing].flatMap(([closing, folder]) => (folder === root ? [closing] : []));
      session = new ContextSession(root, dockerfile, builder, this.folder, this.pool, this.log, Promise.all(written));
      this.sessions.set(key, session);
      this.watchers.watch(root);
    }
    session.use();
    return session;
  }

  release(session: ContextSession): void {
    if (!session.release()) return;
    this.sessions.delete(keyOf(session.root, session.dockerfile, session.builder));
    const others = [...this.sessions.values()].some((one) => one.root === session.root);
    if (!others) this.watchers.unwatch(session.root);
    const closing = session.dispose().finally(() => this.closing.delete(closing));
    this.closing.set(closing, session.root);
  }

  /** Tells the contexts that a file changed on disk. */
  fileChanged(path: string): void {
    for (const session of this.sessions.values()) if (session.concerns(path)) session.touch(path);
  }

  /** Looks at all files again. */
  async refresh(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.scan()));
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.closing.keys(), ...[...this.sessions.values()].map((session) => session.dispose())]);
    this.sessions.clear();
    this.pool.dispose();
  }
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
