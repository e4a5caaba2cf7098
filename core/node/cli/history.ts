import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PastBuild } from '../../evidence/pastBuild';
import { accuracyOf } from '../../ledger/accuracy';
import { buildRows, findBuild } from '../../ledger/builds';
import {
  chainReproductionOf,
  reproductionOf,
  type ChainReproduction,
  type Reproduction,
} from '../../ledger/reproduction';
import { accuracyReport, buildsTable, explanationReport, timeInWords } from '../../ledger/words';
import { predictProject } from '../../predict/project';
import { ContextIndex, readIgnoreRules, type IgnoreRules } from '../context/contextIndex';
import { evidenceParts } from '../engines/evidenceParts';
import { EvidenceSource, type EvidenceResult } from '../engines/loadEvidence';
import { HashPool } from '../hash/pool';
import { hostPlatform } from '../hostPlatform';
import { explain, type Side } from '../ledger/explainer';
import { observeBuilds } from '../ledger/observe';
import { observeChains } from '../ledger/observeChains';
import { sha256 } from '../sha256';
import { FileHistoryStore } from '../store/historyStore';
import { LayerStore } from '../store/layerStore';
import { LedgerStore } from '../store/ledgerStore';
import { stateFolder } from '../store/stateFolder';
import { UsageError, type HistoryArguments, type PredictArguments } from './args';
import { contextFolder, findDockerfile, loadEvidence, readDockerfile, requestsOf } from './predict';

/** The word for what would be built now. */
const NOW = 'now';

const NO_HISTORY = 'Only BuildKit keeps a history of builds: of this builder none is listed or explained.';

/** Runs `layer-insight history` and prints its answer; returns the exit code. */
export async function runHistory({ request, question }: HistoryArguments): Promise<number> {
  const pool = new HashPool(join(__dirname, 'hashWorker.js'));
  const session = new HistorySession(request, pool);
  try {
    switch (question.kind) {
      case 'accuracy':
        return await session.accuracy();
      case 'list':
        return await session.list();
      case 'explain':
        return await session.explain(question.before, question.after);
      case 'reproduction':
        return await session.reproduction(question.ref, question.output);
    }
  } finally {
    session.close();
    pool.dispose();
  }
}

class HistorySession {
  private readonly context: string;
  private readonly dockerfile: string;
  private readonly rules: IgnoreRules;
  private readonly store: LedgerStore;
  private readonly index: ContextIndex;
  private readonly source: EvidenceSource;

  constructor(
    private readonly request: PredictArguments,
    pool: HashPool,
  ) {
    const folder = stateFolder(process.env);
    this.context = contextFolder(request.context);
    this.dockerfile = findDockerfile(request.file, this.context);
    this.rules = readIgnoreRules(this.context, this.dockerfile);
    this.store = new LedgerStore(folder);
    this.index = new ContextIndex(this.context, folder, pool);
    this.source = new EvidenceSource(
      {
        ...{ program: 'docker', builder: request.builder, env: process.env },
        wanted: request.engine === 'podman' ? 'buildah' : undefined,
      },
      new FileHistoryStore(folder),
      new LayerStore(folder),
    );
  }

  close(): void {
    this.source.close();
  }

  async accuracy(): Promise<number> {
    await this.look('', false);
    const accuracy = accuracyOf(await this.store.entries());
    this.print({ ...accuracy }, accuracyReport(accuracy));
    return 0;
  }

  async list(): Promise<number> {
    const result = await this.look('');
    const { context, dockerfile } = this;
    const rows = buildRows(buildsOf(result), await this.store.entries(), { context, dockerfile });
    this.print({ context, dockerfile, builds: rows }, buildsTable(rows));
    return 0;
  }

