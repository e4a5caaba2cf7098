import { devNull, tmpdir } from 'node:os';
import type { GitCommit, WantedCommit } from '../../evidence/remotes';
import { runCommand } from '../engines/command';
import { NetworkFailure } from './http';

/** Milliseconds for one question. */
const PATIENCE = 20_000;
const URLS = /^(?:https?|ssh|git):\/\//i;
/** A name that a server may have (git-check-ref-format): above all none that looks like an option. */
const REF = /^(?!-)[^\s~^:?*[\\\p{Cc}]+$/u;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Asks a git server which commit a name is. Nobody is asked for a password, and the user's own configuration does not
 * count: the builder has none either.
 *
 * @throws {NetworkFailure} in words for people.
 */
export async function askCommit(
  { url, ref }: WantedCommit,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<GitCommit> {
  if (!URLS.test(url) || (ref !== '' && !REF.test(ref))) throw new NetworkFailure('this address is not asked');
  if (ref === '') {
    const output = await listRemote(['--symref', '--', url, 'HEAD'], env, signal);
    const branch = /^ref: (\S+)\s+HEAD$/m.exec(output)?.[1];
    if (branch === undefined) throw new NetworkFailure('the git server names no default branch');
    // the builder asks again with that name (source/git/source.go getDefaultBranch)
    return askCommit({ url, ref: branch }, env, signal);
  }
  const found = commitOf(ref, await listRemote(['--', url, ref, `${ref}^{}`], env, signal));
  if (found === undefined) throw new NetworkFailure(`the git server has no ${ref}`);
  return found;
}

/** Chooses among the names that a server lists (source/git/source.go CacheKey): a branch goes before a tag. */
export function commitOf(ref: string, output: string): GitCommit | undefined {
  const listed = new Map(
    output.split('\n').map((line): [string, string] => [line.split('\t')[1] ?? '', line.split('\t')[0] ?? '']),
  );
  const at = (name: string): string | undefined => {
    const commit = listed.get(name) ?? '';
    return COMMIT.test(commit) ? commit : undefined;
  };
  const whole = `refs/${ref.replace(/^refs\//, '')}`;
  const head = `refs/heads/${ref.replace(/^refs\/heads\//, '')}`;
  const tag = `refs/tags/${ref.replace(/^refs\/tags\//, '')}`;
  const named = (whole === head || whole === tag ? undefined : at(whole)) ?? at(head);
  if (named !== undefined) return { commit: named, annotated: false };
  // of an annotated tag the commit behind it is listed last, and the last one counts
  const peeled = at(`${tag}^{}`);
  const commit = peeled ?? at(tag);
  return commit === undefined ? undefined : { commit, annotated: peeled !== undefined };
}

async function listRemote(args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  try {
    return await runCommand({
      program: 'git',
      args: ['-C', tmpdir(), '-c', 'credential.helper=', '-c', 'core.askPass=', 'ls-remote', ...args],
      env: {
        ...env,
        GIT_TERMINAL_PROMPT: '0',
        GIT_ASKPASS: 'true',
        SSH_ASKPASS: 'true',
        GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=10',
        GIT_ALLOW_PROTOCOL: 'https:http:ssh:git',
        GIT_CONFIG_GLOBAL: devNull,
        GIT_CONFIG_NOSYSTEM: '1',
        LC_ALL: 'C',
      },
      signal,
      patience: PATIENCE,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new NetworkFailure(explain(error));
  }
}

/** Without the words of the server, which may be anything. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'there is no git program here';
  if (/could not read Username|Authentication failed|Permission denied|terminal prompts disabled/i.test(message)) {
    return 'the git server wants credentials';
  }
  if (/Could not resolve host/i.test(message)) return 'the name of the git server is not known';
  if (/not found|does not appear to be a git repository/i.test(message)) return 'the git server has no such repository';
  if (/did not end within/.test(message)) return 'the git server did not answer in time';
  return 'the git server gives no answer';
}
