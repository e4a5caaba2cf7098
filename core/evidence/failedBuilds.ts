import type { LlbOp } from '../llb/op';
import { IMAGE_MODES, imageVertexDigest, vertexDigest } from '../llb/vertexDigest';
import type { Plan, Vertex } from '../plan/graph';
import { normalizeReference } from '../plan/reference';
import { BaseImages } from './baseImages';
import { indexEvidence, type Evidence } from './evidence';
import { operationParts, type Sha256 } from './facts';
import type { LooseVertex, PastBuild, PastStep } from './pastBuild';
import { recordDescription } from './provenance';

/** Evidence that was enriched for one set of recognised vertices. */
interface Enriched {
  readonly key: string;
  readonly evidence: Evidence;
}

/** What was made of evidence last: most edits of a Dockerfile leave what is recognised as it is. */
const enriched = new WeakMap<Evidence, Enriched>();

/**
 * A failed build leaves no description of its steps, but its log has their digests, and a digest says which operation on
 * which inputs it was. So the steps that the plan of now has are recognised, and count like those of other builds.
 */
export function withFailedBuilds(evidence: Evidence, plan: Plan, sha256: Sha256): Evidence {
  const failed = evidence.builds.filter(isWorthIt);
  if (failed.length === 0) return evidence;
  const recognition = new Recognition(plan, sha256);
  const recognised = failed.map((build) => ({ build, vertices: recognition.recognise(build) }));
  const found = recognised.filter(({ vertices }) => [...vertices.keys()].some((id) => isOperation(plan.vertices[id])));
  if (found.length === 0) return evidence;
  const key = found
    .map(({ build, vertices }) => [build.ref, ...[...vertices.values()].map((one) => one.vertexDigest)].join(' '))
    .join('\n');
  const known = enriched.get(evidence);
  if (known?.key === key) return known.evidence;
  const bases = new BaseImages(evidence, sha256);
  const rebuilt = new Map(
    found.map(({ build, vertices }) => [build.ref, describe(build, vertices, plan, { bases, sha256 })]),
  );
  const builds = evidence.builds.map((build) => rebuilt.get(build.ref) ?? build);
  const made = indexEvidence({ ...evidence, builds }, sha256);
  enriched.set(evidence, { key, evidence: made });
  return made;
}

/** Without a graph, but with results. */
function isWorthIt({ steps, loose }: PastBuild): boolean {
  return steps.length === 0 && loose.some(({ kind, cached }) => !cached && kind !== 'other' && kind !== 'context');
}

function isOperation(vertex: Vertex | undefined): boolean {
  return vertex !== undefined && ['exec', 'file', 'merge'].includes(vertex.op.kind);
}

/** Vertices of a plan by their ids, as they stand in a build's log. */
type Recognised = ReadonlyMap<number, LooseVertex>;

class Recognition {
  private readonly digests = new Map<string, string | undefined>();

  constructor(
    private readonly plan: Plan,
    private readonly sha256: Sha256,
  ) {}

  recognise({ loose }: PastBuild): Recognised {
    const byDigest = new Map(loose.map((vertex) => [vertex.vertexDigest, vertex]));
    const context = loose.find(({ kind }) => kind === 'context');
    const found = new Map<number, LooseVertex>();
    for (const { id, op, inputs } of this.plan.vertices) {
      const vertex =
        op.kind === 'local'
          ? // which paths a transfer was asked for is in its digest: only its name tells
            op.name === 'context'
            ? context
            : undefined
          : this.candidates(id, op, inputs, found)
              .map((digest) => byDigest.get(digest))
              .find((one) => one !== undefined);
      if (vertex !== undefined) found.set(id, vertex);
    }
    return this.believed(found);
  }

  /**
   * When the key of a step cannot be made (a source is missing), everything above it is marked as cached although nobody
   * looked it up (solver/edge.go). Such a mark is believed only where it took some time, or above a step that was really
   * cached or executed: that one had its inputs.
   */
  private believed(found: Recognised): Recognised {
    const believed = new Set<number>();
    for (const id of [...found.keys()].reverse()) {
      const vertex = found.get(id);
      if (vertex === undefined) continue;
      if (vertex.cached && vertex.completed <= vertex.started && !believed.has(id)) continue;
      believed.add(id);
      for (const input of this.plan.vertices[id]?.inputs ?? []) believed.add(input);
    }
    return new Map([...found].filter(([id]) => believed.has(id)));
  }

  private candidates(id: number, op: LlbOp, inputs: readonly number[], found: Recognised): readonly string[] {
    if (op.kind === 'image') {
      return IMAGE_MODES.map(
        (mode) => this.digest(`${id} ${mode}`, () => imageVertexDigest(op, mode, this.sha256)) ?? '',
      );
    }
    const digests: string[] = [];
    for (const input of inputs) {
      const vertex = found.get(input);
      if (vertex === undefined) return [];
      digests.push(vertex.vertexDigest);
    }
    const digest = this.digest(`${id} ${digests.join(' ')}`, () => vertexDigest(op, digests, this.sha256));
    return digest === undefined ? [] : [digest];
  }

  /** The same chains stand in the logs of many builds. */
  private digest(key: string, make: () => string | undefined): string | undefined {
    if (!this.digests.has(key)) this.digests.set(key, make());
    return this.digests.get(key);
  }
}

interface Tools {
  readonly bases: BaseImages;
  readonly sha256: Sha256;
}

/** The build with its recognised vertices as steps; the others stay as they are. */
function describe(build: PastBuild, vertices: Recognised, plan: Plan, { bases, sha256 }: Tools): PastBuild {
  const index = new Map<number, number>();
  const steps: PastStep[] = [];
  for (const [id, vertex] of vertices) {
    const planned = plan.vertices[id];
    if (planned === undefined) continue;
    const { op } = planned;
    index.set(id, steps.length);
    // of a RUN the description follows from its arguments, of everything else it is the name in the log
    const description = op.kind === 'exec' ? sha256(recordDescription(op, '')) : undefined;
    const image = op.kind === 'image' ? imageParts(op.ref, op.platform, bases.of(vertices, plan, id)) : {};
    steps.push({
      ...operationParts(op, planned.inputs.length, sha256),
      vertexDigest: vertex.vertexDigest,
      inputs: planned.inputs.map((input) => index.get(input) ?? -1),
      ...image,
      recordDigest: description ?? vertex.recordDigest,
      recordTextDigest: description ?? vertex.recordTextDigest,
      lines: [],
      started: vertex.started,
      completed: vertex.completed,
      cached: vertex.cached,
      done: true,
    });
  }
  const used = new Set([...vertices.values()].map((vertex) => vertex.vertexDigest));
  return { ...build, steps, loose: build.loose.filter(({ vertexDigest: digest }) => !used.has(digest)) };
}

function imageParts(reference: string, platform: string, digest: string | undefined): Partial<PastStep> {
  const normalized = normalizeReference(reference);
  return {
    imagePlatform: platform,
    ...(normalized === undefined ? {} : { imageReference: normalized }),
    ...(digest === undefined ? {} : { imageDigest: digest }),
  };
}
