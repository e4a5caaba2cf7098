import type { ClassicEvidence, ClassicImage } from '../../../core/classic/imageStore';
import { planClassic } from '../../../core/classic/plan';
import type { ClassicProbe } from '../../../core/classic/probe';
import { predictClassicProject, wantedSums, type ClassicProject } from '../../../core/classic/project';
import { ContextSums, type ContextSum } from '../../../core/classic/contextSums';
import { SentContext } from '../../../core/classic/sentContext';
import { EMPTY_CONFIG, type StepConfig } from '../../../core/classic/stepConfig';
import type { ContextNode, ContextTree } from '../../../core/context/tree';
import type { Downgrades } from '../../../core/ledger/accuracy';
import type { ImageStore } from '../../../core/evidence/evidence';
import type { PredictedStep, Prediction } from '../../../core/model';
import { sha256 } from '../../../core/node/sha256';
import { PLAIN_REQUEST, type BuildRequest } from '../../../core/plan/graph';
import { Folder } from './folder';

export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const BASE = 'sha256:base';

/** A build context, described as for {@link Folder}, whose files can be read. */
export class Files {
  readonly folder = new Folder();
  private contents = new Map<string, string>();

  constructor(...lines: readonly string[]) {
    this.look(5000, ...lines);
  }

  look(now: number, ...lines: readonly string[]): this {
    this.contents = new Map(lines.map((line) => [line.split(' ')[0] ?? '', / [=?](\S*)/.exec(line)?.[1] ?? '']));
    this.folder.look(now, ...lines);
    return this;
  }

  get tree(): ContextTree {
    return this.folder.tree;
  }

  /** Reads what is asked for, as the command line and the editor do. */
  read(wanted: ReadonlyMap<ContextNode, string>): void {
    for (const [node, header] of wanted) {
      node.sum = { header, digest: sha256(header + (this.contents.get(node.path) ?? '')) };
    }
  }

  sums({ ignore = [], dockerfile = 'Dockerfile', typeBits = false }: SumScope = {}): ContextSums {
    const sees = new SentContext(ignore, dockerfile === '' ? undefined : dockerfile);
    return new ContextSums({ tree: this.tree, sees, typeBits, sha256 });
  }

  /** What the classic builder writes of these sources, once all files were read. */
  result(sources: readonly string[], scope: SumScope = {}): ContextSum {
    const { keyword = 'COPY', isTree = true } = scope;
    const first = this.sums(scope);
    first.sum(sources, keyword, isTree);
    this.read(wantedSums(first));
    return this.sums(scope).sum(sources, keyword, isTree);
  }

  /** The same where it is known. */
  sum(sources: string | readonly string[], scope: SumScope = {}): string {
    const result = this.result(typeof sources === 'string' ? [sources] : sources, scope);
    return result.kind === 'sum' ? result.sum : `${result.kind}${'message' in result ? `: ${result.message}` : ''}`;
  }
}

export interface SumScope {
  readonly ignore?: readonly string[];
  /** Empty: it is not in the context. */
  readonly dockerfile?: string;
  readonly typeBits?: boolean;
  readonly keyword?: string;
  readonly isTree?: boolean;
}

/** What is built. */
export interface ClassicBuild {
  readonly files?: Files;
  readonly ignore?: readonly string[];
  readonly args?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  readonly target?: string;
  readonly request?: Partial<BuildRequest>;
  readonly downgrades?: Downgrades;
}

/** An engine whose images are what classic builds made. */
export class ClassicEngine {
  images: ClassicImage[] = [];
  readonly named = new Map<string, ClassicImage | undefined>();
  store: ImageStore = 'graphdriver';
  typeBits = false;
  proxies = new Map<string, string>();
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

  constructor(config: Partial<StepConfig> = {}) {
    this.named.set('busybox:1', this.image({ id: BASE, config: { ...EMPTY_CONFIG, env: [PATH], ...config } }));
  }

  image(changes: Partial<ClassicImage> & Pick<ClassicImage, 'id'>): ClassicImage {
    return {
      ...{ parent: '', created: BigInt(++this.count) * 1_000_000_000n, command: [], text: '' },
      ...{ stepConfig: EMPTY_CONFIG, config: EMPTY_CONFIG, platform: 'linux/amd64', bytes: 1000 },
      ...{ isTagged: false, isPulled: false },
      ...changes,
    };
  }

