import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PastBuild } from '../../evidence/pastBuild';
import { accuracyOf } from '../../ledger/accuracy';
import { pastSizes, type PastSizes } from '../../evidence/pastSizes';
import { buildRows, chainRows, findBuild } from '../../ledger/builds';
import type { Explanation } from '../../ledger/explain';
import {
  chainReproductionOf,
  reproductionOf,
  type ChainReproduction,
  type Reproduction,
} from '../../ledger/reproduction';
import { accuracyReport, buildsTable, explanationReport, timeInWords, type ExplainedNames } from '../../ledger/words';
import { predictProject, type ProjectPrediction } from '../../predict/project';
import { ContextIndex, readIgnoreRules, type IgnoreRules } from '../context/contextIndex';
import { OtherContexts } from '../context/otherContexts';
import { evidenceParts } from '../engines/evidenceParts';
import { EvidenceSource, type EvidenceResult } from '../engines/loadEvidence';
import { HashPool } from '../hash/pool';
import { hostPlatform } from '../hostPlatform';
import { chainName, explainChain, keptChains, type ChainSide, type PresentChain } from '../ledger/chainExplainer';
import { explain, type Side } from '../ledger/explainer';
import { observeBuilds } from '../ledger/observe';
import { observeChains, type ChainResult } from '../ledger/observeChains';
import { sha256 } from '../sha256';
import { FileHistoryStore } from '../store/historyStore';
import { LayerStore } from '../store/layerStore';
import { LedgerStore } from '../store/ledgerStore';
import { stateFolder } from '../store/stateFolder';
import { UsageError, type HistoryArguments, type PredictArguments } from './args';
import { contextFolder, findDockerfile, loadEvidence, readDockerfile, readUntilCertain, requestsOf } from './predict';

/** The word for what would be built now. */
const NOW = 'now';

/** The images of these builders tell only of builds that a prediction was made for. */
const NO_HISTORY = 'This builder keeps no history: a build is known by its images, if it was predicted before.';

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
  readonly context: string;
  readonly dockerfile: string;
  /** Ignore files differ between builders. */
  private rules: IgnoreRules;
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
    await this.look('');
    const accuracy = accuracyOf(await this.store.entries());
    this.print({ ...accuracy }, accuracyReport(accuracy));
    return 0;
  }

  async list(): Promise<number> {
    const result = await this.look('');
    const { context, dockerfile } = this;
    const rows = isChain(result)
      ? chainRows(await keptChains(this.store, result, this))
      : buildRows(buildsOf(result), await this.store.entries(), { context, dockerfile }, sizesOf(result));
    if (isChain(result) && rows.length === 0) process.stderr.write(`${NO_HISTORY}\n`);
    this.print({ context, dockerfile, builds: rows }, buildsTable(rows));
    return 0;
  }

  async explain(before: string, after: string): Promise<number> {
    const asksNow = [before, after].includes(NOW);
    const text = asksNow ? readDockerfile(this.dockerfile) : '';
    const result = await this.look(text);
    if (isChain(result)) {
      const kept = await keptChains(this.store, result, this);
      const side = (name: string): Promise<ChainSide> =>
        name === NOW ? this.presentChain(text, result) : Promise.resolve(found(kept, name));
      const [from, to] = [await side(before), await side(after)];
      const explanation = await explainChain(result.kind, this, from, to);
      return this.tell([from, to].map(refOf), { before: chainName(from), after: chainName(to) }, explanation);
    }
    const builds = buildsOf(result);
    const side = (name: string): Side => (name === NOW ? this.present(text, result) : found(builds, name));
    const [from, to] = [side(before), side(after)];
    const explanation = await explain(this.store, result.kind === 'evidence' ? result.evidence : undefined, from, to);
    return this.tell([from, to].map(refOf), { before: nameOf(from), after: nameOf(to) }, explanation);
  }

  private async tell(
    [before, after]: readonly string[],
    names: ExplainedNames,
    explanation: Explanation,
  ): Promise<number> {
    const { difference, executed, notes } = explanation;
    this.print(
      { before, after, difference: difference ?? null, executed, notes },
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

  /** Looks at engine and files; builds that ended since the last look are compared and kept. */
  private async look(text: string): Promise<EvidenceResult> {
    const { context, index, store } = this;
    if (this.request.engine !== 'none') {
      this.rules = readIgnoreRules(context, this.dockerfile, await this.source.family());
    }
    const [result] = await Promise.all([
      loadEvidence(this.request, text, requestsOf(this.request), this.source, this.imagesText(text)),
      index.scan(this.rules),
    ]);
    if (result.kind === 'none') process.stderr.write(`${result.failure.message}\n`);
    else if (result.kind === 'evidence') {
      if (result.settled) await observeBuilds(store, { evidence: result.evidence, context, tree: index.tree });
    } else {
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

  private project(text: string, result: EvidenceResult): ProjectPrediction {
    const { context, dockerfile, index, rules } = this;
    const [request] = requestsOf(this.request);
    if (request === undefined) throw new UsageError('nothing is asked to be built');
    return predictProject({
      ...{ text, dockerfile, request, sha256, defaultPlatform: hostPlatform(), baseline: 'engine' },
      ...evidenceParts(result),
      context: { path: context, tree: index.tree, patterns: rules.patterns, problems: [], others: new Map() },
    });
  }

  private async presentChain(text: string, result: EvidenceResult): Promise<PresentChain> {
    const { index, rules } = this;
    const others = new OtherContexts(stateFolder(process.env));
    const made = await readUntilCertain(() => this.project(text, result), index, others);
    return { made, tree: index.tree, patterns: rules.patterns, read: (nodes) => index.read(nodes) };
  }

  private present(text: string, result: EvidenceResult): Side {
    const { context, index, rules } = this;
    const made = this.project(text, result);
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

function sizesOf(result: EvidenceResult): PastSizes | undefined {
  return result.kind === 'evidence' ? pastSizes(result.evidence) : undefined;
}

function isChain(result: EvidenceResult): result is ChainResult {
  return result.kind === 'classic' || result.kind === 'buildah';
}

function found<T extends { readonly ref: string }>(builds: readonly T[], name: string): T {
  const build = findBuild(builds, name);
  if (typeof build === 'string') throw new UsageError(build);
  return build;
}

function refOf(side: Side | ChainSide): string {
  return 'made' in side ? NOW : side.ref;
}

function nameOf(side: Side): string {
  return 'made' in side ? NOW : `build ${side.ref.slice(0, 12)} (${timeInWords(side.createdAt)})`;
}
