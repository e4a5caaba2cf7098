import { inputUses } from '../../../core/llb/contentInputs';
import { opKey } from '../../../core/llb/opKey';
import type { ExecOp, FileOp, LlbOp } from '../../../core/llb/op';
import { planBuildkit } from '../../../core/plan/buildkit';
import { PLAIN_REQUEST, type ImageInfo, type Plan, type PlanOptions, type PlanStep } from '../../../core/plan/graph';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** An image as the engine would describe it, busybox where nothing else is said. */
export function imageInfo(changes: Partial<ImageInfo> = {}): ImageInfo {
  return {
    chainId: 'sha256:base',
    digests: [],
    env: [PATH],
    workingDir: '/',
    user: '',
    shell: [],
    onbuild: [],
    platform: 'linux/amd64',
    bytes: 4_000_000,
    ...changes,
  };
}

/** What is built: a Dockerfile with options; the engine has every image unless `images` names it as missing. */
export interface Build extends Partial<Omit<PlanOptions, 'buildArgs' | 'image'>> {
  readonly text: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly images?: Readonly<Record<string, Partial<ImageInfo> | null>>;
}

/** A Dockerfile of one stage on busybox. */
export function stage(...lines: readonly string[]): string {
  return ['FROM busybox:1', ...lines, ''].join('\n');
}

export function planOf(build: Build | string): Plan {
  const { text, args, images = {}, ...options } = typeof build === 'string' ? { text: build } : build;
  return planBuildkit(text, {
    ...PLAIN_REQUEST,
    buildPlatform: 'linux/amd64',
    mergesLayers: false,
    frontend: [0, 25],
    ...options,
    buildArgs: new Map(Object.entries(args ?? {})),
    image: (reference) => {
      const info = images[reference];
      return info === null ? undefined : imageInfo(info ?? {});
    },
  });
}

/** The operation of each instruction that has one, in order. */
export function operations(build: Build | string): LlbOp[] {
  const plan = planOf(build);
  return plan.steps.flatMap(({ vertex }) => plan.vertices.filter(({ id }) => id === vertex).map(({ op }) => op));
}

/** The operation of the last RUN. */
export function lastRun(build: Build | string): ExecOp {
  const found = operations(build).findLast((op) => op.kind === 'exec');
  if (found === undefined) throw new Error('the Dockerfile has no RUN');
  return found;
}

/** The operation of the last COPY, ADD or WORKDIR. */
export function lastFileOp(build: Build | string): FileOp {
  const found = operations(build).findLast((op) => op.kind === 'file');
  if (found === undefined) throw new Error('the Dockerfile has no COPY, ADD or WORKDIR');
  return found;
}

/** The environment of the last RUN, without PATH. */
export function runEnvironment(build: Build | string): string[] {
  return lastRun(build).env.filter((variable) => !variable.startsWith('PATH='));
}

/** Why the build stops: the failures of needed steps and the problems of the whole file. */
export function failures(build: Build | string): string[] {
  const plan = planOf(build);
  const failed = plan.steps.flatMap((step) => (step.reachable && step.failure !== undefined ? [step.failure] : []));
  return [...new Set([...plan.problems.map(({ message }) => message), ...failed])];
}

interface Known {
  readonly step: PlanStep;
  readonly key: string;
  readonly executes: boolean;
}

/**
 * What the second of two builds does with each of its steps, as `hit RUN echo 1` or `MISS COPY a /a`, when no file of
 * the build context changes and what a stage makes stays the same. Only the keys decide: not what records are left.
 */
export function secondBuild(first: Build | string, second: Build | string): string[] {
  const stored = new Set(known(planOf(first), undefined).map(({ key }) => key));
  return known(planOf(second), stored).map(({ step, executes }) => `${executes ? 'MISS' : 'hit'} ${step.text}`);
}

function known(plan: Plan, stored: ReadonlySet<string> | undefined): Known[] {
  const keys: string[] = [];
  const executed: boolean[] = [];
  for (const { op, inputs, ignoreCache } of plan.vertices) {
    const uses = inputUses(op, inputs.length);
    const byDefinition = inputs.filter((_, index) => uses[index]?.byContent !== true);
    const parts = inputs.map((input, index) => {
      const isDocument = plan.vertices[input]?.op.kind === 'file' && plan.vertices[input].inputs.length === 0;
      return uses[index]?.byContent === true && !isDocument ? 'content' : keys[input];
    });
    const key = JSON.stringify([opKey(op), parts]);
    const isSource = op.kind !== 'exec' && op.kind !== 'file';
    keys.push(key);
    executed.push(
      !isSource &&
        (ignoreCache || stored?.has(key) === false || byDefinition.some((input) => executed[input] === true)),
    );
  }
  return plan.steps.flatMap((step) => {
    const { vertex } = step;
    if (vertex === undefined || !step.reachable) return [];
    return [{ step, key: keys[vertex] ?? '', executes: executed[vertex] ?? false }];
  });
}
