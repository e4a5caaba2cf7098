import type { InputUse } from '../llb/contentInputs';
import type { MadeKind, PastBuild, PastStep } from './pastBuild';

/**
 * A cache key class: all step instances of past builds that are proven to share one cache key. Numbers, so that
 * comparing chains is cheap.
 */
export type KeyClass = number;

/** One past step with the class of its result. */
export interface StepInstance {
  readonly build: PastBuild;
  readonly step: PastStep;
  readonly keyClass: KeyClass;
  /** Class of each input; undefined for the build context and for what has none. */
  readonly inputs: readonly (KeyClass | undefined)[];
}

/** What has inputs and leaves a result in the cache. */
const OPERATIONS: readonly PastStep['kind'][] = ['exec', 'file', 'merge'];

/** Text that two uses of an input share exactly when their selector digests are equal. */
export function selectorKey(use: InputUse): string {
  return JSON.stringify(use.selectors.map((selector) => selector.path).sort());
}

/**
 * Groups the steps of the whole history into key classes (solver/cachemanager.go: a result is stored under its
 * operation and, for every input, the input's key or the digest of the selected content).
 */
export class KeyClasses {
  readonly instances: StepInstance[] = [];
  private readonly byOp = new Map<string, StepInstance[]>();
  private readonly interned = new Map<string, KeyClass>();
  private readonly parent: KeyClass[] = [];
  /** Platforms that each image digest was used for. */
  private readonly platforms = new Map<string, Set<string>>();
  /** When the first failed build began that made something of a kind; milliseconds since the epoch. */
  private readonly failures = new Map<MadeKind, number>();
  /**
   * Classes first seen as a hit, so that the build that made their result is not known: each with the classes that may
   * have been the one that was hit.
   */
  readonly unknownOrigin = new Map<KeyClass, ReadonlySet<KeyClass>>();
  /** Of these, the operation where the hit may be on what a failed build left. */
  private readonly failedOrigin = new Map<KeyClass, string>();
  /** Images to those that have the same layers under another key: a result on one may be found from the other. */
  private readonly sameLayers = new Map<KeyClass, readonly KeyClass[]>();

  /**
   * `hasUnseen`: there were builds before these, of which nothing is known but that results of them are kept.
   *
   * @param sameLayers digests of images, together those that stand for the same layers.
   */
  constructor(
    builds: readonly PastBuild[],
    readonly hasUnseen = false,
    sameLayers: readonly (readonly string[])[] = [],
  ) {
    if (hasUnseen) this.failures.set('unknown', -Infinity);
    for (const digests of sameLayers) {
      const classes = digests.map((digest) => this.intern(`image ${digest}`).keyClass);
      for (const one of classes) this.sameLayers.set(one, [...(this.sameLayers.get(one) ?? []), ...classes]);
    }
    this.noteFailures(builds);
    for (const build of [...builds].sort((a, b) => a.createdAt - b.createdAt)) this.add(build);
  }

  /** The representative of a class: two classes are one when their representatives are equal. */
  find(keyClass: KeyClass): KeyClass {
    let root = keyClass;
    for (let next = this.parent[root]; next !== undefined && next !== root; next = this.parent[root]) root = next;
    return root;
  }

  /** Past steps with this operation. */
  withOp(opDigest: string): readonly StepInstance[] {
    return this.byOp.get(opDigest) ?? [];
  }

  /** The class of an image by its chain ID or manifest digest; undefined when no past build used it. */
  image(digest: string): KeyClass | undefined {
    return this.interned.get(`image ${digest}`);
  }

  /** The same for a digest that may be that of an index: undefined unless it was used for this platform alone. */
  imageFor(digest: string, platform: string): KeyClass | undefined {
    const used = this.platforms.get(digest);
    return used?.size === 1 && used.has(platform) ? this.image(digest) : undefined;
  }

  /** Did a past build stand on the image of this digest? */
  isUsed(digest: string): boolean {
    return this.platforms.has(digest);
  }

  private noteUse(digest: string, platform: string): void {
    const used = this.platforms.get(digest);
    if (used === undefined) this.platforms.set(digest, new Set([platform]));
    else used.add(platform);
  }

  /** The class of what the network serves (llb/fetchedKey.ts); undefined when no past build fetched it. */
  fetched(key: string): KeyClass | undefined {
    return this.interned.get(`fetched ${key}`);
  }

  private intern(key: string): { keyClass: KeyClass; isNew: boolean } {
    const known = this.interned.get(key);
    if (known !== undefined) return { keyClass: this.find(known), isNew: false };
    const keyClass = this.parent.length;
    this.parent.push(keyClass);
    this.interned.set(key, keyClass);
    return { keyClass, isNew: true };
  }

  private add(build: PastBuild): void {
    const classes: (KeyClass | undefined)[] = [];
    for (const step of build.steps) classes.push(this.classify(build, step, classes));
  }

