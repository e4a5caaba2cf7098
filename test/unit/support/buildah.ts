import type { BuildahConfig } from '../../../core/buildah/config';
import { ContextCopies, NOT_FOLLOWED } from '../../../core/buildah/contextCopies';
import type { Archive } from '../../../core/buildah/contentDigest';
import {
  OCI_FORMAT,
  type BuildahEvidence,
  type BuildahImage,
  type HistoryEntry,
} from '../../../core/buildah/imageStore';
import { planBuildah } from '../../../core/buildah/plan';
import type { BuildahCopy, BuildahProbe } from '../../../core/buildah/probe';
import { predictBuildahProject, type BuildahProject } from '../../../core/buildah/project';
import type { Downgrades } from '../../../core/ledger/accuracy';
import type { ContextTree } from '../../../core/context/tree';
import type { Prediction } from '../../../core/model';
import type { CopySummaries } from '../../../core/buildah/sourceMatches';
import { sha256 } from '../../../core/node/sha256';
import { PLAIN_REQUEST, type BuildRequest } from '../../../core/plan/graph';
import { stepsOf } from './classic';
import { Folder } from './folder';

const BASE = 'base';

/** A build context, described as for {@link Folder}, whose files can be read. */
export class BuildahFiles {
  readonly folder = new Folder();
  private contents = new Map<string, string>();

  constructor(...lines: readonly string[]) {
    this.look(5000, [], ...lines);
  }

  look(now: number, ignore: readonly string[], ...lines: readonly string[]): this {
    this.contents = new Map(lines.map((line) => [line.split(' ')[0] ?? '', / [=?](\S*)/.exec(line)?.[1] ?? '']));
    this.folder.lookIgnoring(now, ignore, lines);
    return this;
  }

  get tree(): ContextTree {
    return this.folder.tree;
  }

  /** Reads what is asked for, as the command line and the editor do. */
  read({ wanted, wantedNodes }: ContextCopies): void {
    this.folder.read(wantedNodes, 10_000);
    for (const one of wanted.values()) {
      const contentOf = (path: string): string => this.contents.get(path) ?? '';
      const digest =
        one.kind === 'unpacked' && contentOf(one.path) === 'tarodd'
          ? NOT_FOLLOWED
          : one.kind !== 'archive'
            ? `sha256:${sha256(`${one.kind} of ${one.path}: ${one.key}`)}`
            : digestOf(one.archive, (path) => contentOf([one.location, path].filter((part) => part !== '').join('/')));
      this.tree.archives.set(one.key, digest);
    }
  }

  copies(ignore: readonly string[] = []): ContextCopies {
    return new ContextCopies(this.tree, ignore, sha256);
  }

  /** What Buildah may write of a copy, once everything was read. */
  summaries(copy: BuildahCopy, ignore: readonly string[] = []): CopySummaries {
    for (let round = 0; round < 2; round++) {
      const copies = this.copies(ignore);
      copies.summaries(copy);
      this.read(copies);
    }
    return this.copies(ignore).summaries(copy);
  }
}

/** The digest of an archive with these contents. */
export function digestOf(archive: Archive, contentOf: (path: string) => string): string {
  const pieces = [...archive].map((piece) =>
    piece instanceof Uint8Array ? Buffer.from(piece) : Buffer.from(contentOf(piece.path)),
  );
  return sha256(Buffer.concat(pieces));
}

/** What is built. */
export interface BuildahBuild {
  readonly files?: BuildahFiles;
  readonly ignore?: readonly string[];
  readonly args?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  readonly target?: string;
  readonly request?: Partial<BuildRequest>;
  readonly downgrades?: Downgrades;
}

/** A store whose images are what builds with Buildah made. */
export class BuildahStore {
  images: BuildahImage[] = [];
  readonly named = new Map<string, BuildahImage | undefined>();
  usesLayers = true;
  private count = 0;

  /** Seconds pass: each image takes one. */
  later(seconds: number): this {
    this.count += seconds;
    return this;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.count * 1000 + 500;
  }

  constructor(config: Partial<BuildahConfig> = {}) {
    const history = [this.entry('base', false)];
    this.named.set('busybox:1', this.image({ id: BASE, history, layers: ['layer'], config: configOf(config) }));
  }

  image(changes: Partial<BuildahImage> & Pick<BuildahImage, 'id'>): BuildahImage {
    return {
      ...{
        digest: `sha256:${sha256(changes.id)}`,
        created: BigInt(++this.count) * 1_000_000_000n,
        history: [],
        layers: [],
      },
      ...{ format: OCI_FORMAT, platform: 'linux/amd64', config: configOf({}), bytes: 1000 },
      ...changes,
    };
  }

  entry(createdBy: string, isEmpty: boolean): HistoryEntry {
    return { created: `2026-01-01T00:00:00.${++this.count}Z`, createdBy, comment: '', author: '', isEmpty };
  }

