import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chainDependences } from './chainDependence.js';
import { readClassicLog, type ClassicStep } from './classicLog.js';
import {
  findStage,
  readDockerfileLines,
  type DockerfileLines,
  type InstructionLines,
  type StageLines,
} from './dockerfileLines.js';
import { imageSizes, removeImages } from './images.js';
import { judgeImageSteps, type FoundStep, type FoundSteps, type FoundTrigger } from './imageSteps.js';
import type { BuildOptions, JudgeReport } from './judge.js';
import { asArray, parseJson } from './json.js';
import { run, type Finished } from './run.js';

/** The arguments of the real build, without a name for the image. */
export function classicArguments(options: BuildOptions): string[] {
  const args = ['build', '--file', options.dockerfile ?? join(options.context, 'Dockerfile')];
  if (options.target !== undefined) args.push('--target', options.target);
  for (const [name, value] of Object.entries(options.buildArgs ?? {})) args.push('--build-arg', `${name}=${value}`);
  if (options.noCache === true) args.push('--no-cache');
  args.push(...(options.extraArgs ?? []), options.context);
  return args;
}

/**
 * Builds a Dockerfile for real with the classic builder of the engine that the environment names, and says for every
 * instruction what the builder did.
 *
 * Its images are its cache: the report lists them, and none is removed.
 *
 * @throws when docker cannot be started, the build exceeds its time, or its log is not understood.
 */
export async function judgeClassicBuild(options: BuildOptions): Promise<JudgeReport> {
  const command = classicArguments(options);
  const file = readDockerfileLines(await readFile(options.dockerfile ?? join(options.context, 'Dockerfile'), 'utf8'));
  const { build, log } = await buildUndisturbed(command, options.timeoutMs ?? 180_000);
  const succeeded = build.code === 0;
  const needed = stageNeeded(file, targetOf(options));
  const error = succeeded ? undefined : (lastLine(build.stderr) ?? 'the build failed silently');
  const found = await findSteps(file, needed, log, error);
  const noCache = options.noCache === true || options.extraArgs?.includes('--no-cache') === true;
  const lines = judgeImageSteps({
    ...{ file, succeeded, found },
    stageNeeded: needed,
    dependences: succeeded ? chainDependences({ file, found, noCache }) : new Map(),
    sizes: succeeded ? await sizesOf(file, found.steps) : new Map(),
  });
  const own = log.filter((step) => step.keyword !== 'FROM' || step.triggers !== undefined);
  const final = /^Successfully built ([0-9a-f]+)$/m.exec(build.stdout)?.[1];
  const leftovers = [...own.map((step) => step.image), final].filter((id) => id !== undefined);
  return {
    ...{ succeeded, error, lines, ref: undefined, image: final, wallMs: build.wallMs, command },
    ...{ rawProgress: build.stdout, everyInstruction: true, leftovers: [...new Set(leftovers)] },
  };
}

/** Also when it is among the further arguments. */
export function targetOf({ target, extraArgs = [] }: BuildOptions): string | undefined {
  const place = extraArgs.indexOf('--target');
  return target ?? (place < 0 ? undefined : extraArgs[place + 1]);
}

interface Undisturbed {
  readonly build: Finished;
  readonly log: readonly ClassicStep[];
}

/**
 * Looking for a cached step, the builder reads all images on the same base, and the build ends when another process
 * removes one of them at that moment. Then it goes on where it ended: what had been done by then counts.
 */
async function buildUndisturbed(command: readonly string[], timeoutMs: number): Promise<Undisturbed> {
  const done = new Map<number, ClassicStep>();
  for (let attempt = 1; ; attempt++) {
    const build = await run('docker', command, { env: { DOCKER_BUILDKIT: '0' }, timeoutMs });
    if (build.timedOut) throw new Error(`the build did not end in time: docker ${command.join(' ')}`);
    const log = readClassicLog(build.stdout).map((step) => done.get(step.number) ?? step);
    const disturbed = build.code !== 0 && /unable to find image "sha256:/.test(build.stderr);
    if (!disturbed || attempt === 10) return { build, log };
    for (const step of log.slice(0, -1)) done.set(step.number, step);
  }
}

