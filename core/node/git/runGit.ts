import { spawn } from 'node:child_process';

/** Milliseconds that one question to git may take. */
const PATIENCE = 60_000;
/** Bytes of an answer that are kept. */
const MAX_OUTPUT = 512_000_000;
const MAX_ERROR_TEXT = 2000;

/**
 * Nothing that a repository configures is run: no hooks, no file system monitor; nothing is fetched, nobody is asked for
 * a password. Line endings are those of a checkout on Linux.
 */
const SETTINGS = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.autocrlf=false', 'core.eol=lf'];

/** Where git is asked. */
export interface Repository {
  /** Absolute path of a folder in it. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A question to git. */
export interface GitQuestion extends Repository {
  readonly args: readonly string[];
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** What git cannot tell, in its own words. */
export class GitError extends Error {}

/**
 * What git printed, as bytes.
 *
 * @throws GitError when git is not there, does not succeed, or does not end in time.
 */
export function runGit({ folder, args, input, env, signal }: GitQuestion): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settings = SETTINGS.flatMap((one) => ['-c', one]);
    const child = spawn('git', [...settings, ...args], {
      cwd: folder,
      env: { ...env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_ALLOW_PROTOCOL: 'none', LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      signal:
        signal === undefined ? AbortSignal.timeout(PATIENCE) : AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    const parts: Buffer[] = [];
    let length = 0;
    let errorText = '';
    child.stdout.on('data', (part: Buffer) => {
      length += part.length;
      if (length > MAX_OUTPUT) child.kill();
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      if (errorText.length < MAX_ERROR_TEXT) errorText += part.toString('utf8');
    });
    // git may end before it has read everything
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(new GitError(error.code === 'ENOENT' ? 'git is not installed' : `git did not answer: ${error.message}`));
    });
    child.on('close', (code) => {
      if (code === 0 && length <= MAX_OUTPUT) resolve(Buffer.concat(parts));
      else reject(new GitError(errorText.trim().replace(/^fatal: /, '') || `git ${args[0] ?? ''} failed`));
    });
  });
}
