import { indexEvidence, type Evidence, type EvidenceParts, type ImageStore } from '../../../core/evidence/evidence';
import { factsOf } from '../../../core/evidence/facts';
import type { CacheRecord, LooseVertex, PastBuild, PastStep } from '../../../core/evidence/pastBuild';
import { recordDescription, withoutPrefix } from '../../../core/evidence/provenance';
import { inputUses } from '../../../core/llb/contentInputs';
import type { LlbOp } from '../../../core/llb/op';
import { opKey } from '../../../core/llb/opKey';
import type { BuilderInfo, PredictedStep } from '../../../core/model';
import { imageVertexDigest, vertexDigest } from '../../../core/llb/vertexDigest';
import { sha256 } from '../../../core/node/sha256';
import { PLAIN_REQUEST, type ImageInfo, type Plan, type Vertex } from '../../../core/plan/graph';
import { predictProject, type ProjectInput, type ProjectPrediction } from '../../../core/predict/project';
import type { ContextTree } from '../../../core/context/tree';
import { imageInfo, planOf, type Build } from './plan';

/** The folder that is built unless a test says another. */
export const HERE = '/work/app';
const BUSYBOX = 'docker.io/library/busybox:1';

/** One build of the past. Times are milliseconds; the context is transferred from `at` to `at + 100`. */
export interface Past extends Build {
  readonly at: number;
  /** Instructions (their text) that were hits; `all` for every one. The others were executed and left a record. */
  readonly cached?: readonly string[] | 'all';
  /** Of these, what is only marked so in the log although nobody looked it up: no time passed. */
  readonly marked?: readonly string[];
  readonly contextPath?: string | null;
  /** Ignore patterns of the build. */
  readonly patterns?: readonly string[];
  /** Sizes of the records by instruction. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** The instruction at which the build failed: there is no graph of it. */
  readonly failedAt?: string;
  /** The transfer of the context did not come to its end. */
  readonly interrupted?: boolean;
  /** What was fetched (llb/fetchedKey.ts), by URL. */
  readonly fetched?: Readonly<Record<string, string>>;
  /** Images were fetched: they are noted by these digests, by full reference. */
  readonly pulled?: Readonly<Record<string, string>>;
}

interface Made {
  readonly record: CacheRecord;
  readonly text: string;
}

/** What an engine keeps of a build context: without it every transfer is a whole one. */
const CONTEXT_COPY: CacheRecord = {
  ...{ id: 'context copy', parents: [], type: 'source.local', description: 'local source for context' },
  ...{ size: 1, createdAt: 0, mutable: true },
};

/** Description of the records of base images. */
const BASE = 'from local';

/** An engine as a script: what was built on it, and what of that is still in its cache. */
export class Engine {
  readonly builds: PastBuild[] = [];
  private made: Made[] = [];
  private readonly byKey = new Map<string, CacheRecord>();
  private held: ReadonlySet<string> | 'unknown' | undefined;
  private ids = 0;

  build(past: Past): this {
    const plan = planOf(past);
    const ref = `build${this.builds.length}`;
    const done = new Doing(plan, past, ref, this.byKey, () => `record${++this.ids}`);
    const { steps, loose, made } = done.run();
    this.made.push(...made);
    const { at, contextPath = HERE } = past;
    const usesContext = plan.vertices.some(({ op }) => op.kind === 'local');
    this.builds.push({
      ref,
      createdAt: at - 10,
      completedAt: at + 10_000,
      ...(usesContext ? { contextStart: at } : {}),
      ...(usesContext && past.interrupted !== true ? { contextEnd: at + 100 } : {}),
      ...(contextPath === null ? {} : { contextPath }),
      steps: past.failedAt === undefined ? steps : [],
      loose: past.failedAt === undefined ? [] : loose,
    });
    return this;
  }

  /** A build runs that executed these instructions of a past build; `unknown`: one that does not tell. */
  running(...texts: readonly string[]): this {
    const steps = this.builds.flatMap((build) => build.steps);
    const executed = steps.filter(({ layer }) => texts.some((text) => layer === `layer of ${text}`));
    this.held = texts[0] === 'unknown' ? 'unknown' : new Set(executed.map(({ vertexDigest }) => vertexDigest));
    return this;
  }

  /** Removes the records of instructions; of all without a name. */
  prune(...texts: readonly string[]): this {
    this.made = this.made.filter(({ text }) => texts.length > 0 && !texts.includes(text));
    if (texts.length === 0) this.byKey.clear();
    return this;
  }

  /** Removes records by their ids. */
  drop(ids: readonly string[]): this {
    this.made = this.made.filter(({ record }) => !ids.includes(record.id));
    return this;
  }

  /** Forgets the builds, but keeps what they left in the cache. */
  forget(): this {
    this.builds.length = 0;
    return this;
  }

