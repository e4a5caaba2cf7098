import { setTimeout as sleep } from 'node:timers/promises';
import type { BuilderCommand, BuildxProgress } from '../../build/command';
import { compareWithPrediction, renderReport, summaryOf } from '../../build/compareBuild';
import { BuildFollower, type BuilderExit } from '../../build/follow';
import { formatBytes, type LiveBuild, type Prediction } from '../../model';
import { buildxProgress } from '../build/buildxProgress';
import { logDecoder } from '../build/logDecoder';
import { runBuild } from '../build/runBuild';
import type { WantedBuilder } from '../engines/builderKind';
import { UsageError, type BuildArguments, type PredictArguments } from './args';
import { PredictionRun } from './predict';

/** Milliseconds between two pieces of text for who reads along. */
const PRINT_EVERY = 50;
/** What a shell says of a program that somebody stopped by Ctrl+C. */
const INTERRUPTED = 130;
const FAILED = 1;
/** Milliseconds until a build that is not written down completely is asked for again, and how often. */
const UNSETTLED_RETRY = 400;
const ROUNDS = 12;

/**
 * Runs `layer-insight build`: predicts, lets the user's own builder build, and says how both compare. The ledger learns of
 * it as of any other build. Returns the exit code of the builder.
 */
export async function runBuildCommand({ request, passed, quiet, hidden }: BuildArguments): Promise<number> {
  const { builder, prediction } = await lookBefore(request);
  const progress = builder === 'buildkit' ? await buildxProgress('docker', process.env) : undefined;
  const follower = new BuildFollower({
    ...{ builder, prediction, now: Date.now, progress },
    color: process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    decoder: logDecoder,
    hidden,
  });
  const exit = await build(commandFor(builder, passed, progress), follower, quiet);
  // who stopped it wants to be gone
  const after = exit.canceled ? undefined : await lookAfter(request);
  print(follower.live, prediction, after, { json: request.json, quiet });
  return exit.canceled ? INTERRUPTED : (exit.code ?? FAILED);
}

interface LookedBefore {
  readonly builder: WantedBuilder;
  readonly prediction: Prediction;
}

/** Nothing stays connected while the builder works: what interrupts it interrupts all programs of a terminal. */
async function lookBefore(request: PredictArguments): Promise<LookedBefore> {
  const run = new PredictionRun(request);
  try {
    const builder = await run.family();
    const { predictions, evidence } = await run.predict();
    if (evidence.kind === 'none') process.stderr.write(`${evidence.failure.message}\n`);
    await run.remember();
    const [prediction] = predictions;
    if (prediction === undefined) throw new UsageError('--platform names no platform');
    if (predictions.length > 1) process.stderr.write(`Compared is what is built for ${prediction.platform}.\n`);
    return { builder, prediction };
  } finally {
    run.close();
  }
}

/** The prediction after the build: with it the ledger compares, and sizes are known. Nothing here fails a build. */
async function lookAfter(request: PredictArguments): Promise<Prediction | undefined> {
  const run = new PredictionRun(request);
  try {
    for (let round = 1; ; round++) {
      const { predictions, evidence } = await run.predict();
      const isWrittenDown = evidence.kind === 'none' || evidence.settled;
      if (!isWrittenDown && round < ROUNDS) {
        await sleep(UNSETTLED_RETRY);
        continue;
      }
      await run.remember();
      return predictions[0];
    }
  } catch {
    return undefined;
  } finally {
    run.close();
  }
}

/** The user's own command with what makes it tell how far it is. */
function commandFor(
  builder: WantedBuilder,
  passed: readonly string[],
  progress: BuildxProgress = 'rawjson',
): BuilderCommand {
  const shown = '';
  switch (builder) {
    case 'buildkit':
      return {
        ...{ kind: builder, program: 'docker', env: {}, shown },
        args: ['buildx', 'build', `--progress=${progress}`, ...passed],
      };
    case 'classic':
      return {
        ...{ kind: builder, program: 'docker', env: { DOCKER_BUILDKIT: '0' }, shown },
        args: ['build', ...passed],
      };
    case 'buildah':
      return { kind: builder, program: 'podman', args: ['build', ...passed], env: {}, shown };
  }
}

async function build(command: BuilderCommand, follower: BuildFollower, quiet: boolean): Promise<BuilderExit> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  const say = (): void => {
    const text = follower.takeText();
    if (!quiet && text !== '') process.stderr.write(process.stderr.isTTY ? text : text.replaceAll('\r\n', '\n'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const timer = setInterval(say, PRINT_EVERY);
  try {
    const exit = await runBuild(command, {
      ...{ cwd: process.cwd(), env: process.env, signal: stopping.signal },
      onOutput: (stream, chunk) => follower.push(stream, chunk),
    });
    follower.end(exit);
    say();
    return exit;
  } finally {
    clearInterval(timer);
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

interface PrintOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

function print(
  live: LiveBuild,
  before: Prediction,
  after: Prediction | undefined,
  { json, quiet }: PrintOptions,
): void {
  const bytes = (prediction: Prediction | undefined, index: number): number | undefined => {
    const size = prediction?.steps[index]?.size;
    return size?.basis === 'exact' || size?.basis === 'measured' ? (size.bytes ?? undefined) : undefined;
  };
  const comparison = compareWithPrediction(live, before, (index) => ({
    ...{ bytes: bytes(after, index), lastBytes: bytes(before, index) },
  }));
  const { builder, state, exitCode, durationMs, image, error } = live;
  if (json) {
    const summary = summaryOf(comparison, live);
    const document = {
      schemaVersion: 1,
      builder,
      state,
      exitCode,
      durationMs,
      image,
      error,
      summary,
      steps: comparison,
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else if (quiet) {
    if (image !== null) process.stdout.write(`${image}\n`);
    else if (error !== null) process.stderr.write(`${error}\n`);
  } else process.stdout.write(renderReport(comparison, live, (size) => formatBytes(size, 'si')));
}
