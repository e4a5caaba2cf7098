import { setTimeout as sleep } from 'node:timers/promises';
import { descendants, signalAll, type RunningProcess } from './processTree';

/**
 * The processes that Buildah runs the command of a RUN through (buildah run_common.go, chroot/run_common.go). One that
 * is told to stop ends the command, whereupon the build fails and takes its working container away. Podman itself, told
 * to stop, may leave both behind.
 */
const RUNS_COMMANDS = /^buildah-(?:oci|chroot)-runtime$/;

/** How often, and every how many milliseconds, it is looked for a command that is about to begin. */
const ROUNDS = 10;
const PAUSE = 100;

/** The end of a build of Podman that was stopped. */
export interface StoppingBuildah {
  /** Whether a command was told to stop: the build will end by itself. */
  readonly isGentle: boolean;
  /** What was begun and outlived the build ends by force. Call it after the end of Podman. */
  readonly clear: () => Promise<void>;
}

/** Tells the command that a build of Podman runs to stop. Only on Linux: elsewhere Podman builds in a machine of its own. */
export async function stopBuildah(pid: number): Promise<StoppingBuildah> {
  const runsCommands = ({ name }: RunningProcess): boolean => RUNS_COMMANDS.test(name);
  let begun = await descendants(pid);
  // a step that has just been told of may be about to begin its command: Podman would leave that one behind
  for (let round = 0; round < ROUNDS && !begun.some(runsCommands) && isThere(pid); round++) {
    await sleep(PAUSE);
    begun = await descendants(pid);
  }
  const running = begun.filter(runsCommands);
  await signalAll(running, 'SIGTERM');
  return { isGentle: running.length > 0, clear: () => signalAll(begun, 'SIGKILL') };
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
