import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunOrder } from '../../model';
import { runArguments } from '../../run/runArguments';
import { runCommand } from '../engines/command';
import { ImageError } from '../image/openImage';
import { RUN_PATIENCE } from './containerAccess';

/** The program that runs it, and where. */
export interface Runner {
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Removes a container that was made but did not start; by force never. */
  readonly discard: (id: string) => Promise<void>;
}

/**
 * Runs a container in the background by the engine's own command, which understands ports and mounts as people write
 * them. Gives the id. Both engines leave a container that they could not start; here nobody has a use for it.
 */
export async function runDetached(order: RunOrder, { program, env, signal, discard }: Runner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-insight-run-'));
  const idFile = join(folder, 'id');
  try {
    const { args, env: values } = runArguments({ ...order, detached: true }, [`--cidfile=${idFile}`]);
    try {
      await runCommand({ program, args, env: { ...env, ...values }, signal, patience: RUN_PATIENCE });
    } catch (error) {
      signal.throwIfAborted();
      const made = await idIn(idFile);
      if (made !== '') await discard(made).catch(() => undefined);
      throw new ImageError(wordsOf(error, program, args));
    }
    return await idIn(idFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function idIn(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim();
}

/** What the engine said, without what its command says around it, and without arguments, which may hold values. */
function wordsOf(error: unknown, program: string, args: readonly string[]): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace([program, ...args].join(' '), `${program} run`)
    .replace(/^\s*(?:docker|Error|podman): (?:Error response from daemon: )?/, '')
    .replace(/\n\s*(?:Run|See) '[^']*--help'[^\n]*\s*$/, '')
    .trim();
}
