import { sameState, TICK, type Entry, type Version } from './entry';

/** Past states that are kept of one path. */
const MAX_VERSIONS = 8;
/** Most paths never change: they share this. */
const NO_VERSIONS: readonly Version[] = [];

/** A path that got another state, content or past. */
export interface NodeChange {
  readonly node: ContextNode;
  /** The state that it had before. */
  readonly before: Entry | undefined;
}

/**
 * The past states of a path that are worth keeping, of those given, oldest first: a file may be saved many times between
 * two builds, and what it was at a build is what is asked for. The newest always stays.
 */
export function worthKeeping(versions: readonly Version[], transfers: readonly TimeSpan[]): readonly Version[] {
  let kept = versions;
  while (kept.length > MAX_VERSIONS) {
    const drop = kept.findIndex(
      (one, index) => index < kept.length - 1 && !transfers.some((span) => isDuring(one, span)),
    );
    kept = kept.toSpliced(Math.max(0, drop), 1);
  }
  return kept;
}

/** Had the path this state during all of a span of time? */
function isDuring({ ctime, seenTo }: Version, span: TimeSpan): boolean {
  return ctime < span.start && seenTo >= span.end;
}

/** Changes that are kept to be told one by one; who missed more has to look at everything. */
const MAX_LOG = 2000;

/**
 * Counts what is worth remembering, and says for which times; shared by all nodes of a tree. That a path was seen again
 * does not count.
 */
export class ChangeCount {
  value = 0;
  /** Of these, what changes which paths there are and where links point. */
  structure = 0;
  /** When builds took this context, as far as that is known: what paths were then is not forgotten for later states. */
  transfers: readonly TimeSpan[] = [];
  private log: NodeChange[] = [];
  /** Changes before those in the log. */
  private dropped = 0;

  /** A place in the log: that of the next change. */
  get position(): number {
    return this.dropped + this.log.length;
  }

  /** Logs a change, whether it counts or not. */
  note(node: ContextNode, before: Entry | undefined): void {
    if (this.log.length >= MAX_LOG) {
      this.dropped += this.log.length;
      this.log = [];
    }
    this.log.push({ node, before });
  }

  /** The changes from a place in the log on; undefined when they are not kept any more. */
  since(position: number): readonly NodeChange[] | undefined {
    return position < this.dropped ? undefined : this.log.slice(position - this.dropped);
  }
}

/**
 * One path of the build context with what is remembered of it. A path that is gone stays for a while as a ghost: what
 * it was is needed to compare with past builds.
 */
export class ContextNode {
  /** The present state; undefined for a ghost. */
  entry: Entry | undefined;
  /** Of the present content; only as good as {@link digestKept} says beyond this moment. */
  digest: string | undefined;
  /** False when the content was read so soon after a change that a second change may share its time stamp. */
  digestKept = false;
  /** SHA-256 over a text and then the present content: the classic builder's checksum of a file it was asked for. */
  sum: { readonly header: string; readonly digest: string } | undefined;
  /** The file begins like an archive that ADD unpacks; undefined until its first bytes were read. */
  archive: boolean | undefined;
  /** A directory that is ignored as a whole, so that nobody looked into it. */
  pruned = false;
  /** Milliseconds since the epoch of the last look. */
  seenTo = 0;
  /** When the names in this directory were last read, in milliseconds since the epoch. */
  listedAt = 0;
  /** Earlier states, oldest first. */
  versions: readonly Version[] = NO_VERSIONS;
  /** By name; undefined for what never was a directory. */
  children: Map<string, ContextNode> | undefined;
  readonly changes: ChangeCount;

  constructor(
    readonly name: string,
    readonly parent: ContextNode | undefined,
  ) {
    this.changes = parent?.changes ?? new ChangeCount();
  }

  /** Relative to the context with `/`; empty for the context itself. */
  get path(): string {
    if (this.parent === undefined) return '';
    const above = this.parent.path;
    return above === '' ? this.name : `${above}/${this.name}`;
  }

  /** Names of what is in this directory now. */
  names(): string[] {
    const names: string[] = [];
    for (const child of this.children?.values() ?? []) if (child.entry !== undefined) names.push(child.name);
    return names;
  }

  child(name: string): ContextNode | undefined {
    return this.children?.get(name);
  }

  /** The names in this directory were read while it had its present state, so that they are those that are there. */
  get isListedNow(): boolean {
    return this.isListed(this.listedAt);
  }

  /** The state that the path had during all of a span of time; undefined when that is not known. */
  stateAt(span: TimeSpan): Version | undefined {
    const { entry } = this;
    if (entry !== undefined && entry.ctime < span.start && this.seenTo >= span.end) {
      return this.version(entry);
    }
    return this.versions.find((version) => isDuring(version, span));
  }

