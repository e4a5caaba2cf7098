import { renderChanges, renderDisk } from '../../disk/diskText';
import { engineDisk } from '../disk/engineDisk';
import type { DiskAccess } from '../disk/diskAccess';
import { UsageError } from './args';
import type { DiskArguments } from './diskArgs';
import { Progress } from './progress';

/** Runs `layer-insight disk` and prints its answer; returns the exit code. */
export async function runDisk(args: DiskArguments): Promise<number> {
  const { engine: wanted, dataRoot } = args;
  const access = await engineDisk({ wanted, program: 'docker', env: process.env, dataRoot });
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  const progress = new Progress('disk');
  try {
    const { document, text } = await answer(access, args, abort.signal, progress.say);
    progress.end();
    process.stdout.write(args.json ? `${JSON.stringify(document, null, 2)}\n` : text);
    return 0;
  } finally {
    progress.end();
    process.removeListener('SIGINT', stop);
  }
}

interface Answer {
  readonly document: object;
  readonly text: string;
}

async function answer(
  access: DiskAccess,
  { changes: container }: DiskArguments,
  signal: AbortSignal,
  onProgress: (what: string) => void,
): Promise<Answer> {
  const width = process.stdout.columns || 100;
  if (container === undefined) {
    const report = await access.measure(signal, onProgress);
    return { document: report, text: renderDisk(report, width) };
  }
  const changes = await access.changes(container, signal);
  if (changes === undefined) throw new UsageError(`The engine has no container ${container}.`);
  return { document: { schemaVersion: 1, container, ...changes }, text: renderChanges(container, changes, width) };
}