  /** Builds as the builder does: images that are there are used, unless an earlier one of the stage was not. */
  build(text: string, build: ClassicBuild = {}): this {
    const { files, ignore = [], args = {}, noCache = false } = build;
    const plan = planClassic(text, {
      target: build.target ?? '',
      buildArgs: new Map([...this.proxies, ...Object.entries(args)]),
      image: (name) => this.named.get(name)?.config,
      engine: [28, 5],
    });
    const ends: string[] = [];
    for (const stage of plan.stages.filter(({ needed }) => needed)) {
      const { base } = stage;
      let parent =
        base.kind === 'stage'
          ? (ends[base.index] ?? '')
          : base.kind === 'image'
            ? (this.named.get(base.name)?.id ?? '')
            : '';
      let isBusted = noCache;
      for (const step of stage.steps) {
        if (step.kind !== 'step') throw new Error(`${step.text}: ${step.message}`);
        const command = commandOf(step.probe, files, ignore, this.typeBits);
        const fits = (one: ClassicImage): boolean =>
          one.parent === parent &&
          JSON.stringify([one.command, one.stepConfig]) === JSON.stringify([command, step.probe.config]);
        const known = isBusted ? undefined : this.images.findLast(fits);
        isBusted ||= known === undefined;
        parent = known?.id ?? this.add(parent, command, step.probe.config);
      }
      ends.push(parent);
    }
    return this;
  }

  private add(parent: string, command: readonly string[], config: StepConfig): string {
    const id = `sha256:image${this.images.length}`;
    const parts = { command, text: command.join(' '), stepConfig: config, config };
    this.images.push(this.image({ id, parent, ...parts }));
    return id;
  }

  evidence(): ClassicEvidence {
    const isContainerd = this.store === 'containerd';
    return {
      builder: { kind: 'classic', name: '', engineVersion: '28.5.2', buildkitVersion: null },
      ...{ platform: 'linux/amd64', store: this.store, named: this.named, typeBits: this.typeBits },
      images: this.images.map((one) => (isContainerd ? { ...one, command: undefined } : one)),
      ...{ proxies: this.proxies, clockOffset: 0, clockMargin: 0 },
    };
  }

  predict(text: string, build: ClassicBuild = {}): Prediction {
    return this.project(text, build).prediction;
  }

  /** The prediction with what it was made from. */
  project(text: string, build: ClassicBuild = {}): ClassicProject {
    const { files, ignore = [], args = {}, noCache = false, target = '', request = {}, downgrades } = build;
    const evidence = this.evidence();
    const once = () =>
      predictClassicProject(
        {
          ...{ text, dockerfile: '/ctx/Dockerfile', defaultPlatform: 'linux/amd64', sha256, baseline: 'engine' },
          request: { ...PLAIN_REQUEST, target, noCache, buildArgs: new Map(Object.entries(args)), ...request },
          context: { path: '/ctx', tree: files?.tree, patterns: ignore, problems: [], others: new Map() },
          ...{ evidence: undefined, builder: evidence.builder, downgrades },
        },
        evidence,
      );
    files?.read(wantedSums(once().sums));
    return once();
  }

  /** What becomes of each instruction but FROM: `hit RUN x`, `MISS RUN x`, or the verdict. */
  told(text: string, build: ClassicBuild = {}): string[] {
    return stepsOf(this.predict(text, build));
  }
}

/** The steps but FROM and global ARG, one a line. */
export function stepsOf({ steps }: Prediction): string[] {
  return steps
    .filter(({ instruction, stageIndex }) => instruction !== 'FROM' && stageIndex >= 0)
    .map(({ verdict, text }) => `${verdict === 'cached' ? 'hit' : verdict === 'rebuild' ? 'MISS' : verdict} ${text}`);
}

/** The step whose text begins so. */
export function stepWith({ steps }: Prediction, start: string): PredictedStep {
  const found = steps.find(({ text }) => text.startsWith(start));
  if (found === undefined) throw new Error(`no step begins with ${start}`);
  return found;
}

function commandOf(
  { copy, command }: ClassicProbe,
  files: Files | undefined,
  ignore: readonly string[],
  typeBits: boolean,
): readonly string[] {
  if (copy === undefined) return command;
  const { from, sources, destination, head, isAdd } = copy;
  const sum =
    from.kind === 'context'
      ? files?.sum(sources, { ignore, typeBits, keyword: isAdd ? 'ADD' : 'COPY', isTree: destination.endsWith('/') })
      : `file:${sha256(JSON.stringify(from))}`;
  return [...command, `#(nop) ${head}${sum ?? ''} in ${destination} `];
}
