import { inputUses } from '../llb/contentInputs';
import type { Plan } from '../plan/graph';
import { recordDescription } from './provenance';
import type { Evidence } from './evidence';
import type { Sha256 } from './facts';
import type { CacheRecord, LooseVertex, PastBuild, PastStep } from './pastBuild';

/** What a chain of steps stands on. */
interface Base {
  /** The source at the bottom. */
  readonly source: number;
  /** Results from it to the step, that of the step included. */
  readonly depth: number;
}

/** Tells which image a name stood for when a build ran that left no description. */
export class BaseImages {
  private readonly byId: ReadonlyMap<string, CacheRecord>;
  /** Digests of images by the record of their uppermost layer; undefined where records contradict each other. */
  private readonly images = new Map<string, string | undefined>();

  constructor(
    private readonly evidence: Evidence,
    private readonly sha256: Sha256,
  ) {
    this.byId = new Map(evidence.records.map((record) => [record.id, record]));
    this.learn();
  }

  /**
   * The image that a vertex of the plan stood for in a build: the results that the build left on it lie on the same
   * record as those of a build that is known. Undefined when no result tells, or when they differ.
   */
  of(vertices: ReadonlyMap<number, LooseVertex>, plan: Plan, image: number): string | undefined {
    const pinned = pinnedDigest(plan, image);
    if (pinned !== undefined) return pinned;
    const found = new Set<string | undefined>();
    for (const [id, vertex] of vertices) {
      const base = vertex.cached ? undefined : plannedBase(plan, id);
      const op = plan.vertices[id]?.op;
      if (base?.source !== image || op === undefined) continue;
      const digest = op.kind === 'exec' ? this.sha256(recordDescription(op, '')) : vertex.recordDigest;
      const records = this.evidence.join.within(digest, vertex.started, vertex.completed);
      for (const record of records) found.add(this.images.get(this.below(record, base.depth) ?? ''));
    }
    const [only] = found;
    return found.size === 1 ? only : undefined;
  }

  private learn(): void {
    const { classes, join } = this.evidence;
    for (const { build, step, keyClass } of classes.instances) {
      const base = pastBase(build, build.steps.indexOf(step));
      const digest = build.steps[base?.source ?? -1]?.imageDigest;
      if (base === undefined || digest === undefined) continue;
      for (const record of join.records(keyClass)) {
        const layer = this.below(record, base.depth);
        if (layer === undefined) continue;
        const isOther = this.images.has(layer) && this.images.get(layer) !== digest;
        this.images.set(layer, isOther ? undefined : digest);
      }
    }
  }

  /** The record so many layers down; undefined where the way down forks or ends. */
  private below(record: CacheRecord, depth: number): string | undefined {
    let at: CacheRecord | undefined = record;
    for (let left = depth; left > 0 && at !== undefined; left--) {
      const [parent, ...more]: readonly string[] = at.parents;
      at = parent === undefined || more.length > 0 ? undefined : this.byId.get(parent);
    }
    return at?.id;
  }
}

/** What following a chain down needs to know of one step. */
type Link = Pick<PastStep, 'kind' | 'inputs' | 'uses'> | undefined;

/** Goes down a chain of results to the image that it stands on; undefined where it stands on something else. */
function baseOf(start: number, link: (index: number) => Link): Base | undefined {
  let at = start;
  for (let depth = 0; ; depth++) {
    const step = link(at);
    if (step?.kind === 'image') return { source: at, depth };
    if (step?.kind !== 'exec' && step?.kind !== 'file') return undefined;
    const [parent] = step.inputs;
    if (parent === undefined || step.uses[0]?.byContent !== false) return undefined;
    at = parent;
  }
}

function plannedBase(plan: Plan, id: number): Base | undefined {
  return baseOf(id, (index) => {
    const vertex = plan.vertices[index];
    return vertex && { kind: vertex.op.kind, inputs: vertex.inputs, uses: inputUses(vertex.op, vertex.inputs.length) };
  });
}

function pastBase({ steps }: PastBuild, index: number): Base | undefined {
  return baseOf(index, (at) => steps[at]);
}

function pinnedDigest(plan: Plan, image: number): string | undefined {
  const op = plan.vertices[image]?.op;
  const [, digest] = op?.kind === 'image' ? op.ref.split('@') : [];
  return digest;
}
