import { ContextCopies } from '../buildah/contextCopies';
import type { TakenPaths } from '../chain/facts';
import { ContextSums } from '../classic/contextSums';
import { followInScope } from '../classic/scopedPath';
import { SentContext } from '../classic/sentContext';
import { clean } from '../context/goPath';
import type { ContextNode } from '../context/tree';
import type { Sha256 } from '../evidence/facts';
import type { ChainBuilder } from './explainChain';
import { byPath, compareTaken, type ContextState, type FileDifference } from './explainFiles';

/** A build context, and where the Dockerfile is in it. */
export interface ChainContext extends ContextState {
  /** Relative to the context, with `/`; undefined when it lies elsewhere. */
  readonly dockerfile: string | undefined;
}

/** How what one step takes differs between two states of a context. */
export interface TakenDifference extends FileDifference {
  /** Paths that differ although the builder does not look at them. */
  readonly blind: readonly string[];
}

/** Compares what a step took in two states of the context, by the rules of its builder. */
export class ChainFiles {
  constructor(
    private readonly builder: ChainBuilder,
    private readonly sha256: Sha256,
  ) {}

  /** Undefined when what is taken was not noted. */
  compare(
    before: ChainContext,
    after: ChainContext,
    then: TakenPaths,
    now: TakenPaths,
    areSame: boolean,
  ): TakenDifference | undefined {
    // what a variable named is not written down, but where it is the same, one of both is enough
    const known = [now, then].find((one) => one.sources !== undefined || one.mounts !== undefined);
    const [theirs, ours] = [then, now].map((one) => (isKnown(one) ? one : areSame ? known : undefined));
    if (theirs === undefined || ours === undefined) return undefined;
    const difference = compareTaken(before, after, this.taken(before, theirs), this.taken(after, ours));
    const blind = compareTaken(
      ...([before, after] as const),
      ...([below(before, theirs.blind), below(after, ours.blind)] as const),
    );
    return { ...difference, blind: blind.changes.map(({ path }) => path) };
  }

  private taken(context: ChainContext, taken: TakenPaths): ReadonlyMap<string, ContextNode> {
    const { sources = [], excludes = [], mounts } = taken;
    if (mounts !== undefined) return below(context, mounts);
    const { tree, patterns, dockerfile } = context;
    if (this.builder === 'buildah') {
      return byPath(new ContextCopies(tree, patterns, this.sha256).taken({ sources, excludes }));
    }
    const sees = new SentContext(patterns, dockerfile);
    const sums = new ContextSums({ tree, sees, typeBits: false, sha256: this.sha256 });
    const nodes = new Set<ContextNode>();
    for (const node of sums.taken(sources)) {
      nodes.add(node);
      // a link counts as what it leads to
      const end = node.entry?.type === 'symlink' ? followInScope(tree, sees, node.path)?.node : undefined;
      if (end !== undefined) nodes.add(end);
    }
    return byPath(nodes);
  }
}

function isKnown({ sources, mounts }: TakenPaths): boolean {
  return sources !== undefined || mounts !== undefined;
}

/** Everything below some paths, whatever is ignored. */
function below({ tree }: ChainContext, paths: readonly string[] = []): ReadonlyMap<string, ContextNode> {
  const nodes = paths.flatMap((path) => {
    const node = tree.node(clean(`/${path}`).slice(1));
    return node === undefined ? [] : [...tree.nodes(node)];
  });
  return byPath(nodes.filter(({ entry }) => entry !== undefined));
}
