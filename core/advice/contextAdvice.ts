import type { ContextNode } from '../context/tree';
import type { LineRange } from '../model';
import type { Advice, WriteBytes } from './advice';

/** What a build takes from its context. */
export interface AdvisedContext {
  /** Every path that the build takes. */
  readonly taken: Iterable<ContextNode>;
  /** Lines of the instructions that take a path (relative to the context, with `/`). */
  readonly takenBy: (path: string) => readonly LineRange[];
}

/** Folders that hardly any image needs, each with why. */
const BALLAST: Readonly<Record<string, string>> = {
  '.git': 'the history of the repository, which changes with every commit',
  node_modules: 'installed packages, which the build usually installs itself',
  '.venv': 'a Python environment of this machine',
  __pycache__: 'what Python compiled on this machine',
  '.pytest_cache': 'what the tests left',
  '.mypy_cache': 'what the type checker left',
  '.gradle': 'what Gradle keeps on this machine',
  '.terraform': 'what Terraform keeps on this machine',
  '.svn': 'the state of the working copy',
  '.hg': 'the history of the repository',
  '.idea': 'settings of an editor',
  '.vs': 'settings of an editor',
};

/** Advice that follows from what is copied from the build context. `least`: bytes below which nothing is said. */
export function contextAdvice(
  { taken, takenBy }: AdvisedContext,
  least: number,
  write: WriteBytes,
  isVerdictChange: (pattern: string) => string | undefined = () => undefined,
): Advice[] {
  const folders = new Map<string, { bytes: number; files: number; readonly name: string; first: string }>();
  for (const node of taken) {
    if (node.entry?.type !== 'file') continue;
    const { path } = node;
    const ballast = ballastOf(path);
    if (ballast === undefined) continue;
    const sum = folders.get(ballast.folder) ?? { bytes: 0, files: 0, name: ballast.name, first: path };
    sum.bytes += node.entry.size;
    sum.files++;
    folders.set(ballast.folder, sum);
  }
  return [...folders].flatMap(([folder, { bytes, files, name, first }]): Advice[] => {
    const [line, ...others] = takenBy(first);
    if (line === undefined || bytes < least) return [];
    const effect = isVerdictChange(folder);
    return [
      {
        ...{ code: 'context-ballast', line, bytes },
        message:
          `${write(bytes)} in ${files} ${files === 1 ? 'file' : 'files'} of ${folder}/ are copied: ${BALLAST[name] ?? ''}. ` +
          `A change there makes this step rebuild.${effect === undefined ? '' : ` ${effect}`}`,
        related: others.map((other) => ({ line: other, message: 'copied here as well' })),
        edits: [
          { kind: 'ignore', title: `Add ${folder} to the ignore file (it is not in the image then)`, pattern: folder },
        ],
      },
    ];
  });
}

/** The outermost folder of a path that is ballast. */
function ballastOf(path: string): { readonly folder: string; readonly name: string } | undefined {
  const parts = path.split('/');
  const index = parts.slice(0, -1).findIndex((part) => part in BALLAST);
  const name = parts[index];
  return index < 0 || name === undefined ? undefined : { folder: parts.slice(0, index + 1).join('/'), name };
}