  private classify(build: PastBuild, step: PastStep, classes: readonly (KeyClass | undefined)[]): KeyClass | undefined {
    if (step.kind === 'image') {
      if (step.imageDigest === undefined) return undefined;
      this.noteUse(step.imageDigest, step.imagePlatform ?? '');
      return this.intern(`image ${step.imageDigest}`).keyClass;
    }
    if (step.fetched !== undefined) return this.intern(`fetched ${step.fetched}`).keyClass;
    if (!OPERATIONS.includes(step.kind) || !step.done) return undefined;

    const inputs: (KeyClass | undefined)[] = [];
    const parts: string[] = [step.opDigest];
    for (const [position, input] of step.inputs.entries()) {
      const source = build.steps[input];
      const use = step.uses[position];
      if (source === undefined || use === undefined) return undefined;
      if (source.kind === 'local') {
        // what the context held at that build: a symbol of its own, compared with the files of now when asked
        parts.push(`@${build.ref} ${selectorKey(use)}`);
        inputs.push(undefined);
        continue;
      }
      const keyClass = classes[input];
      if (keyClass === undefined) return undefined;
      const root = this.find(keyClass);
      parts.push(use.selectors.length === 0 ? String(root) : `${root} ${selectorKey(use)}`);
      inputs.push(root);
    }
    const interned = this.intern(parts.join('|'));
    let { keyClass } = interned;
    if (interned.isNew && step.cached) keyClass = this.resolveHit(keyClass, build, step, inputs);
    const instance: StepInstance = { build, step, keyClass, inputs };
    this.instances.push(instance);
    const list = this.byOp.get(step.opDigest);
    if (list === undefined) this.byOp.set(step.opDigest, [instance]);
    else list.push(instance);
    return keyClass;
  }

  /**
   * A hit under a key that was never seen is the same result as an earlier step whose inputs differ only in how equal
   * content came about. With exactly one such step the two classes are one.
   */
  private resolveHit(
    keyClass: KeyClass,
    build: PastBuild,
    step: PastStep,
    inputs: readonly (KeyClass | undefined)[],
  ): KeyClass {
    const candidates = new Set<KeyClass>();
    const possible = inputs.map((input) => (input === undefined ? undefined : this.possibleOrigins(input)));
    for (const other of this.withOp(step.opDigest)) {
      const fits = possible.every((origins, position) => {
        if (step.uses[position]?.byContent === true) return true;
        const theirs = other.inputs[position];
        return origins === undefined ? theirs === undefined : theirs !== undefined && origins.has(this.find(theirs));
      });
      if (!fits) continue;
      candidates.add(this.find(other.keyClass));
    }
    const [only] = candidates;
    if (candidates.size === 1 && only !== undefined && !this.mayBeOfFailure(step, build)) {
      this.parent[keyClass] = only;
      return only;
    }
    this.unknownOrigin.set(keyClass, candidates);
    if (this.mayBeOfFailure(step, build)) this.failedOrigin.set(keyClass, step.opDigest);
    return keyClass;
  }

  /** May two classes be one, as far as is known of where their hits came from? */
  maybeSame(a: KeyClass, b: KeyClass): boolean {
    const [ours, theirs] = [this.possibleOrigins(a), this.possibleOrigins(b)];
    if ([...ours].some((origin) => theirs.has(origin))) return true;
    const failed = (origins: ReadonlySet<KeyClass>) =>
      new Set([...origins].flatMap((origin) => this.failedOrigin.get(origin) ?? []));
    const [x, y] = [failed(ours), failed(theirs)];
    return [...x].some((op) => y.has(op));
  }

  /** Two classes are proven to be one: what was a hit is the result of `origin`. */
  unite(hit: KeyClass, origin: KeyClass): void {
    const [from, to] = [this.find(hit), this.find(origin)];
    if (from === to) return;
    this.parent[from] = to;
    this.unknownOrigin.delete(from);
    this.failedOrigin.delete(from);
  }

  /** A failed build leaves results that no graph tells of: was there one before the end of this one? */
  private mayBeOfFailure(step: PastStep, build: PastBuild): boolean {
    const kind: MadeKind = step.kind === 'exec' ? 'exec' : step.facts.parts['path'] === undefined ? 'copy' : 'mkdir';
    return [kind, 'unknown' as const].some((one) => (this.failures.get(one) ?? Infinity) <= build.completedAt);
  }

  private noteFailures(builds: readonly PastBuild[]): void {
    for (const { createdAt, loose } of builds) {
      for (const { kind, cached } of loose) {
        if (cached && kind !== 'unknown') continue;
        this.failures.set(kind, Math.min(createdAt, this.failures.get(kind) ?? Infinity));
      }
    }
  }

  /** A class with those that it may be the same as: a hit on one of them stands on the result of one of them. */
  private possibleOrigins(keyClass: KeyClass): ReadonlySet<KeyClass> {
    const origins = new Set<KeyClass>();
    const queue = [this.find(keyClass)];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (origins.has(next)) continue;
      origins.add(next);
      for (const candidate of this.unknownOrigin.get(next) ?? []) queue.push(this.find(candidate));
      queue.push(...(this.sameLayers.get(next) ?? []));
    }
    return origins;
  }
}
