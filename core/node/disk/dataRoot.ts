import { readdirSync, readFileSync } from 'node:fs';
import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathHere } from './mounts';

/** Where the engine's data root is on this machine, or why it cannot be read. */
export type FoundRoot =
  | {
      readonly path: string;
      /** What comes before the engine's own paths on this machine; empty: they are the same. */
      readonly prefix: string;
    }
  | { readonly path: undefined; readonly why: string; readonly remedy: string };

/** What has to be known of an engine to find its files. */
export interface RootQuestion {
  /** As the engine tells it. */
  readonly root: string;
  /** What the engine calls itself; it notes the same in its data root. */
  readonly id: string;
  /** Its socket is one of this machine. */
  readonly isLocal: boolean;
  /** Where the user says that it is; undefined: found. */
  readonly given: string | undefined;
}

/**
 * Finds Docker's data root. A socket of this machine may still lead to an engine elsewhere (a tunnel, a virtual machine,
 * a container): a folder is only taken if its note of the engine's name is right.
 */
export async function findDataRoot({ root, id, isLocal, given }: RootQuestion): Promise<FoundRoot> {
  if (given !== undefined) {
    const problem = await whyNot(given, id);
    return problem === undefined
      ? { path: given, prefix: given.endsWith(root) ? given.slice(0, -root.length) : '' }
      : { path: undefined, ...problem };
  }
  if (!isLocal) {
    return {
      ...{ path: undefined, why: 'The engine is on another machine, whose files cannot be read from here.' },
      remedy: 'Run "layer-insight disk" on that machine.',
    };
  }
  const problem = await whyNot(root, id);
  if (problem === undefined) return { path: root, prefix: '' };
  for (const process of engineProcesses()) {
    const seen = join('/proc', process, 'root');
    for (const path of [pathHere(process, root), join(seen, root)]) {
      if (path === undefined || (await whyNot(path, id)) !== undefined) continue;
      return { path, prefix: path.endsWith(root) ? path.slice(0, -root.length) : seen };
    }
  }
  return { path: undefined, ...problem };
}

type Problem = Omit<Extract<FoundRoot, { path: undefined }>, 'path'>;

async function whyNot(path: string, id: string): Promise<Problem | undefined> {
  try {
    await access(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    const isDenied = error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
    if (isDenied) return { why: `The engine's folder ${path} may only be read by root.`, remedy: ASK_AS_ROOT };
    return {
      why: `The engine's folder ${path} is not on this machine: the engine runs in a machine or namespace of its own.`,
      remedy: 'Run "layer-insight disk" where the engine runs, or name the folder with --data-root.',
    };
  }
  const noted = await readFile(join(path, 'engine-id'), 'utf8').catch(() => undefined);
  // engines before 23.0 note it in /etc/docker: their folder is known by its content
  if (
    noted === undefined &&
    (await access(join(path, 'image')).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  if (noted?.trim() === id) return undefined;
  return {
    why: `The folder ${path} of this machine is not this engine's: it has no note of the engine's name.`,
    remedy: 'Run "layer-insight disk" where the engine runs, or name the folder with --data-root.',
  };
}

const ASK_AS_ROOT = 'Run "sudo layer-insight disk", which reads it and changes nothing.';

/** Numbers of processes that are Docker engines and may see another `/` (snap, rootless, namespaces). */
function engineProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name) === 'dockerd');
  } catch {
    return []; // no /proc: not Linux
  }
}

function commandOf(process: string): string {
  try {
    return readFileSync(join('/proc', process, 'comm'), 'utf8').trim();
  } catch {
    return ''; // it has ended
  }
}
