import { SameDirectory } from '../context/sameDirectory';
import type { ContextTree, TimeSpan } from '../context/tree';
import type { PastBuild } from '../evidence/pastBuild';
import { localSpan, type Clock } from './contextTimes';

/** What the ignore patterns in force follow from. */
interface IgnoreFacts extends Clock {
  readonly tree: ContextTree;
  /** Real absolute path of the context. */
  readonly path: string;
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string;
  readonly patterns: readonly string[];
}

/**
 * The ignore patterns of a build that did not note them: those of now, where it was this Dockerfile and the files that
 * they come from did not change since. Undefined when that is not known.
 */
export function patternsAt(facts: IgnoreFacts, build: PastBuild): readonly string[] | undefined {
  const { tree, path, dockerfile, patterns } = facts;
  if (build.dockerfilePath !== dockerfile || build.contextPath !== path || build.contextEnd === undefined)
    return undefined;
  if (!dockerfile.startsWith(`${path}/`)) return undefined;
  const span = localSpan(facts, { start: build.createdAt, end: build.contextEnd });
  const files = [`${dockerfile.slice(path.length + 1)}.dockerignore`, '.dockerignore'];
  return files.every((file) => isUnchanged(tree, file, span)) ? patterns : undefined;
}

/** Is there, or is there not, the same file as then? */
function isUnchanged(tree: ContextTree, file: string, span: TimeSpan): boolean {
  const slash = file.lastIndexOf('/');
  const [folder, name] = [slash < 0 ? '' : file.slice(0, slash), file.slice(slash + 1)];
  const directory = tree.node(folder);
  const directories = new SameDirectory(tree, span);
  if (directory?.entry?.type !== 'dir' || directory.pruned || !directories.isSame(directory)) return false;
  const node = directory.child(name);
  if (node?.entry !== undefined) return node.entry.type === 'file' && directories.unchanged(node);
  if (directories.unchanged(directory)) return true;
  return directory.stateAt(span)?.names?.includes(name) === false;
}
