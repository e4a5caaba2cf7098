import { isUnchanged } from '../../context/unchanged';
import type { ContextTree } from '../../context/tree';
import type { Evidence } from '../../evidence/evidence';
import type { PastBuild } from '../../evidence/pastBuild';
import { compareBuild, predictionFor, type ComparisonFacts } from '../../ledger/compareBuild';
import { manifestOf, type KeptBuild } from '../../ledger/keptBuild';
import type { LedgerEntry, NotedPrediction } from '../../ledger/ledger';
import { sha256 } from '../sha256';
import type { LedgerStore } from '../store/ledgerStore';

/** Builds of one context that are looked at at once: older ones are told by nobody. */
const NEWEST = 8;

/** What is known after builds may have ended. */
export interface Observation {
  readonly evidence: Evidence;
  /** Real absolute path of the build context. */
  readonly context: string;
  /** Looked at after the builds. */
  readonly tree: ContextTree;
  /** Predictions that are not in the store. */
  readonly noted?: readonly NotedPrediction[];
}

/**
 * Compares the builds of a context that were not looked at yet with what was predicted, and keeps what their context
 * was. Returns the results that are new.
 */
export async function observeBuilds(store: LedgerStore, observation: Observation): Promise<readonly LedgerEntry[]> {
  const { evidence, context, tree } = observation;
  const builds = evidence.builds
    .filter(({ contextPath, steps }) => contextPath === context && steps.length > 0)
    .sort((a, b) => b.createdAt - a.createdAt)
    .slice(0, NEWEST);
  const [kept, entries] = await Promise.all([store.keptRefs(), store.entries()]);
  const compared = new Set(entries.map(({ ref }) => ref));
  const { noted: own = [] } = observation;
  const isKept = ({ ref }: PastBuild): boolean => store.isKept(ref, kept);
  // what another process saw without a prediction may be one that is known here
  const fresh = builds.filter((build) => !compared.has(build.ref) && (own.length > 0 || !isKept(build)));
  if (fresh.length === 0) return [];
  const noted = [...(await store.pending(context)), ...own];
  const facts: ComparisonFacts = {
    builds: evidence.builds,
    records: evidence.records,
    clockOffset: evidence.clockOffset,
    clockMargin: evidence.clockMargin,
    isUnchanged: (use, patterns, span, known) => isUnchanged(tree, use, patterns, span, known),
    sha256,
  };
  const results: LedgerEntry[] = [];
  // the newest is kept last: the oldest go first where there is no room
  for (const build of fresh.reverse()) {
    const prediction = predictionFor(build, noted, facts);
    if (prediction === undefined && isKept(build)) continue;
    const manifest = manifestOf(build, tree, facts, sha256);
    const one: KeptBuild = {
      build,
      ...(manifest === undefined ? {} : { manifest }),
      ...(prediction === undefined ? {} : { noted: prediction, comparison: compareBuild(prediction, build, facts) }),
    };
    results.push(...entryOf(one));
    await store.keep(one);
  }
  if (results.length > 0) await store.add(results);
  return results;
}

function entryOf({ build, noted, comparison }: KeptBuild): LedgerEntry[] {
  if (noted === undefined || comparison === undefined) return [];
  const { ref, completedAt: at } = build;
  return [{ ref, at, rules: noted.rules, dockerfile: noted.dockerfile, ...comparison }];
}
