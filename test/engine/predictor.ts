import type { Dialect } from '../generator/dialect.js';
import { asArray, asString, at, isObject, parseJson } from '../judge/json.js';
import type { Project } from '../generator/project.js';
import type { PredictorOptions } from './builders.js';
import { runWarm } from './warm.js';

/** One step of a prediction, as `layer-insight predict --json` prints it. */
export interface PredictedStep {
  readonly start: number;
  readonly end: number;
  /** Upper case. */
  readonly instruction: string;
  readonly verdict: Verdict;
  readonly certain: boolean;
  readonly reasonCode: string;
  readonly reason: string;
  readonly bytes: number | null;
  /** The same as the engine counts, where that differs. */
  readonly engineBytes?: number | undefined;
  readonly basis: string;
  readonly onbuild: boolean;
}

export const VERDICTS = ['cached', 'rebuild', 'may-hit', 'unused', 'no-layer', 'fails', 'unknown'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Says what a build of the folder would do, before it is built. */
export interface Predictor {
  /** @returns the steps in file order, or why there is no prediction that can be judged. */
  predict(dir: string, project: Project): Promise<readonly PredictedStep[] | { readonly failure: string }>;
}

function step(value: unknown): PredictedStep | string {
  const verdict = VERDICTS.find((one) => one === at(value, 'verdict'));
  const start = at(value, 'line', 'start');
  const end = at(value, 'line', 'end');
  const instruction = asString(at(value, 'instruction'));
  const certainty = at(value, 'certainty');
  const bytes = at(value, 'size', 'bytes');
  const engineBytes = at(value, 'size', 'engineBytes');
  if (!verdict) return `unknown verdict ${JSON.stringify(at(value, 'verdict'))}`;
  if (typeof start !== 'number' || typeof end !== 'number') return 'no line';
  if (instruction === undefined) return 'no instruction';
  if (certainty !== 'certain' && certainty !== 'likely') return `unknown certainty ${JSON.stringify(certainty)}`;
  if (verdict === 'cached' && certainty !== 'certain') return 'cached is always certain';
  if (bytes !== null && bytes !== undefined && !(typeof bytes === 'number' && Number.isSafeInteger(bytes)))
    return `bytes ${JSON.stringify(bytes)}`;
  return {
    start,
    end,
    instruction: instruction.toUpperCase(),
    verdict,
    certain: certainty === 'certain',
    reasonCode: asString(at(value, 'reason', 'code')) ?? '',
    reason: asString(at(value, 'reason', 'message')) ?? '',
    bytes: bytes ?? null,
    engineBytes: typeof engineBytes === 'number' ? engineBytes : undefined,
    basis: asString(at(value, 'size', 'basis')) ?? 'unknown',
    onbuild: at(value, 'origin') === 'onbuild',
  };
}

/** Reads the JSON of `layer-insight predict --json` and checks it against the contract. */
export function readPrediction(text: string): readonly PredictedStep[] | { readonly failure: string } {
  const document = parseJson(text);
  if (!isObject(document)) return { failure: 'the output is not a JSON object' };
  if (document['schemaVersion'] !== 1) return { failure: 'schemaVersion is not 1' };
  const steps: PredictedStep[] = [];
  for (const value of asArray(document['steps'])) {
    const read = step(value);
    if (typeof read === 'string') return { failure: `a step breaks the contract (${read}): ${JSON.stringify(value)}` };
    steps.push(read);
  }
  return steps;
}

/**
 * The options of a project as docker spells them, for the predictor and the builder alike.
 *
 * @param dir the context; the files of secrets lie beside it (see ProjectFolder).
 */
export function projectArguments(project: Project, dir: string): string[] {
  const { flags } = project;
  const args: string[] = [];
  if (project.target !== undefined) args.push('--target', project.target);
  for (const [name, value] of Object.entries(project.buildArgs)) args.push('--build-arg', `${name}=${value}`);
  if (project.noCache) args.push('--no-cache');
  for (const stage of flags.noCacheFilter) args.push('--no-cache-filter', stage);
  for (const id of Object.keys(flags.secrets)) args.push('--secret', `id=${id},src=${dir}.secrets/${id}`);
  for (const host of flags.addHosts) args.push('--add-host', host);
  for (const limit of flags.ulimits) args.push('--ulimit', limit);
  if (flags.shmSize !== undefined) args.push('--shm-size', flags.shmSize);
  if (flags.network !== undefined) args.push('--network', flags.network);
  return args;
}

/** Options that only the builder knows: they never decide what is cached. */
export function builderArguments(project: Project, dialect: Dialect = 'buildkit'): string[] {
  const args = project.flags.labels.flatMap((label) => ['--label', label]);
  if (dialect === 'buildkit' && project.blocks.some((block) => block.includes('--network=host')))
    args.push('--allow', 'network.host');
  return args;
}

/**
 * The command line program as predictor.
 *
 * @param stateDir its persistent state, so that a run neither sees nor leaves anything in the user's own.
 * @param options lead it to another builder than docker's own.
 */
export function commandLinePredictor(
  cli: string,
  stateDir: string,
  options: PredictorOptions = { args: [], env: {} },
): Predictor {
  return {
    async predict(dir, project) {
      const file = `${dir}/${project.dockerfile}`;
      const args = ['predict', dir, '-f', file, ...projectArguments(project, dir), ...options.args, '--json'];
      const env = { ...options.env, XDG_STATE_HOME: `${stateDir}/state`, XDG_CACHE_HOME: `${stateDir}/cache` };
      const result = await runWarm(cli, args, { env, timeoutMs: 60_000 });
      if (result.timedOut) return { failure: 'predict did not end within 60 s' };
      if (result.code !== 0) return { failure: `predict exited with ${String(result.code)}: ${result.stderr.trim()}` };
      return readPrediction(result.stdout);
    },
  };
}