  /** Adds a record of unknown origin on top of the record of an instruction. */
  record(description: string, size = 0, on?: string): this {
    const parent = this.made.find(({ text }) => text === on)?.record.id;
    const record: CacheRecord = {
      id: `stray${++this.ids}`,
      parents: parent === undefined ? [] : [parent],
      type: 'regular',
      description,
      size,
      createdAt: 1,
      mutable: false,
    };
    this.made.push({ record, text: description });
    return this;
  }

  get records(): CacheRecord[] {
    return this.made.map(({ record }) => record).filter(({ description }) => description !== BASE);
  }

  evidence(now: Now): Evidence {
    const images = new Map<string, ImageInfo | undefined>([[BUSYBOX, imageInfo()]]);
    for (const [reference, info] of Object.entries(now.images ?? {})) {
      images.set(reference, info === null ? undefined : imageInfo(info));
    }
    const parts: EvidenceParts = {
      builder: builderInfo(now.buildkit),
      platform: 'linux/amd64',
      store: now.store ?? 'graphdriver',
      builds: this.builds,
      records: [...this.made.map(({ record }) => record), CONTEXT_COPY],
      layerBytes: new Map(Object.entries(now.layers ?? {}).map(([text, bytes]) => [`layer of ${text}`, bytes])),
      images,
      ...(this.held === undefined ? {} : { held: this.held }),
      clockMargin: now.clockMargin ?? 0,
      clockOffset: now.clockOffset ?? 0,
    };
    return indexEvidence(parts, sha256);
  }
}

/** Makes the steps and the records of one build. */
class Doing {
  private readonly steps: PastStep[] = [];
  private readonly loose: LooseVertex[] = [];
  private readonly made: Made[] = [];
  private readonly keys: string[] = [];
  private readonly digests: string[] = [];
  private failed = false;

  constructor(
    private readonly plan: Plan,
    private readonly past: Past,
    private readonly ref: string,
    private readonly byKey: Map<string, CacheRecord>,
    private readonly nextId: () => string,
  ) {}

  run() {
    this.plan.vertices.forEach((vertex) => this.add(vertex));
    const { steps, loose, made } = this;
    return { steps, loose, made };
  }

  /** As the log of a build shows it; that of a transfer is never the same twice. */
  private digestOf({ op, inputs }: Vertex, key: string): string {
    if (op.kind === 'image') return imageVertexDigest(op, 'local', sha256);
    const digests = inputs.map((input) => this.digests[input] ?? '');
    return vertexDigest(op, digests, sha256) ?? sha256(key);
  }

  private add(vertex: Vertex): void {
    const { past, plan } = this;
    const { op, inputs } = vertex;
    const step = plan.steps.find((one) => one.vertex === vertex.id);
    const text = step?.text ?? (op.kind === 'image' ? `FROM ${op.ref}` : '[internal] preparing inline document');
    const number =
      plan.steps.filter((one) => one.vertex !== undefined).findIndex((one) => one.vertex === vertex.id) + 2;
    const name = step === undefined ? text : `[${step.stage} ${number}/9] ${text}`;
    const hasContext = op.kind === 'local';
    const key = JSON.stringify([op, inputs.map((input) => this.keys[input]), hasContext ? this.ref : '']);
    this.keys.push(key);
    const digest = this.digestOf(vertex, key);
    this.digests.push(digest);
    if (past.failedAt === text) this.failed = true;
    const cached = past.cached === 'all' || past.cached?.includes(text) === true;
    const executes = (op.kind === 'exec' || op.kind === 'file') && !cached;
    const started = past.at + 200 + 100 * vertex.id;
    const completed = past.marked?.includes(text) === true ? started : started + 50;
    const description = recordDescription(op, name);
    const image = op.kind === 'image' ? this.imageDigest(op.ref) : undefined;
    this.steps.push({
      kind: op.kind,
      vertexDigest: digest,
      opDigest: sha256(opKey(op)),
      inputs,
      uses: inputUses(op, inputs.length),
      facts: factsOf(op, sha256),
      ...(image === undefined ? {} : { imageDigest: image }),
      ...(op.kind === 'image' ? { imageReference: this.noted(op.ref), imagePlatform: op.platform } : {}),
      ...(op.kind === 'local' ? { exclude: past.patterns ?? [] } : {}),
      ...fetchedBy(op, past),
      layer: `layer of ${text}`,
      recordDigest: sha256(description),
      recordTextDigest: sha256(withoutPrefix(description)),
      lines: step === undefined ? [] : [step.line],
      started,
      completed,
      cached,
      done: true,
    });
    if (image !== undefined) this.addBase(key, image, text);
    if (this.failed) return;
    const kind = op.kind === 'exec' ? 'exec' : hasContext ? 'context' : op.kind === 'file' ? 'copy' : 'other';
    const digests = { recordDigest: sha256(name), recordTextDigest: sha256(withoutPrefix(name)) };
    this.loose.push({ kind, vertexDigest: digest, ...digests, started, completed, cached });
    if (!executes) return;
    const [base] = inputs;
    const parent = base === undefined ? undefined : this.byKey.get(this.keys[base] ?? '');
    const record: CacheRecord = {
      id: this.nextId(),
      parents: parent === undefined ? [] : [parent.id],
      type: 'regular',
      description,
      size: past.sizes?.[text] ?? 0,
      createdAt: started + 10,
      mutable: false,
    };
    this.byKey.set(key, record);
    this.made.push({ record, text });
  }

