import type { Evidence } from '../core/evidence/evidence';
import type { PastBuild } from '../core/evidence/pastBuild';
import type { ContextTree } from '../core/context/tree';
import { accuracyOf, downgradesOf, type Accuracy, type Downgrades } from '../core/ledger/accuracy';
import type { NotedPrediction } from '../core/ledger/ledger';
import { noteChain } from '../core/ledger/noteChain';
import type { NotedChain } from '../core/ledger/notedChain';
import { notePrediction } from '../core/ledger/notePrediction';
import { observeBuilds } from '../core/node/ledger/observe';
import { observeChains, type ChainResult } from '../core/node/ledger/observeChains';
import { sha256 } from '../core/node/sha256';
import { LedgerStore } from '../core/node/store/ledgerStore';
import type { ProjectPrediction } from '../core/predict/project';

/** Milliseconds after an answer before it is noted: who types gets many answers, and they come first. */
const NOTE_AFTER = 100;
/** Predictions that are remembered until a build shows whether they were right. */
const MAX_NOTES = 30;
const MEGABYTE = 1_000_000;

/** What is noted of a build context beside a prediction. */
export interface NotedContext {
  readonly patterns: readonly string[];
  readonly tree: ContextTree | undefined;
  /** No build is known of only in part. */
  readonly isSettled: boolean;
}

/** A build context as it is now. */
export interface LookedContext {
  readonly root: string;
  readonly tree: ContextTree;
}

/** A build context that may be looked at. */
export interface ChainContext {
  readonly root: string;
  readonly look: () => Promise<ContextTree | undefined>;
}

interface Waiting extends NotedContext {
  readonly lookedAt: number | undefined;
  /** {@link ContextTree.changes} when the prediction was made. */
  readonly changes: number | undefined;
  readonly made: ProjectPrediction;
  readonly madeAt: number;
}

/** Compares what was on the screen with what builds then did. */
export class ServerLedger {
  /** What is not claimed any more; another object whenever that changes. */
  downgrades: Downgrades = new Map();
  accuracy: Accuracy = accuracyOf([]);
  readonly store: LedgerStore;
  /** The builds that an engine remembered when it was asked last. */
  builds: readonly PastBuild[] = [];
  private readonly notes: NotedPrediction[] = [];
  private readonly chains: NotedChain[] = [];
  private readonly waiting = new Map<object, Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private observing: Promise<void> = Promise.resolve();

  constructor(
    stateFolder: string,
    /** The accuracy, or what is claimed, is another one. */
    private readonly changed: () => void,
  ) {
    this.store = new LedgerStore(stateFolder);
  }

  /** There is an answer on the screen; `user` is only an identity. */
  predicted(user: object, made: ProjectPrediction, context: NotedContext): void {
    if ((made.buildkit?.evidence === undefined && made.chain === undefined) || !context.isSettled) return;
    const { lookedAt, changes } = context.tree ?? {};
    this.waiting.set(user, { made, madeAt: Date.now(), ...context, lookedAt, changes });
    this.timer ??= setTimeout(() => this.note(), NOTE_AFTER).unref();
  }

  /** Notes at once what is on the screen: it is what a build that begins now will be compared with. */
  noteNow(): void {
    this.note();
  }

  /** Builds may have ended, and the contexts were looked at since. Never rejects. */
  observe(evidence: Evidence, contexts: readonly LookedContext[]): Promise<void> {
    this.note();
    this.observing = this.observing.then(() => this.compare(evidence, contexts)).catch(() => undefined);
    return this.observing;
  }

  /** The same for a builder whose images are its cache; the contexts are looked at where there was a build. */
  observeChains(result: ChainResult, contexts: readonly ChainContext[]): Promise<void> {
    this.note();
    this.observing = this.observing.then(() => this.compareChains(result, contexts)).catch(() => undefined);
    return this.observing;
  }

  /** Reads what other processes noted as well. Never rejects. */
  read(): Promise<void> {
    this.observing = this.observing.then(() => this.readEntries()).catch(() => undefined);
    return this.observing;
  }

  /** How many megabytes may be kept of builds. */
  setLimit(megabytes: number): void {
    this.observing = this.observing.then(() => this.store.setLimit(megabytes * MEGABYTE)).catch(() => undefined);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private async compare(evidence: Evidence, contexts: readonly LookedContext[]): Promise<void> {
    this.builds = evidence.builds;
    for (const { root, tree } of contexts) {
      await observeBuilds(this.store, { evidence, context: root, tree, noted: this.notes });
    }
    await this.readEntries();
  }

  private async compareChains(result: ChainResult, contexts: readonly ChainContext[]): Promise<void> {
    for (const { root, look } of contexts) {
      await observeChains(this.store, { result, context: root, look, noted: this.chains });
    }
    await this.readEntries();
  }

  private async readEntries(): Promise<void> {
    const entries = await this.store.entries();
    const [accuracy, downgrades] = [accuracyOf(entries), downgradesOf(entries)];
    const isSame = JSON.stringify(accuracy) === JSON.stringify(this.accuracy);
    this.accuracy = accuracy;
    if (!isSameMap(downgrades, this.downgrades)) this.downgrades = downgrades;
    if (!isSame) this.changed();
  }

  private note(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const { made, tree, changes, ...rest } of this.waiting.values()) {
      const { prediction, buildkit, chain } = made;
      if (chain !== undefined) {
        const noted = noteChain({ prediction, basis: chain(), patterns: rest.patterns, madeAt: rest.madeAt }, sha256);
        if (noted !== undefined) this.chains.push(noted);
      }
      // what was seen since is not what the prediction was made from
      const same = tree?.changes === changes ? tree : undefined;
      const noted = buildkit && notePrediction({ ...buildkit, prediction, ...rest, tree: same }, sha256);
      if (noted !== undefined) this.notes.push(noted);
    }
    this.waiting.clear();
    this.notes.splice(0, this.notes.length - MAX_NOTES);
    this.chains.splice(0, this.chains.length - MAX_NOTES);
  }
}

function isSameMap(a: Downgrades, b: Downgrades): boolean {
  return a.size === b.size && [...a].every(([name, message]) => b.get(name) === message);
}
