import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BuilderInfo, Prediction } from '../../model';
import { stopsTheBuild } from '../../predict/predict';
import type { BuildRequest } from '../../plan/graph';
import { imagesOf, predictProject, type ProjectPrediction } from '../../predict/project';
import { ContextIndex, readIgnoreRules } from '../context/contextIndex';
import { OtherContexts } from '../context/otherContexts';
import type { WantedBuilder } from '../engines/builderKind';
import { evidenceParts } from '../engines/evidenceParts';
import { EvidenceSource, type EngineFailure, type EvidenceResult } from '../engines/loadEvidence';
import { HashPool } from '../hash/pool';
import { hostPlatform } from '../hostPlatform';
import { sha256 } from '../sha256';
import { FileHistoryStore } from '../store/historyStore';
import { LayerStore } from '../store/layerStore';
import { stateFolder } from '../store/stateFolder';
import { UsageError, type PredictArguments } from './args';
import { readDowngrades, tellLedger } from './ledger';
import { cacheImages, readOutside } from './network';
import { predictCommit } from './predictCommit';
import { renderPrediction } from './render';

/** Bytes that are read ahead after the answer, so that the next change is recognised for certain. */
const READ_AHEAD = 32_000_000;
/** Milliseconds for that: the shell waits for it. */
const READ_AHEAD_TIME = 60;
/** Rounds of reading files that would make an answer certain. */
const ROUNDS = 3;

/** Runs `layer-insight predict` and prints its answer; returns the exit code. */
export async function runPredict(args: PredictArguments): Promise<number> {
  if (args.baseline.startsWith('git:')) return runPredictCommit(args);
  const run = new PredictionRun(args);
  try {
    const { predictions, evidence } = await run.predict();
    process.stdout.write(print(predictions, args));
    if (evidence.kind === 'none') process.stderr.write(`${evidence.failure.message}\n`);
    await run.remember();
    return args.exitCode ? exitCode(predictions) : 0;
  } finally {
    run.close();
  }
}

async function runPredictCommit(args: PredictArguments): Promise<number> {
  const context = contextFolder(args.context);
  const dockerfile = findDockerfile(args.file, context);
  const text = readDockerfile(dockerfile);
  const pool = new HashPool(join(__dirname, 'hashWorker.js'));
  const index = new ContextIndex(context, stateFolder(process.env), pool);
  try {
    const rules = readIgnoreRules(context, dockerfile);
    await index.scan(rules);
    const ref = args.baseline.slice('git:'.length);
    const predictions = await predictCommit({ ref, text, dockerfile, index, rules, requests: requestsOf(args) });
    process.stdout.write(print(predictions, args));
    await index.save();
    return args.exitCode ? exitCode(predictions) : 0;
  } finally {
    pool.dispose();
  }
}

/** What a run of the command line predicts. */
export interface Predicted {
  /** One for each platform that was asked for. */
  readonly predictions: readonly Prediction[];
  readonly evidence: EvidenceResult;
}

/** One look at engine and files, with what is remembered of it. */
export class PredictionRun {
  readonly context: string;
  readonly dockerfile: string;
  private readonly text: string;
  private readonly folder = stateFolder(process.env);
  private readonly pool = new HashPool(join(__dirname, 'hashWorker.js'));
  private readonly index: ContextIndex;
  private readonly source: EvidenceSource;
  private readonly others = new OtherContexts(this.folder);
  private made: { readonly evidence: EvidenceResult; readonly all: readonly ProjectPrediction[] } | undefined;
  private patterns: readonly string[] = [];

  constructor(private readonly args: PredictArguments) {
    this.context = contextFolder(args.context);
    this.dockerfile = findDockerfile(args.file, this.context);
    this.text = readDockerfile(this.dockerfile);
    this.index = new ContextIndex(this.context, this.folder, this.pool);
    this.source = new EvidenceSource(
      {
        ...{ program: 'docker', builder: args.builder, env: process.env },
        wanted: args.engine === 'podman' ? 'buildah' : undefined,
      },
      new FileHistoryStore(this.folder),
      new LayerStore(this.folder),
    );
  }

  /** The family of builder that is meant. */
  family(): Promise<WantedBuilder> {
    return this.source.family();
  }

  async predict(): Promise<Predicted> {
    const { args, text, dockerfile, context, folder, index, others, source } = this;
    const requests = requestsOf(args);
    const rules = readIgnoreRules(context, dockerfile, args.engine === 'none' ? 'buildkit' : await source.family());
    const looked = loadEvidence(args, text, requests, source);
    const [evidence, downgrades, outside] = await Promise.all([
      looked,
      readDowngrades(folder),
      looked.then((result) =>
        readOutside(text, requests, result, { allowed: args.askNetwork, cacheFrom: args.cacheFrom }),
      ),
      index.scan(rules),
    ]);
    if (evidence.kind === 'evidence') index.noteBuilds(evidence.evidence);
    const all: ProjectPrediction[] = [];
    for (const request of requests) {
      const make = () =>
        predictProject({
          ...{ text, dockerfile, request, sha256, defaultPlatform: hostPlatform() },
          ...evidenceParts(evidence),
          baseline: args.baseline,
          ...outside,
          downgrades,
          context: {
            path: context,
            tree: index.tree,
            patterns: rules.patterns,
            problems: [...rules.problems, ...index.problems],
            others: others.known,
          },
        });
      all.push(await readUntilCertain(make, index, others));
    }
    this.made = { evidence, all };
    this.patterns = rules.patterns;
    return { predictions: all.map(({ prediction }) => prediction), evidence };
  }

