import { runGit } from './runGit';

/** Commits that are looked at. */
const COMMITS = 50;

/** Files that each of the last commits changed in a folder, relative to it; empty where there is no repository or no git. */
export async function recentChanges(folder: string, env: NodeJS.ProcessEnv): Promise<readonly (readonly string[])[]> {
  try {
    const args = [
      'log',
      `--max-count=${COMMITS}`,
      '--no-merges',
      // a repository may configure a program for it
      '--no-show-signature',
      '--name-only',
      '--no-renames',
      '--relative',
      '-z',
      '--format=%x01',
      '--',
      '.',
    ];
    const printed = (await runGit({ folder, env, args })).toString('utf8');
    return printed
      .split('\u0001')
      .slice(1)
      .map((commit) =>
        commit
          .split('\0')
          .map((path) => path.replace(/^\n/, ''))
          .filter((path) => path !== ''),
      );
  } catch {
    return [];
  }
}
