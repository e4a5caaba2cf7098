import { buildahChain } from '../../buildah/chainBasis';
import { classicChain } from '../../classic/chainBasis';
import type { ContextTree } from '../../context/tree';
import { ChainGraph } from '../../ledger/chainGraph';
import { chainBuilds, type ChainBuild, type ChainFacts } from '../../ledger/compareChain';
import { isOfContext, keptChainOf } from '../../ledger/keptChain';
import type { LedgerEntry } from '../../ledger/ledger';
import type { NotedChain } from '../../ledger/notedChain';
import type { EvidenceResult } from '../engines/loadEvidence';
import { sha256 } from '../sha256';
import type { LedgerStore } from '../store/ledgerStore';

/** What is known of a builder whose images are its cache. */
export type ChainResult = Extract<EvidenceResult, { readonly kind: 'classic' | 'buildah' }>;

/** What is known after builds may have ended. */
export interface ChainObservation {
  readonly result: ChainResult;
  /** Real absolute path of the build context. */
  readonly context: string;
  /** Looks at the context after the builds; asked only where there was one. */
  readonly look: () => Promise<ContextTree | undefined>;
  /** Predictions that are not in the store. */
  readonly noted?: readonly NotedChain[];
}

/**
 * Compares the builds of a context, as new images tell of them, with what was predicted, and keeps what their context
 * was. Returns the results that are new, or that judge more than before.
 */
export async function observeChains(
  store: LedgerStore,
  observation: ChainObservation,
): Promise<readonly LedgerEntry[]> {
  const { result, context, look, noted: own = [] } = observation;
  const waiting = [...(await store.pendingChains(context)), ...own.filter((one) => one.context === context)];
  if (waiting.length === 0) return [];
  const facts = factsOf(result);
  const judged = new Map((await store.entries()).map((entry) => [entry.ref, count(entry)]));
  // what is noted here and in the store is one build; a build that went on since has more to judge
  const builds = chainBuilds(waiting, facts).filter((one) => count(one.comparison) > (judged.get(one.ref) ?? -1));
  if (builds.length === 0) return [];
  const tree = await look();
  const kept = builds.map((build) => keptChainOf(build, tree, facts)).filter(isOfContext);
  for (const build of kept) await store.keepChain(build);
  const entries = builds.map((build) => entryOf(build, facts.clockOffset));
  await store.add(entries);
  return entries;
}

function factsOf(result: ChainResult): ChainFacts {
  const { builder, clockOffset, clockMargin } = result.evidence;
  const isClassic = result.kind === 'classic';
  const images = isClassic ? classicChain(result.evidence) : buildahChain(result.evidence, sha256);
  return {
    ...{ builder: builder.kind, engine: isClassic ? (result.evidence.engineId ?? '') : '' },
    ...{ graph: new ChainGraph(images, sha256), clockOffset, clockMargin, sha256 },
  };
}

function entryOf({ ref, endedAt, noted, comparison }: ChainBuild, clockOffset: number): LedgerEntry {
  return { ref, at: endedAt - clockOffset, rules: noted.rules, dockerfile: noted.dockerfile, ...comparison };
}

function count({ classes }: Pick<LedgerEntry, 'classes'>): number {
  return Object.values(classes).reduce((sum, [right, wrong]) => sum + right + wrong, 0);
}