/** Removes images that classic builds left; the base images that they stand on have names and stay. */
export const removeClassicImages = (leftovers: readonly string[]): Promise<void> => removeImages('docker', leftovers);

export function lastLine(text: string): string | undefined {
  return text.split('\n').findLast((line) => line.trim() !== '');
}

/** The classic builder builds every stage up to the target, whether it is used or not. */
function stageNeeded(file: DockerfileLines, target: string | undefined): (stageIndex: number) => boolean | undefined {
  const goal =
    target === undefined ? file.stages.at(-1) : file.stages.findLast((stage) => stage.name === target.toLowerCase());
  return (stageIndex) => (goal === undefined ? undefined : stageIndex <= goal.index);
}

/** The log numbers the instructions up to the target; what options add (LABEL of --label) comes after them. */
async function findSteps(
  file: DockerfileLines,
  needed: (stageIndex: number) => boolean | undefined,
  log: readonly ClassicStep[],
  error: string | undefined,
): Promise<FoundSteps> {
  const steps = new Map<InstructionLines, FoundStep>();
  const triggers = new Map<InstructionLines, readonly FoundTrigger[]>();
  // this ends the build before the step is announced
  const unannounced = error?.includes('stage name already used') === true ? file.instructions[log.length] : undefined;
  if (unannounced?.keyword === 'FROM') steps.set(unannounced, { outcome: 'failed', image: undefined });
  for (const step of log) {
    const instruction = file.instructions[step.number - 1];
    if (instruction === undefined || (instruction.stageIndex >= 0 && needed(instruction.stageIndex) !== true)) continue;
    if (instruction.keyword !== step.keyword)
      throw new Error(`step ${step.number} is ${step.keyword}, but the file has ${instruction.keyword}`);
    const failed = error !== undefined && unannounced === undefined && step === log.at(-1);
    steps.set(instruction, {
      outcome: failed ? 'failed' : step.cached ? 'cached' : 'executed',
      image: failed ? undefined : step.image,
    });
    if (step.triggers) triggers.set(instruction, await findTriggers(file, instruction, step, failed));
  }
  return { steps, triggers };
}

/** Only the image after the last trigger is printed. */
async function findTriggers(
  file: DockerfileLines,
  from: InstructionLines,
  step: ClassicStep,
  failed: boolean,
): Promise<FoundTrigger[]> {
  const { count, cached } = step.triggers ?? { count: 0, cached: 0 };
  const stage = file.stages[from.stageIndex];
  const texts = stage ? await triggerTexts(file, stage) : [];
  return Array.from({ length: count }, (_, index) => ({
    outcome: index < cached ? 'cached' : failed ? 'unknown' : 'executed',
    image: index === count - 1 && !failed ? step.image : undefined,
    instruction: readDockerfileLines(texts[index] ?? '').instructions[0],
  }));
}

async function triggerTexts(file: DockerfileLines, stage: StageLines): Promise<readonly string[]> {
  const base = findStage(file, stage.base, stage.index);
  if (base) return base.instructions.filter((one) => one.keyword === 'ONBUILD').map((one) => one.rest);
  if (stage.base.includes('$')) return [];
  const format = '{{json .Config.OnBuild}}';
  const inspected = await run('docker', ['image', 'inspect', '--format', format, stage.base], { timeoutMs: 30_000 });
  return asArray(parseJson(inspected.stdout)).filter((one): one is string => typeof one === 'string');
}

/** Bytes of the layers, by image, from the history of the last image of each stage. */
async function sizesOf(
  file: DockerfileLines,
  steps: ReadonlyMap<InstructionLines, FoundStep>,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const stage of file.stages) {
    const images = stage.instructions.flatMap((one) => steps.get(one)?.image ?? []);
    const head = images.at(-1);
    if (head === undefined || images.every((image) => sizes.has(image))) continue;
    for (const [id, bytes] of (await imageSizes(head)) ?? []) sizes.set(id, bytes);
  }
  return sizes;
}
