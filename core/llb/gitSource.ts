import type { OpaqueOp, RemoteOp } from './op';

/** The full name of a commit, as the builder accepts it (util/gitutil/git_commit.go IsCommitSHA). */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * A git repository. The full name of a commit is all that its key has of it, and then nobody is asked; otherwise every
 * build asks the server which commit it is (source/git/source.go CacheKey).
 *
 * @param identifier `git://HOST/PATH[#REF[:FOLDER]]`, whatever the protocol (client/llb/source.go Git).
 */
export function gitSource(identifier: string, keepGitDir: boolean, checksum: string): RemoteOp | OpaqueOp {
  const [, ref = '', colonFolder] = /#([^:]*)(:.*)?$/.exec(identifier) ?? [];
  const commit = COMMIT.test(checksum) && !keepGitDir ? checksum : COMMIT.test(ref) ? ref : undefined;
  if (commit === undefined || colonFolder !== undefined) {
    const text = identifier;
    if (!/^git:\/\/[^/#]+\/./.test(identifier)) return { kind: 'opaque', text };
    const folder = colonFolder === undefined ? {} : { folder: colonFolder.slice(1) };
    return { kind: 'opaque', text, git: { ref, ...folder, keepGitDir, checksum } };
  }
  return { kind: 'remote', url: identifier, filename: keepGitDir ? '.git' : '', checksum: commit };
}

/** The same of a URL of ADD without further options in it (dockerfile2llb/convert.go dispatchCopy). */
export function gitUrlSource(url: string, keepGitDir: boolean, checksum: string): RemoteOp | OpaqueOp {
  const [, remote = '', address, fragment = ''] =
    /^((?:https?|git|ssh):\/\/([^/?#@]+\/[^?#%]*))(#.*)?$/i.exec(url) ?? [];
  if (address === undefined) return { kind: 'opaque', text: url };
  const source = gitSource(`git://${address}${fragment}`, keepGitDir, checksum);
  if (source.kind === 'remote' || source.git === undefined) return source;
  return { ...source, git: { ...source.git, url: remote } };
}