  async explain(before: string, after: string): Promise<number> {
    const asksNow = [before, after].includes(NOW);
    const text = asksNow ? readDockerfile(this.dockerfile) : '';
    const result = await this.look(text);
    const builds = buildsOf(result);
    const sides = [before, after].map((name) => (name === NOW ? this.present(text, result) : found(builds, name)));
    const [from, to] = sides;
    if (from === undefined || to === undefined) throw new UsageError('history explain takes two builds');
    const explanation = await explain(this.store, result.kind === 'evidence' ? result.evidence : undefined, from, to);
    const { difference, executed, notes } = explanation;
    const names = { before: nameOf(from), after: nameOf(to) };
    this.print(
      { before: refOf(from), after: refOf(to), difference: difference ?? null, executed, notes },
      explanationReport(names, explanation),
    );
    await this.index.save();
    return 0;
  }

  async reproduction(ref: string, output: string | undefined): Promise<number> {
    const chain = await this.store.keptChain(ref);
    if (chain !== undefined) return this.write(chainReproductionOf(chain), output);
    const builds = buildsOf(await this.look(''));
    const build = found(builds, ref);
    const kept = await this.store.kept(build.ref);
    if (kept === undefined) throw new UsageError(`nothing is kept of build ${build.ref}: it was not observed`);
    return this.write(reproductionOf(kept, builds), output);
  }

  private write(reproduction: Reproduction | ChainReproduction, output: string | undefined): number {
    const text = `${JSON.stringify(reproduction, null, 2)}\n`;
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, text);
    return 0;
  }

  /**
   * Looks at engine and files; builds that ended since the last look are compared and kept.
   *
   * @param wantsHistory the answer is about past builds one by one
   */
  private async look(text: string, wantsHistory = true): Promise<EvidenceResult> {
    const { context, index, store } = this;
    const [result] = await Promise.all([
      loadEvidence(this.request, text, requestsOf(this.request), this.source, this.imagesText(text)),
      index.scan(this.rules),
    ]);
    if (result.kind === 'none') process.stderr.write(`${result.failure.message}\n`);
    else if (result.kind === 'evidence') {
      if (result.settled) await observeBuilds(store, { evidence: result.evidence, context, tree: index.tree });
    } else {
      if (wantsHistory) process.stderr.write(`${NO_HISTORY}\n`);
      await observeChains(store, { result, context, look: () => Promise.resolve(index.tree) });
    }
    await index.save();
    return result;
  }

  /** Builds whose images are their cache are known by what stands on the images that the Dockerfile names. */
  private imagesText(text: string): string {
    if (text !== '') return text;
    try {
      return readDockerfile(this.dockerfile);
    } catch (error) {
      if (error instanceof UsageError) return '';
      throw error;
    }
  }

  private present(text: string, result: EvidenceResult): Side {
    const { context, dockerfile, index, rules } = this;
    const [request] = requestsOf(this.request);
    if (request === undefined) throw new UsageError('nothing is asked to be built');
    const made = predictProject({
      ...{ text, dockerfile, request, sha256, defaultPlatform: hostPlatform(), baseline: 'engine' },
      ...evidenceParts(result),
      context: { path: context, tree: index.tree, patterns: rules.patterns, problems: [], others: new Map() },
    });
    if (made.buildkit === undefined)
      throw new UsageError('what this builder would do now is not compared with past builds');
    return {
      made: made.buildkit,
      context,
      tree: index.tree,
      patterns: rules.patterns,
      read: (nodes) => index.read(nodes),
    };
  }

  private print(json: Record<string, unknown>, text: string): void {
    process.stdout.write(this.request.json ? `${JSON.stringify({ schemaVersion: 1, ...json }, null, 2)}\n` : text);
  }
}

function buildsOf(result: EvidenceResult): readonly PastBuild[] {
  return result.kind === 'evidence' ? result.evidence.builds : [];
}

function found(builds: readonly PastBuild[], name: string): PastBuild {
  const build = findBuild(builds, name);
  if (typeof build === 'string') throw new UsageError(build);
  return build;
}

function refOf(side: Side): string {
  return 'made' in side ? NOW : side.ref;
}

function nameOf(side: Side): string {
  return 'made' in side ? NOW : `build ${side.ref.slice(0, 12)} (${timeInWords(side.createdAt)})`;
}
