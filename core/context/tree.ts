import { sameState, TICK, type Entry, type Version } from './entry';

/** Past states that are kept of one path. */
const MAX_VERSIONS = 8;

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
  /** The file begins like an archive that ADD unpacks; undefined until its first bytes were read. */
  archive: boolean | undefined;
  /** A directory that is ignored as a whole, so that nobody looked into it. */
  pruned = false;
  /** Milliseconds since the epoch of the last look. */
  seenTo = 0;
  /** When the names in this directory were last read, in milliseconds since the epoch. */
  listedAt = 0;
  /** Earlier states, oldest first. */
  readonly versions: Version[] = [];
  /** By name; undefined for what never was a directory. */
  children: Map<string, ContextNode> | undefined;

  constructor(
    readonly name: string,
    readonly parent: ContextNode | undefined,
  ) {}

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

  /** The state that the path had during all of a span of time; undefined when that is not known. */
  stateAt(span: TimeSpan): Version | undefined {
    const { entry } = this;
    if (entry !== undefined && entry.ctime < span.start && this.seenTo >= span.end) {
      return this.version(entry);
    }
    return this.versions.find((version) => version.ctime < span.start && version.seenTo >= span.end);
  }

  /** Notes what a look at the path found. */
  observe(entry: Entry, now: number): void {
    if (this.entry !== undefined && sameState(this.entry, entry)) {
      this.seenTo = Math.max(this.seenTo, now);
      return;
    }
    this.remember();
    this.entry = entry;
    this.seenTo = now;
    this.digest = undefined;
    this.digestKept = false;
    this.archive = undefined;
  }

  /** Notes that the path is gone. */
  observeGone(): void {
    if (this.entry === undefined) return;
    this.remember();
    this.entry = undefined;
    this.digest = undefined;
    for (const child of this.children?.values() ?? []) child.observeGone();
  }

  /** Notes the content of a file that was read, not before `startedAt`, while it had the state `entry`. */
  observeContent(entry: Entry, content: { digest: string; archive: boolean }, startedAt: number): void {
    if (this.entry === undefined || !sameState(this.entry, entry)) return;
    this.digest = content.digest;
    this.archive = content.archive;
    this.digestKept = startedAt >= entry.ctime + TICK;
  }

  private remember(): void {
    const { entry } = this;
    if (entry === undefined) return;
    this.versions.push(this.version(entry));
    if (this.versions.length > MAX_VERSIONS) this.versions.shift();
  }

  private version(entry: Entry): Version {
    const digest = this.digest !== undefined && this.digestKept ? { digest: this.digest } : {};
    const listed = entry.type === 'dir' && !this.pruned && this.listedAt >= entry.ctime + TICK;
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
  /** Last change of the directory that holds the context, in milliseconds since the epoch; undefined when not known. */
  parentChanged: number | undefined;
  /** When a folder above the context was last renamed, as far as time stamps tell; milliseconds since the epoch. */
  movedAt = -Infinity;
  /** The node of a path; created when it is not there and `create` is set. */
  node(path: string, create?: true): ContextNode | undefined {
    let node = this.root;
    if (path === '') return node;
    for (const name of path.split('/')) {
      let next = node.children?.get(name);
      if (next === undefined) {
        if (create === undefined) return undefined;
        next = new ContextNode(name, node);
        node.children ??= new Map();
        node.children.set(name, next);
      }
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