  /** Keeps what was read, and what was predicted until a build shows whether it was right. */
  async remember(): Promise<void> {
    const { made, index, folder, context, patterns } = this;
    if (made === undefined) return;
    // a run that finds nothing new ends with its answer
    if (index.hasNews) {
      const taken = new Set(made.all.flatMap((one) => [...(one.context?.taken() ?? [])]));
      await index.readAhead(taken, READ_AHEAD, undefined, READ_AHEAD_TIME);
    }
    await index.save();
    await tellLedger(folder, { result: made.evidence, context, tree: index.tree, patterns, made: made.all });
  }

  close(): void {
    this.source.close();
    this.pool.dispose();
  }
}

/** Predicts again as long as there are files to be read that make the answer certain. */
export async function readUntilCertain(
  make: () => ProjectPrediction,
  index: ContextIndex,
  others: OtherContexts,
): Promise<ProjectPrediction> {
  let made = make();
  for (let round = 1; round <= ROUNDS; round++) {
    if (made.context === undefined) break;
    const { wanted, wantedContexts, headers, digests } = made.context;
    const news = await others.load(wantedContexts);
    if (wanted.size === 0 && digests.length === 0 && !news) break;
    await index.read(wanted, undefined, headers);
    await index.digest(digests);
    made = make();
  }
  return made;
}

export function contextFolder(path: string): string {
  try {
    const real = realpathSync(resolve(path));
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    throw new UsageError(`the build context ${path} cannot be read (${code(error)})`);
  }
  throw new UsageError(`the build context ${path} is not a folder`);
}

export function findDockerfile(file: string | undefined, context: string): string {
  if (file !== undefined) return resolve(file);
  const usual = join(context, 'Dockerfile');
  // the builder takes this name as well (frontend/dockerui/config.go ReadEntrypoint)
  const lower = join(context, 'dockerfile');
  return !existsSync(usual) && existsSync(lower) ? lower : usual;
}

export function readDockerfile(path: string): string {
  try {
    // a pipe that nobody writes to would be waited for; what a shell hands over is written to
    const isKept = statSync(path).isFIFO() && !/^\/(?:dev|proc)\//.test(path);
    if (!isKept) return readFileSync(path, 'utf8');
  } catch (error) {
    const hint = existsSync(path) ? '' : '. Name another one with -f';
    throw new UsageError(`the Dockerfile ${path} cannot be read (${code(error)})${hint}`);
  }
  throw new UsageError(`the Dockerfile ${path} is a pipe. Name a file with -f`);
}

function code(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** One request for each platform that was asked for. */
export function requestsOf(args: PredictArguments): BuildRequest[] {
  const { target, buildArgs, noCache, noCacheFilter, network, addHosts, ulimits, shmSize, cgroupParent } = args;
  const { pull, buildContexts, cacheFrom } = args;
  const common: BuildRequest = {
    ...{ target, buildArgs, noCache, noCacheFilter, network, addHosts, ulimits, shmSize, cgroupParent },
    ...{ pull, buildContexts, cacheFrom, uncoveredOptions: args.uncoveredOptions },
  };
  if (args.platforms.length === 0) return [common];
  return args.platforms.map((platform) => ({ ...common, platform }));
}

/** @param chainText the text that names the images for builders whose images are their cache */
export async function loadEvidence(
  args: PredictArguments,
  text: string,
  requests: readonly BuildRequest[],
  source: EvidenceSource,
  chainText = text,
): Promise<EvidenceResult> {
  if (args.engine === 'none') return without('unsupported', 'No engine was asked: --engine none.');
  if (args.baseline === 'none') return without('unsupported', 'No earlier build counts: --baseline none.');
  const caches = args.askNetwork ? cacheImages(args.cacheFrom) : [];
  return source.load((known) => [
    ...requests.flatMap((request) =>
      imagesOf(known.kind === 'buildkit' ? text : chainText, request, hostPlatform(), known),
    ),
    ...caches,
  ]);
}

function without(failure: EngineFailure['code'], message: string): EvidenceResult {
  const builder: BuilderInfo = { kind: 'none', name: '', engineVersion: null, buildkitVersion: null };
  return { kind: 'none', failure: { code: failure, message }, builder };
}

function print(predictions: readonly Prediction[], args: PredictArguments): string {
  if (args.json) {
    const [only] = predictions;
    return `${JSON.stringify(predictions.length === 1 ? only : predictions, null, 2)}\n`;
  }
  const color = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  // 80 columns unless a terminal says otherwise
  const width = process.stdout.isTTY ? process.stdout.columns : 80;
  return predictions.map((prediction) => renderPrediction(prediction, { color, width })).join('\n');
}

function exitCode(predictions: readonly Prediction[]): number {
  if (predictions.some(stopsTheBuild)) return 1;
  const all = predictions.map(({ summary }) => summary);
  if (all.some(({ rebuild, fails }) => rebuild + fails > 0)) return 1;
  return all.some(({ mayHit, unknown }) => mayHit + unknown > 0) ? 3 : 0;
}
