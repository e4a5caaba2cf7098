import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBuildahLog, type BuildahStep } from './buildahLog.js';
import { chainDependences } from './chainDependence.js';
import { classicArguments, lastLine, targetOf } from './classic.js';
import { neededStages, readDockerfileLines, type DockerfileLines, type InstructionLines } from './dockerfileLines.js';
import { removeImages } from './images.js';
import { judgeImageSteps, type FoundStep, type FoundSteps, type FoundTrigger } from './imageSteps.js';
import type { BuildOptions, JudgeReport } from './judge.js';
import { run } from './run.js';

/** Podman's program; test/hosts/podman.sh makes one that leads to a Podman of its own. */
export function podmanProgram(): string {
  return process.env['LAYER_INSIGHT_PODMAN_PROGRAM'] ?? 'podman';
}

/**
 * Builds a Dockerfile for real with Podman (which has Buildah inside) and says for every instruction what it did.
 *
 * Its images are its cache: the report lists them, and none is removed. There are no layer bytes: Podman's history shows
 * the bytes of the layer as an archive.
 *
 * @throws when Podman cannot be started, the build exceeds its time, or its log is not understood.
 */
export async function judgeBuildahBuild(options: BuildOptions): Promise<JudgeReport> {
  const [verb = 'build', ...more] = classicArguments(options);
  const command = [verb, '--layers', ...more];
  const file = readDockerfileLines(await readFile(options.dockerfile ?? join(options.context, 'Dockerfile'), 'utf8'));
  const build = await run(podmanProgram(), command, { timeoutMs: options.timeoutMs ?? 180_000 });
  if (build.timedOut) throw new Error(`the build did not end in time: podman ${command.join(' ')}`);
  const succeeded = build.code === 0;
  const log = readBuildahLog(build.stdout);
  const labelled = command.some((one) => /^--label(?:=|$)/.test(one));
  const found = findSteps(file, log, succeeded, labelled);
  const noCache = options.noCache === true || command.includes('--no-cache');
  const printed = new Set(log.map((step) => step.stage - 1));
  const needed = neededStages(file, targetOf(options));
  const lines = judgeImageSteps({
    ...{ file, succeeded, found },
    // it prints the steps of the stages that are used; one that failed did not come to all of them
    stageNeeded: (stage) => printed.has(stage) || (succeeded ? false : needed?.has(stage)),
    dependences: succeeded ? chainDependences({ file, found, noCache, looksUpOwners: true }) : new Map(),
    sizes: new Map(),
  });
  const final = succeeded ? /^[0-9a-f]{64}$/.exec(lastLine(build.stdout) ?? '')?.[0].slice(0, 12) : undefined;
  const leftovers = [...log.map((step) => step.image), final].filter((id) => id !== undefined);
  // it gives up when an image of another build is removed while it looks through all of them
  // (Buildah imagebuildah/stage_executor.go intermediateImageExists)
  const disturbed = succeeded ? undefined : /getting top layer info:.* not known/.exec(build.stderr)?.[0];
  const error = succeeded ? undefined : (lastLine(build.stderr) ?? 'the build failed silently');
  return {
    ...{ succeeded, error, disturbed, lines, ref: undefined, image: final, wallMs: build.wallMs, command },
    ...{ rawProgress: build.stdout, everyInstruction: true, leftovers: [...new Set(leftovers)] },
  };
}

/** Removes images that builds left; the base images that they stand on have names and stay. */
export const removeBuildahImages = (leftovers: readonly string[]): Promise<void> =>
  removeImages(podmanProgram(), leftovers);

/**
 * The log numbers the steps of each stage: FROM, ENV of --env, triggers of ONBUILD of its image (an image in the format
 * of OCI has none, so a stage of the same build has none), the other instructions, and in the last stage LABEL of --label.
 */
function findSteps(
  file: DockerfileLines,
  log: readonly BuildahStep[],
  succeeded: boolean,
  labelled: boolean,
): FoundSteps {
  const steps = new Map<InstructionLines, FoundStep>();
  const triggers = new Map<InstructionLines, readonly FoundTrigger[]>();
  const result = (step: BuildahStep): FoundStep => {
    const failed = !succeeded && step === log.at(-1);
    return {
      outcome: failed ? 'failed' : step.cached ? 'cached' : 'executed',
      image: failed ? undefined : step.image,
    };
  };
  const lastStage = log.at(-1)?.stage;
  for (const stage of file.stages) {
    const own = log.filter((step) => step.stage === stage.index + 1);
    const [from, second] = own;
    const fromLine = stage.instructions[0];
    if (from === undefined || fromLine === undefined) continue;
    steps.set(fromLine, result(from));
    const triggered = (second?.total ?? from.total) - from.total;
    const label = labelled && succeeded && stage.index + 1 === lastStage ? 1 : 0;
    const added = succeeded ? from.total - stage.instructions.length - label : 0;
    const ran = own.slice(1 + added, 1 + added + triggered);
    if (triggered > 0)
      triggers.set(
        fromLine,
        ran.map((step) => ({ ...result(step), instruction: textOf(step) })),
      );
    for (const [index, instruction] of stage.instructions.slice(1).entries()) {
      const step = own[1 + added + triggered + index];
      if (step === undefined) continue;
      if (step.keyword !== instruction.keyword)
        throw new Error(`${stage.index}: step ${step.number} is ${step.keyword}, not ${instruction.keyword}`);
      steps.set(instruction, result(step));
    }
  }
  return { steps, triggers };
}

function textOf(step: BuildahStep): InstructionLines | undefined {
  return readDockerfileLines(`${step.keyword} ${step.rest}`).instructions[0];
}
