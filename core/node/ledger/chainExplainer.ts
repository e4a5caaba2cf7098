import type { ContextNode, ContextTree } from '../../context/tree';
import type { Explanation } from '../../ledger/explain';
import { explainChains, type ExplainedChain } from '../../ledger/explainChain';
import type { ChainContext } from '../../ledger/explainChainFiles';
import type { KeptChain } from '../../ledger/keptChain';
import { treeOf } from '../../ledger/manifest';
import { presentStages } from '../../ledger/noteChain';
import { timeInWords } from '../../ledger/words';
import type { ProjectPrediction } from '../../predict/project';
import { sha256 } from '../sha256';
import type { ChainScope, LedgerStore } from '../store/ledgerStore';
import { untilCertain } from './explainer';
import type { ChainResult } from './observeChains';

/** Letters of an id that are shown. */
const SHOWN = 12;

/** What would be built now by a builder whose images are its cache, and on which files. */
export interface PresentChain {
  readonly made: Pick<ProjectPrediction, 'prediction' | 'chain'>;
  readonly tree: ContextTree;
  readonly patterns: readonly string[];
  /** Reads the content of files. */
  readonly read: (nodes: readonly ContextNode[]) => Promise<unknown>;
}

/** One side of a question: a build that is kept, or what would be built now. */
export type ChainSide = KeptChain | PresentChain;

/** Which Dockerfile of which build context it is about. */
export type ExplainedFile = Pick<ChainScope, 'context' | 'dockerfile'>;

/** The builds of a Dockerfile of which something is kept. */
export function keptChains(
  store: LedgerStore,
  result: ChainResult,
  file: ExplainedFile,
): Promise<readonly KeptChain[]> {
  const engine = result.kind === 'classic' ? (result.evidence.engineId ?? '') : '';
  return store.keptChains({ builder: result.kind, engine, ...file });
}

/** Says in what two builds, or a build and now, first differ. */
export function explainChain(
  builder: ChainResult['kind'],
  file: ExplainedFile,
  before: ChainSide,
  after: ChainSide,
): Promise<Explanation> {
  const [from, to] = [explained(before, file), explained(after, file)];
  const present = [before, after].find((side) => 'made' in side);
  return untilCertain(() => explainChains(builder, from, to, sha256), present);
}

/** What one side is called. */
export function chainName(side: ChainSide): string {
  return 'made' in side ? 'now' : `build ${side.ref.slice(0, SHOWN)} (${timeInWords(side.startedAt)})`;
}

function explained(side: ChainSide, { context: root, dockerfile: file }: ExplainedFile): ExplainedChain {
  const dockerfile = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : undefined;
  if ('made' in side) {
    const { made, tree, patterns } = side;
    const { prediction, chain } = made;
    return {
      ...{ name: 'now', isNow: true, target: prediction.target, seen: undefined, span: undefined },
      stages: chain === undefined ? [] : presentStages({ prediction, basis: chain() }, sha256),
      context: { tree, patterns, unknown: new Set(), dockerfile },
    };
  }
  const { ref, noted, seen, startedAt, endedAt, manifest } = side;
  const context: ChainContext | undefined = manifest && {
    ...{ tree: treeOf(manifest), patterns: manifest.patterns, unknown: new Set(manifest.unknown), dockerfile },
  };
  return {
    ...{ name: `build ${ref.slice(0, SHOWN)}`, isNow: false, target: noted.target, stages: noted.stages },
    ...{ seen, span: { startedAt, endedAt }, context },
  };
}