  /** Notes what a look at the path found. */
  observe(entry: Entry, now: number): void {
    if (this.entry !== undefined && sameState(this.entry, entry)) {
      this.seenTo = Math.max(this.seenTo, now);
      return;
    }
    this.remember();
    // nothing is ever taken from what is ignored as a whole, and `.git` changes with each `git status`
    if (!this.pruned) this.changes.value++;
    if (this.entry?.type !== entry.type || this.entry.target !== entry.target) this.changes.structure++;
    this.changes.note(this, this.entry);
    this.entry = entry;
    this.seenTo = now;
    this.digest = undefined;
    this.digestKept = false;
    this.sum = undefined;
    this.archive = undefined;
  }

  /** Notes that a look found the state that is known. */
  observeSame(now: number): void {
    if (now > this.seenTo) this.seenTo = now;
  }

  /** Notes that the names in this directory were read, not before `at`; 0: what was read is not reliable. */
  observeListing(at: number): void {
    if (this.isListed(at) !== this.isListedNow) this.changes.value++;
    this.listedAt = at;
  }

  /** Notes whether the directory is ignored as a whole: then nobody knows the names in it. */
  observePruned(pruned: boolean): void {
    if (this.pruned !== pruned) {
      this.changes.value++;
      this.changes.structure++;
    }
    this.pruned = pruned;
    if (!pruned) return;
    this.listedAt = 0;
    for (const child of this.children?.values() ?? []) child.observeGone();
  }

  /** The child of a name; created when it is not there. */
  ensureChild(name: string): ContextNode {
    const children = (this.children ??= new Map<string, ContextNode>());
    let child = children.get(name);
    if (child === undefined) {
      child = new ContextNode(name, this);
      children.set(name, child);
    }
    return child;
  }

  /** Notes that the path is gone. */
  observeGone(): void {
    if (this.entry === undefined) return;
    this.remember();
    this.changes.value++;
    this.changes.structure++;
    this.changes.note(this, this.entry);
    this.entry = undefined;
    this.digest = undefined;
    this.sum = undefined;
    for (const child of this.children?.values() ?? []) child.observeGone();
  }

  /** Notes the content of a file that was read, not before `startedAt`, while it had the state `entry`. */
  observeContent(entry: Entry, content: { digest: string; archive: boolean }, startedAt: number): void {
    if (this.entry === undefined || !sameState(this.entry, entry)) return;
    const kept = startedAt >= entry.ctime + TICK;
    if (this.digest !== content.digest || this.digestKept !== kept) {
      this.changes.value++;
      this.changes.note(this, entry);
    }
    // written twice within a tick: the checksum is of what was there in between
    if (this.digest !== undefined && this.digest !== content.digest) this.sum = undefined;
    this.digest = content.digest;
    this.archive = content.archive;
    this.digestKept = kept;
  }

  /** Notes the checksum of the content of a file that was read while it had the state `entry`. */
  observeSum(entry: Entry, sum: { readonly header: string; readonly digest: string }): void {
    if (this.entry !== undefined && sameState(this.entry, entry)) this.sum = sum;
  }

  private remember(): void {
    const { entry } = this;
    if (entry === undefined) return;
    this.versions = worthKeeping([...this.versions, this.version(entry)], this.changes.transfers);
  }

  private isListed(at: number): boolean {
    return this.entry !== undefined && at >= this.entry.ctime + TICK;
  }

  private version(entry: Entry): Version {
    const digest = this.digest !== undefined && this.digestKept ? { digest: this.digest } : {};
    const listed = entry.type === 'dir' && !this.pruned && this.isListedNow;
    return { ...entry, seenTo: this.seenTo, ...digest, ...(listed ? { names: this.names() } : {}) };
  }
}

/** A span of time by this machine's clock, in milliseconds, margins included. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

/** The build context: every path that is not ignored as a whole, with its past. */
export class ContextTree {
  readonly root = new ContextNode('', undefined);
  /** Digests of archives of what is in it, by what each was made of: the paths with their states. */
  readonly archives = new Map<string, string>();
  /** Last change of the directory that holds the context, in milliseconds since the epoch; undefined when not known. */
  parentChanged: number | undefined;
  /** When a folder above the context was last renamed, as far as time stamps tell; milliseconds since the epoch. */
  movedAt = -Infinity;
  /**
   * When the last complete look began, in milliseconds since the epoch: each path whose `seenTo` is not before it was
   * looked at then or later.
   */
  lookedAt: number | undefined;

  /** Grows with everything that is worth remembering. */
  get changes(): number {
    return this.root.changes.value;
  }

  /** The node of a path; created when it is not there and `create` is set. */
  node(path: string, create?: true): ContextNode | undefined {
    let node = this.root;
    if (path === '') return node;
    for (const name of path.split('/')) {
      const next = create === undefined ? node.children?.get(name) : node.ensureChild(name);
      if (next === undefined) return undefined;
      node = next;
    }
    return node;
  }

  /** All nodes, directories before what is in them; ghosts too. */
  *nodes(start: ContextNode = this.root): Generator<ContextNode> {
    yield start;
    for (const child of start.children?.values() ?? []) yield* this.nodes(child);
  }
}
