import type { RemoteOp } from './op';

/**
 * Text that two files from the network share when what a step takes of them is the same: of its key
 * (source/http/source.go formatCacheKey) only name and digest are content, and steps take files by their content.
 */
export function fileKey(filename: string, digest: string): string {
  return `file ${filename} ${digest}`;
}

/**
 * Text that two git sources share when their cache keys are equal (source/git/source.go shaToCacheKey): the address is
 * not in it. With `.git` kept, only a commit that was named by itself is covered: a branch or tag would count as well.
 */
export function commitKey(commit: string, keepGitDir: boolean): string {
  return `git ${commit}${keepGitDir ? '.git' : ''}`;
}

/** The key of a source whose content a checksum says; undefined without one. */
export function pinnedKey({ url, filename, checksum }: RemoteOp): string | undefined {
  if (checksum === '') return undefined;
  return url.startsWith('git://') ? commitKey(checksum, filename === '.git') : fileKey(filename, checksum);
}