  /** Builds as Buildah does, as far as nothing is mounted. */
  build(text: string, build: BuildahBuild = {}): this {
    const { files, ignore = [], args = {}, noCache = false, target = '' } = build;
    const plan = planBuildah(text, {
      ...{ target, buildArgs: new Map(Object.entries(args)), platform: 'linux/amd64' },
      image: (name) => this.named.get(name)?.config,
    });
    const ends: (BuildahImage | undefined)[] = [];
    for (const { base, steps, needed, index } of plan.stages) {
      if (!needed) continue;
      let parent =
        base.kind === 'stage' ? ends[base.index] : base.kind === 'image' ? this.named.get(base.name) : undefined;
      let isBusted = noCache;
      for (const step of steps) {
        if (step.kind !== 'step') throw new Error(`${step.text}: ${step.message}`);
        const text = textOf(step.probe, files, ignore);
        const known = isBusted ? undefined : this.find(parent, text);
        isBusted ||= known === undefined;
        parent = known ?? this.add(parent, text, step.probe);
      }
      ends[index] = parent;
    }
    return this;
  }

  private find(parent: BuildahImage | undefined, text: string): BuildahImage | undefined {
    const before = JSON.stringify(parent?.history ?? []);
    return this.images.findLast(
      ({ history }) => history.at(-1)?.createdBy === text && JSON.stringify(history.slice(0, -1)) === before,
    );
  }

  private add(parent: BuildahImage | undefined, text: string, { hasLayer, makes }: BuildahProbe): BuildahImage {
    const id = `image${this.images.length}`;
    const made = this.image({
      ...{ id, history: [...(parent?.history ?? []), this.entry(text, !hasLayer)] },
      layers: [...(parent?.layers ?? []), ...(hasLayer ? [`layer of ${id}`] : [])],
      config: makes ?? parent?.config ?? configOf({}),
    });
    this.images.push(made);
    return made;
  }

  evidence(): BuildahEvidence {
    return {
      builder: { kind: 'buildah', name: '', engineVersion: '5.8.6', buildkitVersion: null },
      ...{ platform: 'linux/amd64', named: this.named, images: this.images, usesLayers: this.usesLayers },
      ...{ clockOffset: 0, clockMargin: 0 },
    };
  }

  predict(text: string, build: BuildahBuild = {}): Prediction {
    return this.project(text, build).prediction;
  }

  /** The prediction with what it was made from. */
  project(text: string, build: BuildahBuild = {}): BuildahProject {
    const { files, ignore = [], args = {}, noCache = false, target = '', request = {}, downgrades } = build;
    const evidence = this.evidence();
    const once = () =>
      predictBuildahProject(
        {
          ...{ text, dockerfile: '/ctx/Dockerfile', defaultPlatform: 'linux/amd64', sha256, baseline: 'engine' },
          request: { ...PLAIN_REQUEST, target, noCache, buildArgs: new Map(Object.entries(args)), ...request },
          context: { path: '/ctx', tree: files?.tree, patterns: ignore, problems: [], others: new Map() },
          ...{ evidence: undefined, builder: evidence.builder, downgrades },
        },
        evidence,
      );
    for (let round = 0; round < 2; round++) {
      const { copies } = once();
      if (copies !== undefined) files?.read(copies);
    }
    return once();
  }

  /** What becomes of each instruction but FROM: `hit RUN x`, `MISS RUN x`, or the verdict. */
  told(text: string, build: BuildahBuild = {}): string[] {
    return stepsOf(this.predict(text, build));
  }
}

function configOf(changes: Partial<BuildahConfig>): BuildahConfig {
  return { env: ['PATH=/bin'], workingDir: '', user: '', labels: {}, ports: [], onbuild: [], ...changes };
}

function textOf(
  { text, copy, mounts }: BuildahProbe,
  files: BuildahFiles | undefined,
  ignore: readonly string[],
): string {
  if (copy === undefined) {
    const digests = mounts.map((one) => {
      if (one.kind === 'image') return `:sha256:${sha256(one.name === 'busybox:1' ? BASE : one.name)}`;
      const copies = files?.copies();
      if (files === undefined || copies === undefined) throw new Error('no files to mount');
      copies.mount(one.path);
      files.read(copies);
      const mount = files.copies().mount(one.path);
      return 'digest' in mount ? `:${mount.digest ?? ''}` : '';
    });
    return text + digests.join('');
  }
  if (copy.from.kind !== 'context') return `${text}file:${sha256(JSON.stringify(copy.from))}${copy.after}`;
  const result = files?.summaries(copy, ignore);
  if (result?.kind !== 'known') throw new Error(`no summary of ${text}: ${JSON.stringify(result)}`);
  return text + (result.summaries[0] ?? '') + copy.after;
}
