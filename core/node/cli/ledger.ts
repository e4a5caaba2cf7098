import type { ContextTree } from '../../context/tree';
import { downgradesOf, type Downgrades } from '../../ledger/accuracy';
import { noteChain } from '../../ledger/noteChain';
import { notePrediction } from '../../ledger/notePrediction';
import type { ProjectPrediction } from '../../predict/project';
import type { EvidenceResult } from '../engines/loadEvidence';
import { observeBuilds } from '../ledger/observe';
import { observeChains } from '../ledger/observeChains';
import { sha256 } from '../sha256';
import { LedgerStore } from '../store/ledgerStore';

/** What a run of the command line tells the ledger. */
export interface LedgerRun {
  readonly result: EvidenceResult;
  /** Real absolute path of the build context. */
  readonly context: string;
  readonly tree: ContextTree;
  readonly patterns: readonly string[];
  readonly made: readonly ProjectPrediction[];
}

/** What is not claimed any more because it was wrong once. */
export async function readDowngrades(stateFolder: string): Promise<Downgrades> {
  return downgradesOf(await new LedgerStore(stateFolder).entries());
}

/** Looks at the builds that ended since the last run, and remembers what was predicted now. */
export async function tellLedger(stateFolder: string, run: LedgerRun): Promise<void> {
  const { result, context, tree, patterns, made } = run;
  // what is not written down completely is looked at by the next run
  if (result.kind === 'none' || !result.settled) return;
  const store = new LedgerStore(stateFolder);
  if (result.kind === 'evidence') await observeBuilds(store, { evidence: result.evidence, context, tree });
  else await observeChains(store, { result, context, look: () => Promise.resolve(tree) });
  const madeAt = Date.now();
  for (const { prediction, buildkit, chain } of made) {
    if (chain !== undefined) {
      const noted = noteChain({ prediction, basis: chain(), patterns, madeAt }, sha256);
      if (noted !== undefined) await store.notePendingChain(noted);
    }
    if (buildkit === undefined) continue;
    const noted = notePrediction({ ...buildkit, prediction, patterns, lookedAt: tree.lookedAt, madeAt }, sha256);
    if (noted !== undefined) await store.notePending(noted);
  }
}