  /** All that is built on one image lies on one record, whatever the image was called. */
  private addBase(key: string, image: string, text: string): void {
    const known =
      this.made.find((one) => one.record.id === image) ?? [...this.byKey.values()].find(({ id }) => id === image);
    const record: CacheRecord = {
      ...{
        id: image,
        parents: [],
        type: 'regular',
        description: BASE,
        size: 0,
        createdAt: this.past.at + 150,
        mutable: false,
      },
    };
    this.byKey.set(key, record);
    if (known === undefined) this.made.push({ record, text });
  }

  /** The frontend pins what it fetches. */
  private noted(reference: string): string {
    const digest = this.past.pulled?.[reference];
    return digest === undefined ? reference : `${reference}@${digest}`;
  }

  private imageDigest(reference: string): string {
    const pulled = this.past.pulled?.[reference];
    if (pulled !== undefined) return pulled;
    const info = this.past.images?.[reference];
    return imageInfo(info ?? {}).chainId;
  }
}

function fetchedBy(op: LlbOp, { fetched = {} }: Past): Pick<PastStep, 'fetched'> {
  const key = op.kind === 'remote' ? fetched[op.url] : op.kind === 'opaque' ? fetched[op.git?.url ?? ''] : undefined;
  return key === undefined ? {} : { fetched: key };
}

/** What is built now, and on what. */
export interface Now extends Omit<Build, 'text' | 'images'> {
  /** By full reference; `null` is not on the engine. Only busybox:1 is there without being named. */
  readonly images?: Readonly<Record<string, Partial<ImageInfo> | null>>;
  readonly tree?: ContextTree;
  readonly patterns?: readonly string[];
  readonly store?: ImageStore;
  readonly buildkit?: string;
  readonly layers?: Readonly<Record<string, number>>;
  readonly clockMargin?: number;
  readonly clockOffset?: number;
  readonly others?: ReadonlyMap<string, ContextTree>;
  readonly contextPath?: string;
}

function builderInfo(buildkit = '0.25.2'): BuilderInfo {
  return { kind: 'buildkit', name: 'default', engineVersion: '28.5.2', buildkitVersion: buildkit };
}

/** A whole prediction, as the command and the editor make it. Without an engine there is no evidence. */
export function project(engine: Engine | undefined, text: string, now: Now = {}): ProjectPrediction {
  const evidence = engine?.evidence(now);
  const input: ProjectInput = {
    text,
    dockerfile: `${now.contextPath ?? HERE}/Dockerfile`,
    request: {
      ...PLAIN_REQUEST,
      target: now.target ?? '',
      buildArgs: new Map(Object.entries(now.args ?? {})),
      ...(now.platform === undefined ? {} : { platform: now.platform }),
      noCache: now.noCache ?? false,
      noCacheFilter: now.noCacheFilter ?? [],
      network: now.network ?? 'default',
      addHosts: now.addHosts ?? [],
      uncoveredOptions: now.uncoveredOptions ?? [],
      pull: now.pull ?? false,
    },
    defaultPlatform: 'linux/amd64',
    context: {
      path: now.contextPath ?? HERE,
      tree: now.tree,
      patterns: now.patterns ?? [],
      problems: [],
      others: now.others ?? new Map<string, ContextTree>(),
    },
    remotes: now.remotes,
    evidence,
    builder: builderInfo(now.buildkit),
    baseline: 'the last build',
    sha256,
  };
  return predictProject(input);
}

/** The steps of a prediction that make layers, and what is no layer where it fails. */
export function stepsOf(engine: Engine | undefined, text: string, now: Now = {}): readonly PredictedStep[] {
  return project(engine, text, now).prediction.steps.filter((step) => step.verdict !== 'no-layer');
}

/**
 * What the prediction says of each RUN, COPY, ADD and WORKDIR: `RUN x: rebuild, instruction-changed`. `likely` and the
 * line of another instruction that is the cause follow where there is one.
 */
export function told(engine: Engine | undefined, text: string, now: Now = {}): string[] {
  return stepsOf(engine, text, now)
    .filter(({ instruction }) => instruction !== 'FROM')
    .map(describeStep);
}

/** One step on a line. */
export function describeStep(step: PredictedStep): string {
  const { verdict, certainty, reason } = step;
  const likely = certainty === 'likely' ? 'likely ' : '';
  const cause =
    reason.causeLine === undefined || reason.causeLine === step.line.start ? '' : ` of line ${reason.causeLine}`;
  return `${step.text}: ${likely}${verdict}, ${reason.code}${cause}`;
}

/** The last step that makes a layer. */
export function lastStep(engine: Engine | undefined, text: string, now: Now = {}): PredictedStep {
  const step = stepsOf(engine, text, now).at(-1);
  if (step === undefined) throw new Error('nothing is predicted');
  return step;
}
