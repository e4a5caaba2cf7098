import type { ContextNode, ContextTree } from '../../context/tree';
import type { Evidence } from '../../evidence/evidence';
import type { PastBuild } from '../../evidence/pastBuild';
import { explainBuilds, type ExplainedBuild, type Explanation } from '../../ledger/explain';
import type { ContextState } from '../../ledger/explainFiles';
import { treeOf } from '../../ledger/manifest';
import { plannedBuild } from '../../ledger/plannedBuild';
import type { BuildkitBasis } from '../../predict/project';
import { sha256 } from '../sha256';
import type { LedgerStore } from '../store/ledgerStore';

/** Rounds of reading files that would make an answer certain. */
const ROUNDS = 3;

/** What would be built now, and on which files. */
export interface PresentBuild {
  readonly made: Pick<BuildkitBasis, 'plan' | 'options'>;
  readonly context: string;
  readonly tree: ContextTree;
  readonly patterns: readonly string[];
  /** Reads the content of files. */
  readonly read: (nodes: readonly ContextNode[]) => Promise<unknown>;
}

/** One side of a question: a past build, or what would be built now. */
export type Side = PastBuild | PresentBuild;

/** Says in what two builds, or a build and now, first differ. */
export async function explain(
  store: LedgerStore,
  evidence: Evidence | undefined,
  before: Side,
  after: Side,
): Promise<Explanation> {
  const sides = [await explained(store, before), await explained(store, after)] as const;
  const present = [before, after].find((side) => 'made' in side);
  const tools = { sha256, isSameImage: sameImages(evidence) };
  return untilCertain(() => explainBuilds(...sides, tools), present);
}

/** Explains again as long as there are present files to be read for it. */
export async function untilCertain(
  explainOnce: () => Explanation,
  present: Pick<PresentBuild, 'tree' | 'read'> | undefined,
): Promise<Explanation> {
  let explanation = explainOnce();
  for (let round = 0; round < ROUNDS && present !== undefined; round++) {
    const { tree, read } = present;
    const wanted = explanation.wanted.filter((node) => node.changes === tree.root.changes);
    if (wanted.length === 0) break;
    await read(wanted);
    explanation = explainOnce();
  }
  return explanation;
}

async function explained(store: LedgerStore, side: Side): Promise<ExplainedBuild> {
  if ('made' in side) {
    const { made, context, tree, patterns } = side;
    const build = plannedBuild(made.plan, made.options, context, patterns, sha256);
    return { build, context: { tree, patterns, unknown: new Set() }, isNow: true };
  }
  const kept = await store.kept(side.ref);
  const manifest = kept?.manifest;
  const context: ContextState | undefined =
    manifest === undefined
      ? undefined
      : { tree: treeOf(manifest), patterns: manifest.patterns, unknown: new Set(manifest.unknown) };
  return { build: side, context, isNow: false };
}

/** An image that the engine has is one by its layers and by its manifests. */
function sameImages(evidence: Evidence | undefined): (a: string, b: string) => boolean {
  const images = [...(evidence?.images.values() ?? [])];
  return (a, b) =>
    a === b ||
    images.some((image) => {
      const names = image === undefined ? [] : [image.chainId, ...image.digests];
      return names.includes(a) && names.includes(b);
    });
}
