import { indexEvidence, type Evidence } from '../evidence/evidence';
import { operationParts, type Sha256 } from '../evidence/facts';
import type { CacheRecord, PastBuild, PastStep } from '../evidence/pastBuild';
import { pinnedKey } from '../llb/fetchedKey';
import type { LlbOp } from '../llb/op';
import type { BuilderInfo } from '../model';
import type { ImageInfo, Plan } from '../plan/graph';

/** What the build of a commit is made up from. */
export interface CommitBuildParts {
  /** The plan of the commit's Dockerfile; undefined when the commit has none: then nothing was ever built. */
  readonly plan: Plan | undefined;
  /** Absolute path of the build context of now, which stands for that of the commit. */
  readonly contextPath: string;
  /** The ignore patterns of the commit. */
  readonly patterns: readonly string[];
  readonly images: ReadonlyMap<string, ImageInfo>;
  readonly platform: string;
  readonly builder: BuilderInfo;
}

/** Milliseconds of the time that each step is given: results are joined to steps by it. */
const STEP = 10;
const EXECUTED = ['exec', 'file', 'merge'];

/** Evidence as if the commit had been built by a builder that knew nothing else, and all results were kept. */
export function commitEvidence(parts: CommitBuildParts, sha256: Sha256): Evidence {
  const { plan, builder, platform } = parts;
  const steps = plan?.vertices.map((_, id) => stepOf(parts, plan, id, sha256)) ?? [];
  const end = STEP * (steps.length + 1);
  const build: PastBuild = {
    ref: 'commit',
    ...{ createdAt: 0, completedAt: end, contextStart: 0, contextEnd: end },
    contextPath: parts.contextPath,
    steps,
    loose: [],
  };
  return indexEvidence(
    {
      ...{ builder, platform, store: 'graphdriver' },
      builds: plan === undefined ? [] : [build],
      records: plan === undefined ? [] : recordsOf(plan),
      layerBytes: new Map(),
      images: parts.images,
      ...{ clockMargin: 0, clockOffset: 0 },
    },
    sha256,
  );
}

const nameOf = (id: number): string => `step ${id}`;

function stepOf({ patterns, images }: CommitBuildParts, plan: Plan, id: number, sha256: Sha256): PastStep {
  const vertex = plan.vertices[id];
  if (vertex === undefined) throw new Error(`a plan without its vertex ${id}`);
  const { op, inputs } = vertex;
  const digest = sha256(nameOf(id));
  return {
    ...operationParts(op, inputs.length, sha256),
    vertexDigest: digest,
    inputs,
    ...fetchedBy(op),
    ...(op.kind === 'local' ? { exclude: patterns } : {}),
    ...(op.kind === 'image' ? imageOf(op.ref, op.platform, images) : {}),
    ...{ recordDigest: digest, recordTextDigest: digest },
    lines: plan.steps.filter((step) => step.vertex === id).map(({ line }) => line),
    ...{ started: STEP * id + 1, completed: STEP * id + STEP - 1, cached: false, done: true },
  };
}

/** A checksum says what is fetched; what else the network served then nobody knows. */
function fetchedBy(op: LlbOp): Pick<PastStep, 'fetched'> {
  const key = op.kind === 'remote' ? pinnedKey(op) : undefined;
  return key === undefined ? {} : { fetched: key };
}

function imageOf(
  reference: string,
  platform: string,
  images: ReadonlyMap<string, ImageInfo>,
): Pick<PastStep, 'imageReference' | 'imagePlatform' | 'imageDigest'> {
  const digest = images.get(reference)?.chainId;
  return {
    imageReference: reference,
    imagePlatform: platform,
    ...(digest === undefined ? {} : { imageDigest: digest }),
  };
}

/** One result for each step that is executed, on top of that of the step it stands on. */
function recordsOf({ vertices }: Plan): CacheRecord[] {
  return vertices.flatMap(({ id, op, inputs }) => {
    if (!EXECUTED.includes(op.kind)) return [];
    const [parent] = inputs;
    const hasParent = parent !== undefined && EXECUTED.includes(vertices[parent]?.op.kind ?? '');
    const record: CacheRecord = {
      id: nameOf(id),
      parents: hasParent ? [nameOf(parent)] : [],
      type: 'regular',
      description: nameOf(id),
      size: -1,
      createdAt: STEP * id + STEP / 2,
      mutable: false,
    };
    return [record];
  });
}
