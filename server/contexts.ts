import { join, relative, isAbsolute } from 'node:path';
import { ContextIndex, readIgnoreRules, type IgnoreRules } from '../core/node/context/contextIndex';
import { OtherContexts } from '../core/node/context/otherContexts';
import { HashPool } from '../core/node/hash/pool';
import { stateFolder } from '../core/node/store/stateFolder';
import type { ContextNode } from '../core/context/tree';
import { Repeated } from './repeated';
import type { ServerHost } from './server';
import type { FileWatchers } from './watchers';

/** Milliseconds of quiet after a file change before the files are looked at. */
const QUIET = 100;
/** A scan is followed by a pause of so many times its own length at least. */
const PAUSE_FACTOR = 2;
/** Milliseconds after the last change until what is known is written to disk. */
const SAVE_AFTER = 2000;
/** Bytes that are read ahead, so that a change of them is recognised for certain. */
const READ_AHEAD = 256_000_000;

/** One build context under one set of ignore rules, kept up to date while a Dockerfile that uses it is open. */
export class ContextSession {
  readonly index: ContextIndex;
  rules: IgnoreRules | undefined;
  /** How often the files were looked at; 0: not yet. */
  scans = 0;
  private users = 0;
  private readonly looking = new Repeated(() => this.look());
  private timer: NodeJS.Timeout | undefined;
  private saveTimer: NodeJS.Timeout | undefined;
  private readonly saving = new Repeated(async () => {
    await this.index.save();
  });
  private lastTook = 0;
  private readonly stop = new AbortController();
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly root: string,
    readonly dockerfile: string,
    folder: string,
    pool: HashPool,
    private readonly log: (message: string) => void,
  ) {
    this.index = new ContextIndex(root, folder, pool);
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
    return path === `${this.dockerfile}.dockerignore`;
  }

  /** Looks at the files soon; many calls become one look. */
  touch(): void {
    if (this.timer !== undefined || this.stop.signal.aborted) return;
    const wait = Math.max(QUIET, this.lastTook * PAUSE_FACTOR);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.scan();
    }, wait);
  }

  /** Looks at the files now; a call during a look is answered by the next one. */
  scan(): Promise<void> {
    return this.looking.run();
  }

  /** Reads files whose content would make an answer certain. */
  async read(nodes: Iterable<ContextNode>): Promise<void> {
    await this.index.read(nodes, this.stop.signal);
    this.saveSoon();
  }

  /** Reads what the builds of this context take, so that the next change of it is certain. */
  async readAhead(nodes: Iterable<ContextNode>): Promise<void> {
    await this.index.readAhead(nodes, READ_AHEAD, this.stop.signal).catch(() => undefined);
    this.saveSoon();
  }

  async dispose(): Promise<void> {
    this.stop.abort();
    clearTimeout(this.timer);
    if (this.saveTimer !== undefined) {
      clearTimeout(this.saveTimer);
      await this.saving.run();
    }
    await this.saving.settled();
  }

  private async look(): Promise<void> {
    const started = Date.now();
    try {
      const rules = readIgnoreRules(this.root, this.dockerfile);
      await this.index.scan(rules, this.stop.signal);
      this.rules = rules;
      this.scans++;
    } catch (error) {
      if (this.stop.signal.aborted) return;
      this.log(`Looking at ${this.root} failed: ${error instanceof Error ? error.message : String(error)}`);
      return;
    } finally {
      this.lastTook = Date.now() - started;
    }
    this.saveSoon();
    for (const listener of this.listeners) listener();
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
  /** Sessions that still write down what they know. */
  private readonly closing = new Set<Promise<void>>();
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
  get(root: string, dockerfile: string): ContextSession {
    const key = join(root, '\0', dockerfile);
    let session = this.sessions.get(key);
    if (session === undefined) {
      session = new ContextSession(root, dockerfile, this.folder, this.pool, this.log);
      this.sessions.set(key, session);
      this.watchers.watch(root);
    }
    session.use();
    return session;
  }

  release(session: ContextSession): void {
    if (!session.release()) return;
    this.sessions.delete(join(session.root, '\0', session.dockerfile));
    const others = [...this.sessions.values()].some((one) => one.root === session.root);
    if (!others) this.watchers.unwatch(session.root);
    const closing = session.dispose().finally(() => this.closing.delete(closing));
    this.closing.add(closing);
  }

  /** Tells the contexts that a file changed on disk. */
  fileChanged(path: string): void {
    for (const session of this.sessions.values()) if (session.concerns(path)) session.touch();
  }

  /** Looks at all files again. */
  async refresh(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.scan()));
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.closing, ...[...this.sessions.values()].map((session) => session.dispose())]);
    this.sessions.clear();
    this.pool.dispose();
  }
}
