import type { ContextTree } from '../context/tree';
import { MAX_REASON_FILES, type FileChange, type Reason } from '../model';
import { hasCommand, type ClassicEvidence, type ClassicImage, type ImageChildren } from './imageStore';
import type { ClassicProbe } from './probe';
import { sameConfig, sameList, type StepConfig } from './stepConfig';

export interface CauseScope {
  readonly children: ImageChildren;
  readonly evidence: ClassicEvidence;
  readonly tree: ContextTree | undefined;
}

/** Says why nothing that is kept fits a step, by what comes nearest to it. */
export function missReason(
  line: number,
  probe: ClassicProbe | undefined,
  parents: readonly string[],
  scope: CauseScope,
): Reason {
  const siblings = parents.flatMap((parent) => scope.children.of(parent));
  if (probe === undefined || siblings.length === 0) {
    return { code: 'never-built', message: 'no image is kept of this step on this parent', causeLine: line };
  }
  const { copy } = probe;
  const anyHash = copy === undefined ? undefined : siblings.find((one) => hasCommand(one, probe, undefined));
  if (anyHash !== undefined && sameConfig(anyHash.stepConfig, probe.config)) {
    return filesReason(line, writtenSince(anyHash, scope));
  }
  const sameCommand = siblings.find((one) => hasCommand(one, probe, undefined));
  if (sameCommand !== undefined) return configReason(line, probe.config, sameCommand.stepConfig);
  const argument = siblings.map((one) => argumentChange(probe, one)).find((name) => name !== undefined);
  if (argument !== undefined) {
    return { code: 'argument-changed', message: `build argument ${argument} has another value`, causeLine: line };
  }
  return {
    code: 'instruction-changed',
    message: 'the instruction is another one than in earlier builds',
    causeLine: line,
  };
}

function filesReason(line: number, files: readonly FileChange[]): Reason {
  const [first] = files;
  const more = files.length > 1 ? `, and ${files.length - 1} more` : '';
  const message =
    first === undefined ? 'its files are others than before' : `${first.path} was written since the last build${more}`;
  return {
    ...{ code: 'file-changed', message, causeLine: line },
    ...(files.length === 0 ? {} : { files: files.slice(0, MAX_REASON_FILES) }),
    ...(files.length > MAX_REASON_FILES ? { fileCount: files.length } : {}),
  };
}

/** Files that changed after an image was made; which of them the image holds, its history does not tell. */
function writtenSince({ created }: ClassicImage, { tree, evidence }: CauseScope): FileChange[] {
  if (tree === undefined) return [];
  const made = Number(created / 1_000_000n) - evidence.clockOffset + evidence.clockMargin;
  const changes: FileChange[] = [];
  for (const node of tree.nodes()) {
    const { entry } = node;
    if (entry === undefined || entry.type === 'dir' || entry.ctime <= made) continue;
    const before = node.versions.findLast(({ ctime }) => ctime <= made);
    const change = before !== undefined && before.mode !== entry.mode ? 'mode' : 'content';
    changes.push({ path: node.path, change });
  }
  return changes;
}

function configReason(line: number, now: StepConfig, before: StepConfig): Reason {
  if (!sameList(now.env, before.env)) {
    const old = new Set(before.env);
    const name = now.env.find((one) => !old.has(one))?.split('=', 1)[0];
    const message = name === undefined ? 'the environment is another one' : `${name} is another one in the environment`;
    return { code: 'environment-changed', message, causeLine: line };
  }
  const part =
    now.workingDir !== before.workingDir
      ? 'the working directory'
      : now.user !== before.user
        ? 'the user'
        : 'the image';
  return { code: 'instruction-changed', message: `${part} is configured in another way`, causeLine: line };
}

/** The argument that makes the difference between two RUN of the same command. */
function argumentChange({ command, copy }: ClassicProbe, image: ClassicImage): string | undefined {
  if (copy !== undefined || image.command === undefined) return undefined;
  const [now, before] = [splitArguments(command), splitArguments(image.command)];
  if (!sameList(now.rest, before.rest)) return undefined;
  const changed =
    now.values.find((one) => !before.values.includes(one)) ?? before.values.find((one) => !now.values.includes(one));
  return changed?.split('=', 1)[0];
}

/** The arguments before the command of a RUN, and that. */
export function splitArguments(command: readonly string[]): { values: readonly string[]; rest: readonly string[] } {
  const [, count] = /^\|(\d+)$/.exec(command[0] ?? '') ?? [];
  if (count === undefined) return { values: [], rest: command };
  const end = Number(count) + 1;
  return { values: command.slice(1, end), rest: command.slice(end) };
}
