import { readdir, readFile } from 'node:fs/promises';

/** A process as Linux tells of it; the number alone may be another's later. */
export interface RunningProcess {
  readonly pid: number;
  /** Ticks since the machine began (proc_pid_stat(5), starttime). */
  readonly startedAt: string;
  /** The first word of its command line. */
  readonly name: string;
}

/** All that a process started and that still runs, as deep as it goes; nothing where the system has no `/proc`. */
export async function descendants(root: number): Promise<readonly RunningProcess[]> {
  const names = await readdir('/proc').catch(() => []);
  const all = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => statusOf(Number(name))));
  const children = new Map<number, RunningProcess[]>();
  for (const one of all) {
    if (one !== undefined) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
  }
  const found: RunningProcess[] = [];
  const below = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      below(child.pid);
    }
  };
  below(root);
  return found;
}

/** Sends a signal to those of the processes that are still the same. */
export async function signalAll(processes: readonly RunningProcess[], signal: NodeJS.Signals): Promise<void> {
  for (const { pid, startedAt } of processes) {
    if ((await statusOf(pid))?.startedAt !== startedAt) continue;
    try {
      process.kill(pid, signal);
    } catch {
      // it has just ended by itself, or is not ours
    }
  }
}

async function statusOf(pid: number): Promise<(RunningProcess & { readonly parent: number }) | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // the name in parentheses may have blanks and parentheses itself
    const [, parent, , , , , , , , , , , , , , , , , , startedAt] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (parent === undefined || startedAt === undefined) return undefined;
    const [name = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0', 1);
    return { pid, startedAt, name, parent: Number(parent) };
  } catch {
    return undefined; // it has just ended
  }
}
